import { describe, expect, it } from 'vitest';
import {
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

describe('errors', () => {
  it.each<[RxFrameError, string, string, object]>([
    [new AuthError('m', 400, 'invalid_client', { cause }), 'AuthError', 'ERR_AUTH', { status: 400, cause }],
    [new ScopeError('m', ['a', 'b']), 'ScopeError', 'ERR_SCOPE', { missing: ['a', 'b'] }],
    [new ThrottledError('m', 429, 5_000), 'ThrottledError', 'ERR_THROTTLED', { status: 429, retryAfter: 5_000 }],
    [new UpgradeError('m', 404), 'UpgradeError', 'ERR_UPGRADE', { status: 404 }],
    [new InsecureUrlError('m'), 'InsecureUrlError', 'ERR_INSECURE', {}],
    [new UrlError('m', { cause }), 'UrlError', 'ERR_URL', { cause }],
    [new TlsError('m', { cause }), 'TlsError', 'ERR_TLS', { cause }],
    [new NetworkError('m', { cause }), 'NetworkError', 'ERR_NETWORK', { cause }],
    [
      new TimeoutError('m', 'token', 10_000, { cause }),
      'TimeoutError',
      'ERR_TIMEOUT',
      { during: 'token', timeout: 10_000, cause },
    ],
    [new GaveUpError('m', 3, cause), 'GaveUpError', 'ERR_GAVE_UP', { attempts: 3, cause }],
    [new OverflowError('m'), 'OverflowError', 'ERR_OVERFLOW', {}],
  ])('%s has its name, its code and its facts', (error, name, code, facts) => {
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
