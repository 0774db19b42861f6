import { randomBytes } from 'node:crypto';

/** The tokens that are valid. */
export interface TokenStore {
  /** Makes a token. */
  issue(): string;
  /** The milliseconds that are left of a token's life; 0 for one that is not valid. */
  lifeLeft(token: string): number;
  /** Makes all of them invalid. */
  revokeAll(): void;
}

/** **Issues random tokens and remembers them** until `lifetime` (seconds) is over. */
export function tokenStore(lifetime: number): TokenStore {
  const expiry = new Map<string, number>();
  const lifeLeft = (token: string): number => Math.max(0, (expiry.get(token) ?? 0) - performance.now());
  return {
    issue: () => {
      // All live equally long, so those in front are the first to expire.
      for (const token of expiry.keys()) {
        if (lifeLeft(token) > 0) break;
        expiry.delete(token);
      }
      const token = randomBytes(32).toString('base64url');
      expiry.set(token, performance.now() + lifetime * 1000);
      return token;
    },
    lifeLeft,
    revokeAll: () => expiry.clear(),
  };
}
