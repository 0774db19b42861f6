import { describe, expect, it } from 'vitest';
import {
  ApiError,
  AuthError,
  ClosedError,
  GaveUpError,
  InsecureUrlError,
  NetworkError,
  OverflowError,
  ScopeError,
  ThrottledError,
  TimeoutError,
  TlsError,
  UpgradeError,
  UrlError,
} from '../operators/errors.ts';
import { failureClass, type FailureClass } from '../operators/failure-class.ts';

const closed = (...codes: number[]) =>
  codes.map((code): [string, unknown] => [`a close with ${code}`, new ClosedError(code, '')]);
const upgrade = (...statuses: number[]) =>
  statuses.map((status): [string, unknown] => [`an upgrade answered with ${status}`, new UpgradeError('', status)]);
const api = (...statuses: number[]) =>
  statuses.map((status): [string, unknown] => [
    `a REST call answered with ${status}`,
    new ApiError('', { status, platformCode: undefined, contextId: undefined, correlationId: undefined }),
  ]);

const table: Record<FailureClass, [string, unknown][]> = {
  auth: [
    ['401 at upgrade', new AuthError('', 401)],
    ['403 at upgrade', new AuthError('', 403)],
    ['a refusal by the token endpoint', new AuthError('', 400, 'invalid_client')],
  ],
  throttled: [
    ['429 with Retry-After', new ThrottledError('', 429, 1_000)],
    ['429 without', new ThrottledError('', 429, undefined)],
    ['503 with Retry-After', new ThrottledError('', 503, 0)],
  ],
  fatal: [
    ...upgrade(200, 301, 302, 307, 400, 404, 426, 499),
    ...api(400, 403, 404, 409, 413),
    ['a bad address', new UrlError('')],
    ['a token that would travel unencrypted', new InsecureUrlError('')],
    ['a certificate that does not verify', new TlsError('')],
    ['a scope that was not granted', new ScopeError('', ['a'])],
    ['an overflow', new OverflowError('')],
    ['having given up', new GaveUpError('', 1, undefined)],
    ['an error that is none of ours', new Error('a defect')],
    ['a string', 'ECONNRESET'],
    ['nothing', undefined],
  ],
  transient: [
    ...upgrade(500, 502, 503, 504, 599),
    ['a network error', new NetworkError('')],
    ['a handshake that timed out', new TimeoutError('', 'handshake', 1)],
    ['a heartbeat that was not answered', new TimeoutError('', 'heartbeat', 1)],
    ['silence', new TimeoutError('', 'silence', 1)],
    ['a token that did not come', new TimeoutError('', 'token', 1)],
    ['a REST call that was not answered', new TimeoutError('', 'request', 1)],
    ...closed(1001, 1005, 1006, 1010, 1011, 1012, 1013, 1014, 1015, 3000, 4000, 4999),
  ],
  protocol: closed(1002, 1003, 1007, 1008, 1009),
  done: closed(1000),
};

describe('failureClass', () => {
  for (const [expected, rows] of Object.entries(table)) {
    it.each(rows)(`takes %s for ${expected}`, (_what, error) => expect(failureClass(error)).toBe(expected));
  }
});
