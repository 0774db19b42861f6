import { AuthError, ClosedError, NetworkError, ThrottledError, TimeoutError, UpgradeError } from './errors.ts';

/** What kind of failure ended a connection, and so what `reconnect` does about it. */
export type FailureClass = 'auth' | 'throttled' | 'fatal' | 'transient' | 'protocol' | 'done';

const PROTOCOL_CLOSE_CODES = new Set([1002, 1003, 1007, 1008, 1009]);

/**
 * **Tells the class of a failure from its facts.**
 *
 * | failure | class |
 * |---|---|
 * | 401 or 403 at upgrade, 401 to a REST call, a refusal by the token endpoint | `auth` |
 * | 429, 503 with `Retry-After` | `throttled` |
 * | another 4xx or a redirect at upgrade, another 4xx to a REST call, a bad address, a certificate that does not verify, a scope that was not granted | `fatal` |
 * | 5xx, DNS, TCP, timeouts, every close code that is not named here | `transient` |
 * | close codes 1002, 1003, 1007, 1008, 1009 (RFC 6455 section 7.4.1) | `protocol` |
 * | close code 1000 | `done` |
 * | anything that is no `RxFrameError`: a defect, which trying again would only hide | `fatal` |
 */
export function failureClass(error: unknown): FailureClass {
  if (error instanceof AuthError) return 'auth';
  if (error instanceof ThrottledError) return 'throttled';
  if (error instanceof UpgradeError) return error.status >= 500 ? 'transient' : 'fatal';
  if (error instanceof NetworkError || error instanceof TimeoutError) return 'transient';
  if (error instanceof ClosedError) return closeClass(error.closeCode);
  return 'fatal';
}

function closeClass(closeCode: number): FailureClass {
  if (closeCode === 1000) return 'done';
  return PROTOCOL_CLOSE_CODES.has(closeCode) ? 'protocol' : 'transient';
}
