import { AuthError, ThrottledError, UpgradeError, type RxFrameError } from '../../operators/errors.ts';
import { retryAfterMs } from '../../operators/retry-after.ts';

/** The error for an upgrade that was answered with another status than 101. `target` is the address, free of secrets. */
export function upgradeFailure(target: string, status: number, retryAfterHeader: string | undefined): RxFrameError {
  const answered = `${target} answered the upgrade with ${status}`;
  const retryAfter = retryAfterMs(retryAfterHeader, Date.now());
  if (status === 401 || status === 403) {
    return new AuthError(
      `${answered}. Check that the token is valid and has the scopes that this address asks for.`,
      status,
    );
  }
  if (status === 429 || (status === 503 && retryAfter !== undefined)) {
    const wait = retryAfter === undefined ? '' : ` and asks to wait ${retryAfter / 1000} s`;
    return new ThrottledError(`${answered}${wait}.`, status, retryAfter);
  }
  if (status >= 300 && status < 400) {
    return new UpgradeError(
      `${answered}, a redirect. Redirects are not followed: give the address that it leads to.`,
      status,
    );
  }
  return new UpgradeError(`${answered}.`, status);
}
