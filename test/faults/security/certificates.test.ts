import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { TlsError } from '../../../operators/errors.ts';
import { reconnect } from '../../../operators/reconnect.ts';
import { connect } from '../../../src/connection/connect.ts';
import { nodeSocket } from '../../../src/connection/node-socket.ts';
import { folder, rxframe } from '../../cli/run.ts';
import type { Certificate } from '../../connection/certificate.ts';
import { record, States } from '../../connection/record.ts';
import { shown } from '../shown.ts';

const SECRET = 'cafe-certificate-0123456789';
const TOKEN = 'cafe-token-0123456789';

/** Makes certificates with openssl: an authority, one below it, and what both sign. */
class Authority {
  readonly folder = folder();
  readonly root = join(this.folder, 'root.pem');

  constructor() {
    this.#openssl('req', '-x509', ...this.#newKey('root'), '-subj', '/CN=root', '-days', '2', '-out', this.root);
    this.#request('limb', '/CN=limb');
    this.#sign('limb', 'root', 'basicConstraints=critical,CA:TRUE');
    this.#request('leaf', '/CN=leaf');
    this.#sign('leaf', 'root', 'basicConstraints=critical,CA:FALSE');
  }

  /** A certificate for `localhost` with those extensions in place of the usual ones, signed by `by`. */
  issue(
    name: string,
    { by = 'root', subject = '/CN=localhost', extensions = 'subjectAltName=DNS:localhost', days = '2' },
  ) {
    this.#request(name, subject);
    this.#sign(name, by, extensions, days);
    return this.#pair(name, by === 'root' ? [] : [by]);
  }

  selfSigned(name: string): Certificate {
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    this.#openssl('req', '-x509', ...this.#newKey(name), ...names, '-out', this.#file(name, 'pem'));
    return this.#pair(name, []);
  }

  #pair(name: string, chain: readonly string[]): Certificate {
    const read = (file: string) => readFileSync(file, 'utf8');
    const cert = [name, ...chain].map((one) => read(this.#file(one, 'pem'))).join('');
    return { cert, key: read(this.#file(name, 'key')) };
  }

  #request(name: string, subject: string): void {
    this.#openssl('req', '-new', ...this.#newKey(name), '-subj', subject, '-out', this.#file(name, 'csr'));
  }

  #sign(name: string, by: string, extensions: string, days = '2'): void {
    writeFileSync(this.#file(name, 'ext'), extensions.replaceAll(';', '\n'));
    const issuer = ['-CA', this.#file(by, 'pem'), '-CAkey', this.#file(by, 'key'), '-CAcreateserial'];
    const what = ['-in', this.#file(name, 'csr'), '-extfile', this.#file(name, 'ext'), '-days', days];
    this.#openssl('x509', '-req', ...what, ...issuer, '-out', this.#file(name, 'pem'));
  }

  #newKey(name: string): string[] {
    return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', this.#file(name, 'key')];
  }

  #file(name: string, extension: string): string {
    return join(this.folder, `${name}.${extension}`);
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

/** A server that gives tokens and takes WebSockets, over TLS, and the requests that it saw, their headers and bodies. */
interface SecureServer {
  readonly server: Server;
  readonly port: number;
  readonly seen: string[];
}
const servers: Server[] = [];

async function secureServer(certificate: Certificate): Promise<SecureServer> {
  const seen: string[] = [];
  const server = createServer(certificate, (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end(JSON.stringify({ access_token: TOKEN, expires_in: 3600 }));
  });
  server.on('tlsClientError', () => undefined);
  server.on('upgrade', ({ url, headers }) => seen.push(`upgrade ${url} ${headers.authorization}`));
  new WebSocketServer({ server }).on('connection', (webSocket) => webSocket.close(1000));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { server, port: (server.address() as AddressInfo).port, seen };
}

let authority: Authority;
let trusted: SecureServer;

beforeAll(async () => {
  authority = new Authority();
  trusted = await secureServer(authority.issue('good', {}));
});

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** Runs the command line, which trusts the authority, with its token from one server and its stream from another. */
async function listenWith(login: SecureServer, stream: SecureServer) {
  const command = rxframe(['listen', '--max-attempts', '3'], {
    env: {
      NODE_EXTRA_CA_CERTS: authority.root,
      GENESYS_LOGIN_URL: `https://localhost:${login.port}`,
      GENESYS_STREAM_URL: `wss://localhost:${stream.port}/feed`,
      GENESYS_CLIENT_ID: 'id',
      GENESYS_CLIENT_SECRET: SECRET,
    },
  });
  const code = await command.ended;
  const said = command.stdout + command.stderr;
  expect(said).not.toContain(SECRET);
  expect(said).not.toContain(TOKEN);
  return { code, said };
}

const UNVERIFIED: readonly (readonly [what: string, make: () => Certificate, code: string])[] = [
  ['that vouches for itself', () => authority.selfSigned('self'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [
    'for another name',
    () => authority.issue('other', { subject: '/CN=other.example', extensions: 'subjectAltName=DNS:other.example' }),
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  [
    'with the right name in its subject, but another among its names',
    () => authority.issue('subject', { extensions: 'subjectAltName=DNS:other.example' }),
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  [
    'whose name only begins with the right one',
    () => authority.issue('prefix', { subject: '/CN=x', extensions: 'subjectAltName=DNS:localhost.evil.example' }),
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  [
    'for every name there is',
    () => authority.issue('wild', { subject: '/CN=*', extensions: 'subjectAltName=DNS:*,DNS:*.example' }),
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  ['that has expired', () => authority.issue('expired', { days: '-1' }), 'CERT_HAS_EXPIRED'],
  [
    'for clients only',
    () => authority.issue('client', { extensions: 'subjectAltName=DNS:localhost;extendedKeyUsage=clientAuth' }),
    'INVALID_PURPOSE',
  ],
  ['signed by one that may not sign', () => authority.issue('forged', { by: 'leaf' }), 'INVALID_CA|INVALID_PURPOSE'],
  [
    'whose issuer does not come with it',
    () => {
      const { cert, key } = authority.issue('orphan', { by: 'limb' });
      return { cert: cert.slice(0, cert.indexOf('-----END CERTIFICATE-----')) + '-----END CERTIFICATE-----\n', key };
    },
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
];

describe('the stream, where an authority is trusted', () => {
  const streamFrom = ({ port }: SecureServer) => {
    const socket = nodeSocket({ ca: readFileSync(authority.root) });
    const state = new States();
    const url = `wss://localhost:${port}/feed`;
    return { state, ended: record(connect({ url, token: TOKEN, socket, state }).pipe(reconnect({ state }))).ended };
  };

  it.for(UNVERIFIED)('sends no token to a server with a certificate %s', async ([, make, code]) => {
    const server = await secureServer(make());
    const { state, ended } = streamFrom(server);
    const error = await ended;
    expect(error).toBeInstanceOf(TlsError);
    expect((error as TlsError).message).toMatch(new RegExp(`/feed does not verify \\((?:${code})\\)`));
    expect(shown(error)).not.toContain(TOKEN);
    expect(state.statuses).toEqual(['connecting', 'closed', 'failed']);
    expect(server.seen).toEqual([]);
  });

  it('takes what an authority between has signed, and sends the token', async () => {
    const server = await secureServer(authority.issue('below', { by: 'limb' }));
    expect(await streamFrom(server).ended).toBe('complete');
    expect(server.seen).toEqual([`upgrade /feed Bearer ${TOKEN}`]);
  });
});

describe('the command line, where an authority is trusted', { timeout: 60_000 }, () => {
  it('takes what it signed, and sends secret and token', async () => {
    expect(await listenWith(trusted, trusted)).toMatchObject({ code: 0 });
    expect(trusted.seen).toEqual(['POST /oauth/token', `upgrade /feed Bearer ${TOKEN}`]);
  });

  it.for(UNVERIFIED.filter((_, index) => index === 1 || index === 5))(
    'sends no secret to a server with a certificate %s',
    async ([, make, code]) => {
      const server = await secureServer(make());
      const { code: exitCode, said } = await listenWith(server, trusted);
      expect(exitCode).toBe(1);
      expect(said).toMatch(new RegExp(`The certificate of localhost:\\d+ does not verify \\((?:${code})\\)`));
      // Fatal: no second attempt.
      expect(said).not.toContain('waiting');
      expect(server.seen).toEqual([]);
    },
  );
});
