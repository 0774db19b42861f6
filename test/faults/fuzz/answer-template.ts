import fc, { type Arbitrary } from 'fast-check';
import { mutated } from './mutated.ts';

/** Where a server puts what the client has sent: the whole request, or what stood in some header. */
const REQUEST = '<<request>>';
const AUTHORIZATION = '<<authorization>>';

/** What to build HTTP answers of. */
export interface AnswerParts {
  readonly statusLines: readonly string[];
  readonly headers: readonly string[];
  readonly bodies: readonly string[];
}

const STATUS_LINES = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 301 Moved',
  `HTTP/1.1 401 ${AUTHORIZATION}`,
  'HTTP/1.1 429 Slow',
  'HTTP/1.1 503 Busy',
  'HTTP/1.1 999 Odd',
  'HTTP/1.1 099 Odder',
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 200',
  'HTTP/1.0 200 OK',
  'HTTP/9.9 200 OK',
  'http/1.1 200 OK',
  'SSH-2.0-OpenSSH_9.6',
  REQUEST,
  '',
];

const HEADERS = [
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Content-Encoding: gzip',
  'Connection: close',
  'Connection: upgrade',
  'Location: ws://127.0.0.1:1/',
  `Location: http://127.0.0.1:1/?${AUTHORIZATION}`,
  'Retry-After: 7',
  'Retry-After: Sun, 31 Feb 2094 00:00:00 GMT',
  `WWW-Authenticate: Bearer error="${AUTHORIZATION}"`,
  `Set-Cookie: a=${AUTHORIZATION}`,
  'X-Long: '.padEnd(20_000, 'x'),
  'X-Nul: \u0000',
  'no colon',
  ' folded',
  ': no name',
  '',
];

const BODIES = [REQUEST, AUTHORIZATION, '5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', '<html>', '{}', '\u001f\u008b\b'];

/** **Answers to an HTTP request, from right to garbage**: templates in Latin-1, to be filled in with {@link filledIn}. */
export function answerTemplate(own: AnswerParts): Arbitrary<string> {
  const pick = (usual: readonly string[], ours: readonly string[]) =>
    fc.oneof(fc.constantFrom(...ours), fc.constantFrom(...usual));
  const answer = fc
    .tuple(
      pick(STATUS_LINES, own.statusLines),
      fc.array(pick(HEADERS, own.headers), { maxLength: 6 }),
      fc.oneof(fc.constant(''), pick(BODIES, own.bodies)),
    )
    .map(([status, headers, body]) => Buffer.from([status, ...headers, '', body].join('\r\n'), 'latin1'));
  const bytes = fc.oneof(
    { weight: 6, arbitrary: answer },
    { weight: 3, arbitrary: mutated(answer) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
  );
  return bytes.map((one) => Buffer.from(one).toString('latin1'));
}

/** A template with the request in it; and with more, by name. */
export function filledIn(template: string, request: string, more: Readonly<Record<string, string>> = {}): Buffer {
  const authorization = /^authorization: (.*)$/im.exec(request)?.[1] ?? '';
  const texts = { [REQUEST]: request, [AUTHORIZATION]: authorization, ...more };
  const filled = Object.entries(texts).reduce((text, [name, value]) => text.replaceAll(name, () => value), template);
  return Buffer.from(filled, 'latin1');
}
