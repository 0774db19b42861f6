import { InsecureUrlError, UrlError } from '../../operators/errors.ts';
import { isSafeForSecrets } from '../connection/address.ts';

/**
 * **Takes the address of an HTTP server apart**, and checks that a secret may be sent there.
 *
 * @param operator - what the option belongs to: begins each error
 * @param secret - what is sent there: `secret`, `token`
 * @throws {@link UrlError} where it is no address of a server; {@link InsecureUrlError} where the secret would travel
 *   unencrypted
 */
export function serverUrl(operator: string, option: string, address: string, secret: string): URL {
  const where = `${operator}: ${option}`;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new UrlError(`${where} must be an absolute address such as https://host, and is not`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UrlError(`${where} must start with https:// (or http:// on loopback), got ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UrlError(`${where} must have no user, password, query or fragment`);
  }
  if (!isSafeForSecrets(url)) {
    throw new InsecureUrlError(
      `${operator}: the ${secret} is sent over https:// or to loopback only, not to http://${url.host}`,
    );
  }
  return url;
}

/** The address below that of a server. */
export function below(url: URL, path: string): URL {
  const lower = new URL(url);
  lower.pathname = url.pathname.replace(/\/$/, '') + path;
  return lower;
}
