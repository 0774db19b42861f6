import { lookup } from 'node:dns/promises';
import { NetworkError } from '../../../operators/errors.ts';

/**
 * **Looks up the hosts of these addresses**, as a connection would, and gives what they are.
 *
 * @throws NetworkError where one has no address
 */
export async function resolveHosts(urls: readonly string[]): Promise<readonly string[]> {
  // The brackets of an IPv6 address belong to the URL.
  const names = [...new Set(urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')))];
  return Promise.all(
    names.map(async (name) => {
      try {
        const { address } = await lookup(name);
        return address === name ? name : `${name} is ${address}`;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw new NetworkError(`The name ${name} has no address (${code ?? 'unknown error'}).`);
      }
    }),
  );
}
