import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A request that may be answered: what it asks for below the token. */
export interface Admitted {
  /** `''` for the page itself, `events`, `frames/1`, … */
  readonly resource: string;
}

/** A request that may not, and the status that says so. */
export interface Refused {
  readonly status: 403 | 404 | 405;
}

/**
 * **Says whether a request may be answered**: it must name the server by its address (a name may have been made to lead
 * here: DNS rebinding), come from the page itself where a browser says where it comes from, and know the token.
 *
 * @param host - the address and the port, as in a `Host` header
 */
export function admit(
  { method, url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  host: string,
  token: string,
): Admitted | Refused {
  if (headers.host !== host) return { status: 403 };
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) return { status: 403 };
  const [, given = '', resource] = /^\/([^/?#]*)\/([^?#]*)$/.exec(url) ?? [];
  // A link to the page may stand anywhere; the rest is the page's own.
  const site = headers['sec-fetch-site'];
  if (resource !== '' && site !== undefined && site !== 'same-origin') return { status: 403 };
  if (resource === undefined || !isSame(given, token)) return { status: 404 };
  return method === 'GET' ? { resource } : { status: 405 };
}

/** Takes the same time wherever they differ. */
function isSame(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
