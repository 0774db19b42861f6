/** A browser can't be a server. */
export function audioHook(): never {
  throw new TypeError('audioHook: it is a server, which a browser cannot be: use it in Node');
}
