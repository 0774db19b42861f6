import { clientCredentials } from '../../src/auth/client-credentials.ts';
import type { TokenSource } from '../../src/auth/token-source.ts';
import type { Simulator } from '../../src/simulator/index.ts';

/** What a client has to know of a simulator. */
export type Address = Pick<Simulator, 'loginUrl' | 'streamUrl' | 'clientId' | 'clientSecret'>;

/** A simulator's address and tokens, for `connect`. */
export function reach({ loginUrl, streamUrl, clientId, clientSecret }: Address): {
  readonly url: string;
  readonly token: TokenSource;
} {
  return { url: streamUrl, token: clientCredentials({ loginUrl, clientId, clientSecret }) };
}

/** The address that this process was started with: see `startClient`. */
export function ownAddress(): Address {
  return JSON.parse(process.env['SIMULATOR'] ?? '') as Address;
}
