import { InsecureUrlError, UrlError } from '../../operators/errors.ts';

/** Takes an address apart, and checks that a WebSocket can be opened to it. `where` begins the error where it can't. */
export function webSocketUrl(address: string | URL, where = 'connect: url'): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new UrlError(`${where} must be an absolute address such as wss://host/path, and is not`);
  }
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new UrlError(`${where} must start with wss:// or ws://, got ${url.protocol}//`);
  }
  if (url.hash !== '') throw new UrlError(`${where} must have no fragment (RFC 6455 section 3)`);
  return url;
}

/** Whether what is sent to an address can be read on the way: not over TLS, and not on this very machine. */
export function isSafeForSecrets(url: URL): boolean {
  return url.protocol === 'wss:' || url.protocol === 'https:' || isLoopback(url.hostname);
}

/** Refuses to send a token, or a user and password in the address, where they can be read on the way. */
export function checkSafeForSecrets(url: URL, hasToken: boolean, allowInsecureToken: boolean | undefined): void {
  const hasSecret = hasToken || url.username !== '' || url.password !== '';
  if (!hasSecret || allowInsecureToken === true || isSafeForSecrets(url)) return;
  throw new InsecureUrlError(
    `connect: a token or a password is sent over wss:// or to loopback only, not to ws://${url.host}. Where the network in between is trusted, say allowInsecureToken: true.`,
  );
}

/**
 * Whether a host name, as `URL` normalises it, is this machine: RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3. A name under
 * `localhost` is not, though RFC 6761 section 6.3 has it so: Node asks the name server, which may answer with any address.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** An address as messages may show it: no query, no user, no password, where secrets may stand; and no path where that is one. */
export function publicUrl(address: string | URL, hidePath = false): string {
  const url = new URL(address);
  return `${url.protocol}//${url.host}${hidePath ? '' : url.pathname}`;
}

/** The password in an address, as the server gets it; undefined where there is none. */
export function passwordOf(address: string): string | undefined {
  const { password } = new URL(address);
  if (password === '') return undefined;
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}
