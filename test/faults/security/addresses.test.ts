import { describe, expect, it } from 'vitest';
import { InsecureUrlError, UrlError } from '../../../operators/errors.ts';
import { clientCredentials } from '../../../src/auth/client-credentials.ts';
import type { TokenSource } from '../../../src/auth/token-source.ts';
import { connect } from '../../../src/connection/connect.ts';
import { give, tokenServer } from '../../auth/token-server.ts';
import { record } from '../../connection/record.ts';
import { webSocketServer } from '../../connection/servers.ts';
import { shown } from '../shown.ts';

const SECRET = 'cafe-address-0123456789';

/** What stands between the scheme and the port, and where it leads as `URL` reads it, which is what is connected to. */
const LOOPBACK: readonly (readonly [address: string, why: string])[] = [
  ['127.0.0.1', 'the usual one'],
  ['127.1', 'two parts: the last one fills the rest'],
  ['127.0.1', 'three parts'],
  ['2130706433', 'one part, decimal'],
  ['0x7f000001', 'one part, hexadecimal'],
  ['0x7f.1', 'hexadecimal and short'],
  ['0X7F.0x0.0.0x1', 'mixed, in capitals'],
  ['017700000001', 'one part, octal'],
  ['0177.0.0.1', 'octal'],
  ['127.0.0.1.', 'an address with a dot behind is still one'],
  ['127.255.255.254', 'all of 127.0.0.0/8 is'],
  ['127.256', 'two parts: 127.0.1.0'],
  ['localhost', 'the name'],
  ['LocalHOST', 'names have no case'],
  ['%6c%6fcalhost', 'percent-encoded'],
  ['ｌｏｃａｌｈｏｓｔ', 'full-width letters are mapped to plain ones'],
  ['ⓛocalhost', 'so are circled ones'],
  ['loc\u00adalhost', 'a soft hyphen is left out'],
  ['local\u200bhost', 'so is a space without width'],
  ['local\thost', 'and a tab'],
  ['127。0。0。1', 'ideographic full stops are dots'],
  ['１２７.0.0.1', 'full-width digits are digits'],
  ['[::1]', 'IPv6'],
  ['[0:0:0:0:0:0:0:1]', 'IPv6, written out'],
  ['[::0.0.0.1]', 'IPv6, its end as IPv4'],
  ['evil.example@127.0.0.1', 'what is before the @ is a user'],
  ['evil.example:80@localhost', 'or a user and a password'],
  ['localhost\\@evil.example', 'a backslash is a slash: the rest is the path'],
];

const ELSEWHERE: readonly (readonly [address: string, why: string])[] = [
  ['example.org', 'a name'],
  ['127.0.0.1.evil.example', 'a name that looks like loopback'],
  ['127.0.0.1%2eevil.example', 'the same, percent-encoded'],
  ['127.0.0.1。evil.example', 'the same, with an ideographic full stop'],
  ['127.evil.example', 'a name'],
  ['localhost.evil.example', 'a name'],
  ['localhost.', 'with the dot of the root, /etc/hosts does not have it: a name server is asked'],
  ['a.localhost', 'a name server is asked, whatever RFC 6761 says'],
  ['localhost.localhost', 'the same'],
  ['localhost.localdomain', 'the same'],
  ['ip6-localhost', 'the same'],
  ['xlocalhost', 'ends in it only'],
  ['localhost-a', 'begins with it only'],
  ['lоcalhost', 'with a Cyrillic о: xn--lcalhost-r4g'],
  ['localhοst', 'with a Greek ο'],
  ['127.0.0.1@evil.example', 'what is before the @ is a user'],
  ['localhost:80@evil.example', 'or a user and a password'],
  ['localhost%00@evil.example', 'whatever it holds'],
  ['evil.example\\@127.0.0.1', 'a backslash is a slash: the rest is the path'],
  ['evil.example/@127.0.0.1', 'the rest is the path'],
  ['evil.example?@127.0.0.1', 'the rest is the query'],
  ['0.0.0.0', 'means this machine to some systems, and is no address to connect to (RFC 1122 section 3.2.1.3)'],
  ['0', 'the same'],
  ['[::]', 'the same in IPv6'],
  ['[::ffff:127.0.0.1]', 'IPv4 in IPv6: not worth a rule of its own'],
  ['[::ffff:7f00:1]', 'the same'],
  ['[::127.0.0.1]', 'the same, the old way'],
  ['[::2]', 'the neighbour of loopback'],
  ['[1::1]', 'an address'],
  ['[fe80::1]', 'a neighbour on the wire'],
  ['126.255.255.255', 'just below 127.0.0.0/8'],
  ['128.0.0.1', 'just above it'],
  ['0x80.1', 'the same'],
  ['1.0.0.127', 'backwards'],
  ['10.0.0.1', 'private is not loopback'],
  ['169.254.169.254', "link-local: a cloud's metadata"],
];

const NOWHERE = [
  '127.0.0.0.1',
  '127.0.0.256',
  '256.0.0.1',
  '127.0.0.09',
  'localhost%00.evil.example',
  'local host',
  'localhost#@evil.example',
  '[::1%25lo]',
  '[::1',
  '[127.0.0.1]',
  '',
];

/** A source that says whether it was asked. */
class Tokens implements TokenSource {
  asked = 0;
  readonly token = (): Promise<string> => Promise.resolve(`${SECRET}-${(this.asked += 1)}`);
  readonly invalidate = (): void => undefined;
}

const credentialsFor = (loginUrl: string) => clientCredentials({ loginUrl, clientId: 'id', clientSecret: SECRET });

function failureOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
}

/** The login server's address has no user, no query and no fragment in the first place. */
const isPlain = (address: string) => !/[@?#]/.test(address.split(/[\\/]/, 1)[0]!);

describe('a token, a TokenSource and a password', () => {
  it.for(ELSEWHERE)('do not go to ws://%s: %s', async ([address]) => {
    const url = `ws://${address}:8080/feed`;
    const tokens = new Tokens();
    const withPassword = new URL(url);
    withPassword.password = SECRET;
    const calls = [
      () => connect({ url, token: SECRET }),
      () => connect({ url, token: () => SECRET }),
      () => connect({ url, token: tokens }),
      () => connect({ url: new URL(url), token: tokens }),
      () => connect({ url: withPassword }),
    ];
    for (const call of calls) {
      const error = failureOf(call);
      expect(error).toBeInstanceOf(InsecureUrlError);
      expect(shown(error)).not.toContain(SECRET);
    }
    const error = await record(connect({ url: () => Promise.resolve(url), token: tokens })).ended;
    expect(error).toBeInstanceOf(InsecureUrlError);
    expect(tokens.asked).toBe(0);
  });

  it.for(LOOPBACK)('go to ws://%s: %s', ([address]) => {
    const url = `ws://${address}:8080/feed`;
    expect(() => connect({ url, token: SECRET })).not.toThrow();
    expect(() => connect({ url: new URL(url), token: new Tokens() })).not.toThrow();
  });

  it.for(NOWHERE)('do not go to ws://%s, which is no address', (address) => {
    const error = failureOf(() => connect({ url: `ws://${address}:8080/feed`, token: SECRET }));
    expect(error).toBeInstanceOf(UrlError);
    expect(shown(error)).not.toContain(SECRET);
  });

  it('arrive on this machine wherever they may go and a server of this test can listen', async () => {
    const server = await webSocketServer((webSocket) => webSocket.close(1000));
    const { port } = new URL(server.url);
    const reached = LOOPBACK.map(([address]) => `ws://${address}:${port}/feed`).filter((url) => {
      const { hostname, port: given } = new URL(url);
      return given === port && ['127.0.0.1', 'localhost'].includes(hostname);
    });
    for (const url of reached) expect(await record(connect({ url, token: SECRET })).ended, url).toBe('complete');
    expect(server.requests.items.map(({ headers }) => headers.authorization)).toEqual(
      reached.map(() => `Bearer ${SECRET}`),
    );
    console.log(`${reached.length} spellings of loopback reached, ${ELSEWHERE.length} of other places refused`);
    expect(reached.length).toBeGreaterThan(15);
  });

  it('go by the host alone: a hostile Host header does not make another one of it', () => {
    const headers = { host: 'localhost', origin: 'http://127.0.0.1' };
    expect(() => connect({ url: 'ws://evil.example/', token: SECRET, headers })).toThrow(InsecureUrlError);
  });
});

describe('a client secret', () => {
  it.for(ELSEWHERE)('does not go to http://%s: %s', ([address]) => {
    const error = failureOf(() => credentialsFor(`http://${address}:8080`));
    expect(error).toBeInstanceOf(isPlain(address) ? InsecureUrlError : UrlError);
    expect(shown(error)).not.toContain(SECRET);
  });

  it.for(LOOPBACK)('goes to http://%s: %s', ([address]) => {
    const call = () => credentialsFor(`http://${address}:8080`);
    if (isPlain(address)) expect(call).not.toThrow();
    else expect(call).toThrow(UrlError);
  });

  it.for(NOWHERE)('does not go to http://%s, which is no address', (address) => {
    expect(failureOf(() => credentialsFor(`http://${address}:8080`))).toBeInstanceOf(UrlError);
  });

  it.for([
    'ftp://127.0.0.1',
    'ws://127.0.0.1',
    'file:///etc/passwd',
    'data:,x',
    'javascript:0',
    'blob:http://127.0.0.1/x',
  ])('does not go to %s, which is no web server', (loginUrl) => {
    expect(failureOf(() => credentialsFor(loginUrl))).toBeInstanceOf(UrlError);
  });

  it('arrives on this machine wherever it may go', async () => {
    const server = await tokenServer((response) => give(response, 200, { access_token: 'abc' }));
    const { port } = new URL(server.loginUrl);
    const reached = LOOPBACK.filter(([address]) => isPlain(address))
      .map(([address]) => `http://${address}:${port}`)
      .filter((url) => new URL(url).port === port && ['127.0.0.1', 'localhost'].includes(new URL(url).hostname));
    for (const url of reached) expect(await credentialsFor(url).token(), url).toBe('abc');
    expect(server.requests).toHaveLength(reached.length);
    expect(reached.length).toBeGreaterThan(15);
  });
});
