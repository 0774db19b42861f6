import type { Socket } from 'node:net';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RxFrameError } from '../../../operators/errors.ts';
import { clientCredentials } from '../../../src/auth/client-credentials.ts';
import { tokenServer } from '../../auth/token-server.ts';
import { answerTemplate, filledIn } from './answer-template.ts';
import { fuzz } from './fuzz.ts';
import { mutated } from './mutated.ts';
import { shown } from '../shown.ts';
import { UNSAFE_CHARACTER } from './unsafe-character.ts';
import { deliver, delivery } from './wire.ts';

const SECRET = 'cafe-secret/0123456789';
const SECRETS = [SECRET, encodeURIComponent(SECRET), btoa(`id:${encodeURIComponent(SECRET)}`)];

/** What no error may show: a token that the server gave with something wrong about it. */
const TOKEN = 'given-token-0123456789';

const answerBody = fc
  .record(
    {
      access_token: fc.constantFrom(TOKEN, TOKEN, `${TOKEN}==`, `${TOKEN} ${TOKEN}`, `${TOKEN}\n`, '', 5, null),
      token_type: fc.constantFrom('bearer', 'Bearer', 'mac', '', 5),
      expires_in: fc.constantFrom(3_600, 61_000, 1e300, 59, 0, -5, '3600', null),
      scope: fc.constantFrom('a b', 'b a c', 'a', '', 5),
      error: fc.constantFrom('invalid_client', 'invalid_scope', ...SECRETS, `x ${SECRET}`, '\u001b[2J', '', 7),
      error_description: fc.constant(SECRET),
    },
    { requiredKeys: ['access_token'] },
  )
  .map((members) => Buffer.from(JSON.stringify(members)));

const body: Arbitrary<Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: answerBody },
  { weight: 2, arbitrary: mutated(answerBody) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        '',
        'null',
        '[]',
        '"text"',
        `\ufeff{"access_token":"${TOKEN}"}`,
        `{"access_token":"${TOKEN}"}`.padEnd(70_000),
      )
      .map((text) => Buffer.from(text)),
  },
);

/** The fields that matter in an answer as a JSON parser sees them; undefined where it is no JSON object. */
function fieldsIn(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What the guide says of an answer: the name of the error, or the token. Scopes `a` and `b` were asked for. */
function expectedOf(status: number, bytes: Uint8Array, retryAfter: string | undefined): string {
  if (status >= 300 && status < 400) return 'UrlError';
  if (status === 404 || status === 405 || status === 410) return 'UrlError';
  if (status === 429) return 'ThrottledError';
  if (status >= 500) return retryAfter === '7' ? 'ThrottledError' : 'NetworkError';
  if (status >= 400) return 'AuthError';
  const fields = status === 204 || bytes.length > 64 * 1024 ? undefined : fieldsIn(bytes);
  const { access_token: token, token_type: type = 'bearer', scope } = fields ?? {};
  // RFC 6750 section 2.1, b64token.
  if (typeof token !== 'string' || !/^[A-Za-z0-9\-._~+/]+=*$/.test(token) || token.endsWith('\n')) return 'AuthError';
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return 'AuthError';
  const granted = typeof scope === 'string' ? scope.split(' ') : ['a', 'b'];
  return granted.includes('a') && granted.includes('b') ? token : 'ScopeError';
}

function source(loginUrl: string) {
  return clientCredentials({
    loginUrl,
    clientId: 'id',
    clientSecret: SECRET,
    scopes: ['a', 'b'],
    attempts: 1,
    timeout: 5_000,
  });
}

/** The token, or the error; checks that it is an error of ours which tells no secret. */
async function tokenOrError(asked: Promise<string>): Promise<string | RxFrameError> {
  try {
    return await asked;
  } catch (error) {
    expect(error, String(error)).toBeInstanceOf(RxFrameError);
    const text = shown(error);
    for (const secret of [...SECRETS, TOKEN]) expect(text).not.toContain(secret);
    expect((error as Error).message).not.toMatch(UNSAFE_CHARACTER);
    return error as RxFrameError;
  }
}

describe('clientCredentials', () => {
  it('makes of an answer what the guide says, and tells no secret', async () => {
    let answer: { status: number; bytes: Uint8Array; retryAfter: string | undefined };
    const server = await tokenServer((response) => {
      response.writeHead(answer.status, {
        connection: 'close',
        ...(answer.retryAfter !== undefined && { 'retry-after': answer.retryAfter }),
      });
      response.end(answer.bytes);
    });
    const given = fc.record({
      status: fc.oneof(
        { weight: 2, arbitrary: fc.constantFrom(200, 201, 299) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(204, 301, 304, 307, 400, 401, 403, 404, 405, 408, 410, 418, 429, 500, 503, 599),
        },
      ),
      bytes: body,
      retryAfter: fc.constantFrom(undefined, '7', 'soon'),
    });
    await fuzz(given, async (one) => {
      answer = one;
      const tokens = source(server.loginUrl);
      const before = server.requests.length;
      const got = await tokenOrError(tokens.token());
      const expected = expectedOf(one.status, one.bytes, one.retryAfter);
      expect(got instanceof RxFrameError ? got.name : got).toBe(expected);
      if (got instanceof RxFrameError) return;

      expect(await tokens.token()).toBe(got);
      const lifetime = fieldsIn(one.bytes)?.['expires_in'];
      const isKept = typeof lifetime === 'number' && lifetime > 60;
      expect(server.requests.length - before, 'requests').toBe(isKept ? 1 : 2);
    });
  });

  it('gives a token or an error of its own, which tells no secret, whatever bytes the server answers', async () => {
    let serve: (socket: Socket, request: string) => void = () => undefined;
    const { loginUrl } = await tokenServer((response, _nth, { headers, body: sent }) => {
      const lines = Object.entries(headers).map(([header, value]) => `${header}: ${String(value)}`);
      serve(response.socket!, ['POST /oauth/token HTTP/1.1', ...lines, '', sent].join('\r\n'));
    });
    const answer = answerTemplate({
      statusLines: ['HTTP/1.1 200 OK', 'HTTP/1.1 400 Bad Request'],
      headers: ['Content-Type: application/json', 'Connection: close'],
      bodies: [`{"access_token":"${TOKEN}","expires_in":3600}`, '{"error":"<<authorization>>"}'],
    });
    const kinds = new Set<string>();
    await fuzz(fc.tuple(answer, delivery), async ([template, how]) => {
      let used: Socket | undefined;
      serve = (socket, request) => {
        used = socket;
        void deliver(socket, filledIn(template, request), how);
      };
      const tokens = clientCredentials({
        loginUrl,
        clientId: 'id',
        clientSecret: SECRET,
        scopes: [],
        attempts: 1,
        timeout: 300,
      });
      const got = await tokenOrError(tokens.token());
      kinds.add(got instanceof RxFrameError ? got.code : 'token');
      // The platform may keep it for later requests: the next answer is for a connection of its own.
      used?.destroy();
    });
    expect(kinds.size, `kinds of ends: ${[...kinds].join(' ')}`).toBeGreaterThan(2);
  });
});
