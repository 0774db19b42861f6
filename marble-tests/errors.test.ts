import { describe, expect, it } from 'vitest';
import {
  ApiError,
  AuthError,
  ClosedError,
  GaveUpError,
  InsecureUrlError,
  NetworkError,
  OverflowError,
  RxFrameError,
  ScopeError,
  ThrottledError,
  TimeoutError,
  TlsError,
  UpgradeError,
  UrlError,
} from '../operators/errors.ts';

const cause = new Error('the cause');

const API_FACTS = { status: 404, platformCode: 'not.found', contextId: 'c-1', correlationId: 'd-2' };

describe('errors', () => {
  it.each<[string, string, () => RxFrameError, object]>([
    ['AuthError', 'ERR_AUTH', () => new AuthError('m', 400, 'invalid_client', { cause }), { status: 400, cause }],
    ['ScopeError', 'ERR_SCOPE', () => new ScopeError('m', ['a', 'b']), { missing: ['a', 'b'] }],
    ['ThrottledError', 'ERR_THROTTLED', () => new ThrottledError('m', 429, 5_000), { status: 429, retryAfter: 5_000 }],
    ['UpgradeError', 'ERR_UPGRADE', () => new UpgradeError('m', 404), { status: 404 }],
    ['ApiError', 'ERR_API', () => new ApiError('m', API_FACTS), API_FACTS],
    ['InsecureUrlError', 'ERR_INSECURE', () => new InsecureUrlError('m'), {}],
    ['UrlError', 'ERR_URL', () => new UrlError('m', { cause }), { cause }],
    ['TlsError', 'ERR_TLS', () => new TlsError('m', { cause }), { cause }],
    ['NetworkError', 'ERR_NETWORK', () => new NetworkError('m', { cause }), { cause }],
    [
      'TimeoutError',
      'ERR_TIMEOUT',
      () => new TimeoutError('m', 'token', 10_000, { cause }),
      { during: 'token', timeout: 10_000, cause },
    ],
    ['GaveUpError', 'ERR_GAVE_UP', () => new GaveUpError('m', 3, cause), { attempts: 3, cause }],
    ['OverflowError', 'ERR_OVERFLOW', () => new OverflowError('m'), {}],
  ])('%s has its name, its code and its facts', (name, code, make, facts) => {
    const error = make();
    expect(error).toBeInstanceOf(RxFrameError);
    expect(error).toMatchObject({ name, code, message: 'm', openFor: undefined, ...facts });
  });

  it('AuthError has the error of the OAuth answer, where there was one', () => {
    expect(new AuthError('m', 400, 'invalid_client').oauthError).toBe('invalid_client');
    expect(new AuthError('m', 401).oauthError).toBeUndefined();
  });

  it.each([
    ['', 'The connection was closed with code 1006.'],
    ['going away', 'The connection was closed with code 1006 (going away).'],
    ['\u001b[2J', 'The connection was closed with code 1006 (\ufffd[2J).'],
  ])('ClosedError tells the reason %j in its message, made safe for a terminal', (reason, message) => {
    const error = new ClosedError(1006, reason, { cause });
    expect(error).toBeInstanceOf(RxFrameError);
    expect(error).toMatchObject({ name: 'ClosedError', code: 'ERR_CLOSED', closeCode: 1006, reason, message, cause });
  });
});
