import { AuthError, ScopeError } from '../../operators/errors.ts';
import { isBearerToken } from './bearer-token.ts';

/** A token, and how long it is good for. */
export interface TokenAnswer {
  readonly token: string;
  /** On the monotonic clock, in milliseconds: counted from before it was asked for. `-Infinity` where the server did not say. */
  readonly expiresAt: number;
}

/**
 * **Takes the token out of a successful answer** (RFC 6749 section 5.1). No part of the answer gets into an error.
 *
 * An answer without `token_type` is taken as bearer, one without `scope` as all that was asked for.
 *
 * @param body - the answer's body; undefined where it was too long to be read
 * @param sentAt - when the request was sent, on the monotonic clock
 * @throws {@link AuthError} where there is no usable token, {@link ScopeError} where a scope is missing
 */
export function tokenAnswer(
  host: string,
  status: number,
  body: string | undefined,
  scopes: readonly string[],
  sentAt: number,
): TokenAnswer {
  const unusable = (what: string) =>
    new AuthError(`Authentication failed: ${host} answered ${status}, but ${what}. Check loginUrl.`, status);

  if (body === undefined) throw unusable('with a body too long for a token');
  const answer = jsonObject(body);
  if (answer === undefined) throw unusable('with a body that is no JSON object');
  const { access_token: token, token_type: type = 'bearer', expires_in: lifetime, scope } = answer;
  if (typeof token !== 'string' || token === '') throw unusable('without an access_token');
  if (!isBearerToken(token)) throw unusable('the access_token has characters that a bearer token cannot have');
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') throw unusable('the token_type is not bearer');

  if (typeof scope === 'string') {
    const granted = scope.split(' ');
    const missing = scopes.filter((wanted) => !granted.includes(wanted));
    if (missing.length > 0) {
      throw new ScopeError(
        `${host} did not grant ${missing.join(' ')}. Check the roles and scopes of the OAuth client.`,
        missing,
      );
    }
  }
  return { token, expiresAt: typeof lifetime === 'number' ? sentAt + lifetime * 1000 : -Infinity };
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
