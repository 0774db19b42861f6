import { AuthError, GaveUpError, InsecureUrlError, ScopeError, UrlError } from '../../operators/errors.ts';
import { UsageError } from './arguments/usage-error.ts';

/** What the process says when it ends. A second signal ends it with 128 and the signal's number on top, as shells count. */
export const exitCode = { done: 0, failed: 1, usage: 2, authentication: 3, gaveUp: 4 } as const;

/**
 * The exit code that an error deserves. Giving up because the server did not accept who we are is `authentication`: that
 * is what has to be mended.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof UrlError || error instanceof InsecureUrlError) {
    return exitCode.usage;
  }
  if (error instanceof AuthError || error instanceof ScopeError) return exitCode.authentication;
  if (error instanceof GaveUpError) {
    return error.cause instanceof AuthError ? exitCode.authentication : exitCode.gaveUp;
  }
  return exitCode.failed;
}
