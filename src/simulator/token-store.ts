/** The tokens that are valid. */
export interface TokenStore {
  /** Makes a token for an application: an OAuth client. */
  issue(application: string): string;
  /** Whose token it is; undefined for one that is not valid. */
  applicationOf(token: string): string | undefined;
  /** The milliseconds that are left of a token's life; 0 for one that is not valid. */
  lifeLeft(token: string): number;
  /** Makes all of them invalid. */
  revokeAll(): void;
}

/** Options of {@link tokenStore}. */
export interface TokenStoreOptions {
  /** How long a token is valid, in seconds. */
  readonly lifetime: number;
  /** The time in milliseconds, on whatever clock. */
  readonly now: () => number;
  /** Makes up a token that was never there before. */
  readonly newToken: () => string;
}

/** **Issues tokens and remembers them** until their life is over. */
export function tokenStore({ lifetime, now, newToken }: TokenStoreOptions): TokenStore {
  const issued = new Map<string, { readonly application: string; readonly expiry: number }>();
  const lifeLeft = (token: string): number => Math.max(0, (issued.get(token)?.expiry ?? -Infinity) - now());
  return {
    issue: (application) => {
      // All live equally long, so those in front are the first to expire.
      for (const token of issued.keys()) {
        if (lifeLeft(token) > 0) break;
        issued.delete(token);
      }
      const token = newToken();
      issued.set(token, { application, expiry: now() + lifetime * 1000 });
      return token;
    },
    applicationOf: (token) => (lifeLeft(token) > 0 ? issued.get(token)?.application : undefined),
    lifeLeft,
    revokeAll: () => issued.clear(),
  };
}
