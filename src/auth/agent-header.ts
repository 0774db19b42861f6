import { version } from '../version.ts';

/**
 * The `User-Agent` header (RFC 9110 section 10.1.5) for HTTP requests. None in browsers and their workers: they name
 * themselves, and some would ask the server beforehand whether the header is allowed (CORS).
 */
export function agentHeader(): Readonly<Record<string, string>> {
  const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } };
  const isBrowser = navigator?.userAgent?.startsWith('Mozilla/') === true;
  return isBrowser ? {} : { 'User-Agent': `rxframe/${version}` };
}
