/** RFC 6750 section 2.1: what can stand after `Bearer`. */
const BEARER_TOKEN = /^[\w.~+/-]+=*$/;

/** Whether a token has only the characters that a bearer token can have. */
export function isBearerToken(token: string): boolean {
  return BEARER_TOKEN.test(token);
}
