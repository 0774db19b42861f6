import type { ObservableInput } from 'rxjs';

/** Where a token comes from, for `connect`: asked at each attempt, and told when the server did not take the last one. */
export interface TokenSource {
  /**
   * A valid token, from a cache where there is one: a promise of it, or an Observable that gives it and completes.
   *
   * @param signal - aborted where the caller does not want the token any more
   */
  token(signal?: AbortSignal): ObservableInput<string>;
  /** The server refused this token: do not give it out again. Without an argument: whatever is cached. */
  invalidate(token?: string): void;
  /**
   * For how long a token that was given out is still good, in milliseconds, 0 where it is not any more; `undefined` where that
   * is not known. Absent: it never is.
   */
  lifeLeft?(token: string): number | undefined;
}
