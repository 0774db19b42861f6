import { describe, expect, it } from 'vitest';
import { clientCredentials, type ClientCredentialsOptions } from '../../../src/auth/client-credentials.ts';
import type { ConnectOptions } from '../../../src/connection/connect-options.ts';
import { connect } from '../../../src/connection/connect.ts';
import { frameStream } from '../../../src/frame-stream.ts';
import { give, tokenServer } from '../../auth/token-server.ts';
import { record } from '../../connection/record.ts';
import { switching, tcpServer } from '../../connection/servers.ts';
import { shown } from '../shown.ts';

const SECRET = 'cafe-injection-0123456789';

/** What would end a header, or is no character of one. */
const BREAKS: Record<string, string> = {
  'CR LF': `${SECRET}\r\nX-Injected: yes`,
  LF: `${SECRET}\nX-Injected: yes`,
  CR: `${SECRET}\rX-Injected: yes`,
  'a folded line': `${SECRET}\r\n yes`,
  'the end of the head': `${SECRET}\r\n\r\nGET /injected HTTP/1.1\r\n\r\n`,
  NUL: `${SECRET}\u0000`,
  DEL: `${SECRET}\u007f`,
  'a character beyond Latin-1': `${SECRET}€`,
  'a character whose low byte is LF': `${SECRET}\u010a\u010d`,
  'half a character': `${SECRET}\ud800`,
};

/** Options by which a text gets into the upgrade request, with what follows `SECRET` in the text. */
const WAYS: Record<string, (text: string) => Partial<ConnectOptions>> = {
  'the token': (text) => ({ token: text }),
  'the token of a function': (text) => ({ token: () => text }),
  'the token of a promise': (text) => ({ token: () => Promise.resolve(text) }),
  'the token of a TokenSource': (text) => ({
    token: { token: () => Promise.resolve(text), invalidate: () => undefined },
  }),
  'a header': (text) => ({ headers: { 'x-key': text } }),
  'a header of a function': (text) => ({ headers: () => ({ 'x-key': text }) }),
  'the user agent': (text) => ({ headers: { 'user-agent': text } }),
  'a cookie': (text) => ({ headers: { cookie: text } }),
  'the Authorization header': (text) => ({ headers: { authorization: text } }),
  'a header name': (text) => ({ headers: { [`x-${text}`]: 'yes' } }),
  'a subprotocol': (text) => ({ protocols: text }),
  'one of several subprotocols': (text) => ({ protocols: ['a', text] }),
  'the subprotocol of a function': (text) => ({ protocols: () => text }),
};

const cases = Object.keys(WAYS).flatMap((way) => Object.keys(BREAKS).map((what) => [what, way] as const));

describe('the upgrade request', () => {
  it.for(cases)('is not sent with %s in %s, and the error does not show it', async ([what, way]) => {
    const server = await tcpServer((socket) => socket.end());
    let error: unknown;
    try {
      error = await record(connect({ url: server.url, ...WAYS[way]!(BREAKS[what]!) })).ended;
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).message).toMatch(/token|header|protocols/i);
    // The name of a header is shown: it is none, and no secret.
    if (way !== 'a header name') expect(shown(error)).not.toContain(SECRET);
    expect(server.accepted.items).toEqual([]);
  });

  const inAddress: Record<string, (text: string) => string> = {
    'the path': (text) => `/${text}`,
    'the query': (text) => `/?key=${text}`,
    'the user and the password': (text) => `/${text}`,
  };
  const addresses = Object.keys(inAddress).flatMap((where) =>
    Object.keys(BREAKS).map((what) => [what, where] as const),
  );

  it.for(addresses)('has no other line for %s in %s', async ([what, where]) => {
    const requests: string[] = [];
    const server = await tcpServer((socket, request) => {
      requests.push(request);
      socket.write(switching(request));
      socket.end(Buffer.from([0x88, 2, 3, 0xe8]));
    });
    const url = new URL(server.url.replace('/feed', '') + inAddress[where]!(BREAKS[what]!));
    if (where === 'the user and the password') {
      url.username = BREAKS[what]!;
      url.password = BREAKS[what]!;
      url.pathname = '/feed';
    }
    expect(await record(connect({ url })).ended).toBe('complete');
    expect(requests).toHaveLength(1);
    const lines = requests[0]!.split(/\r\n|\r|\n/);
    expect(lines[0]).toMatch(/^GET \/[\x21-\x7e]* HTTP\/1\.1$/);
    expect(lines.filter((line) => /^(?:x-injected|get \/injected)/i.test(line))).toEqual([]);
    for (const line of lines.slice(1, -2)) expect(line).toMatch(/^[\w-]+: [\x20-\x7e]+$/);
    expect(lines.slice(-2)).toEqual(['', '']);
  });
});

describe('the token request', () => {
  const ways: Record<string, (text: string) => Partial<ClientCredentialsOptions>> = {
    'the client id': (text) => ({ clientId: text }),
    'the client secret': (text) => ({ clientSecret: text }),
    'the client id in the body': (text) => ({ clientId: text, credentialsIn: 'body' }),
    'the client secret in the body': (text) => ({ clientSecret: text, credentialsIn: 'body' }),
  };
  const encoded = Object.keys(ways).flatMap((way) => Object.keys(BREAKS).map((what) => [what, way] as const));

  it.for(encoded)('carries %s in %s encoded, and has no other header for it', async ([what, way]) => {
    const server = await tokenServer((response) => give(response, 200, { access_token: 'abc' }));
    const { loginUrl } = server;
    const text = BREAKS[what]!;
    await clientCredentials({ loginUrl, clientId: 'id', clientSecret: 'secret', ...ways[way]!(text) }).token();
    expect(server.requests).toHaveLength(1);
    const { headers, body } = server.requests[0]!;
    const form = new URLSearchParams(body);
    const basic = Buffer.from(headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString();
    const [id, secret] = basic.split(':').map((half) => new URLSearchParams(`=${half}`).get(''));
    const arrived = way.includes('id') ? (form.get('client_id') ?? id) : (form.get('client_secret') ?? secret);
    // Half a character has no UTF-8.
    expect(arrived).toBe(Buffer.from(text).toString());
    expect(Object.keys(headers).filter((name) => name.includes('inject'))).toEqual([]);
    expect([...form.keys()].sort()).toEqual(
      way.includes('body') ? ['client_id', 'client_secret', 'grant_type', 'scope'] : ['grant_type', 'scope'],
    );
  });

  it.for(Object.keys(BREAKS))('is not made with %s in a scope', async (what) => {
    const server = await tokenServer((response) => give(response, 200, { access_token: 'abc' }));
    const { loginUrl } = server;
    const call = () => clientCredentials({ loginUrl, clientId: 'id', clientSecret: 's', scopes: ['a', BREAKS[what]!] });
    expect(call).toThrow(/^clientCredentials: scopes\[1\] must be a scope/);
    expect(server.requests).toEqual([]);
  });

  it.for(Object.keys(BREAKS))('stays one request to one host with %s in loginUrl', async (what) => {
    const server = await tokenServer((response) => give(response, 200, { access_token: 'abc' }));
    const loginUrl = `${server.loginUrl}/${BREAKS[what]!}`;
    await clientCredentials({ loginUrl, clientId: 'id', clientSecret: 'secret' }).token();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]!.path).toMatch(/^\/[\x21-\x7e]+\/oauth\/token$/);
    expect(Object.keys(server.requests[0]!.headers).filter((name) => name.includes('inject'))).toEqual([]);
  });
});

describe('a token that a hostile login server gives', () => {
  it.for(Object.keys(BREAKS))('with %s never gets into an upgrade request', async (what) => {
    const stream = await tcpServer((socket) => socket.end());
    const login = await tokenServer((response) => give(response, 200, { access_token: BREAKS[what]! }));
    const { outcomes$ } = frameStream({
      loginUrl: login.loginUrl,
      streamUrl: stream.url,
      clientId: 'id',
      clientSecret: 'secret',
      reconnect: { maxAuthFailures: 1 },
    });
    const error = await record(outcomes$).ended;
    expect(error).toMatchObject({ code: 'ERR_AUTH' });
    expect(shown(error)).not.toContain(SECRET);
    expect(stream.accepted.items).toEqual([]);
  });
});
