import type { SchedulerLike, TimestampProvider } from 'rxjs';
import { exchange } from './exchange.ts';
import { tokenAnswer, type TokenAnswer } from './token-answer.ts';
import { tokenRefusal } from './token-refusal.ts';

/** What a token is asked for with. */
export interface TokenRequest {
  /** The token endpoint. */
  readonly url: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly credentialsIn: 'header' | 'body';
  /** How long the answer may take as a whole, in milliseconds. */
  readonly timeout: number;
  /** What sends it. `undefined`: the platform's. */
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly scheduler: SchedulerLike;
  /** The monotonic clock that the life of a token is counted by. */
  readonly clock: TimestampProvider;
}

/** The longest body that is read, in bytes: a token is a few kilobytes at the most. */
const LONGEST_BODY = 64 * 1024;

/**
 * **Makes one token request** (RFC 6749 section 4.4.2) and judges the answer. Aborting `signal` closes the connection.
 *
 * No error has a `cause`, which could hold the secret.
 */
export async function requestToken(request: TokenRequest, signal: AbortSignal): Promise<TokenAnswer> {
  const { url, timeout, fetch, scheduler, clock } = request;
  const sentAt = clock.now();
  const { response, body } = await exchange(
    {
      method: 'POST',
      url,
      headers: headers(request),
      body: form(request),
      what: 'token request',
      during: 'token',
      timeout,
      longestBody: LONGEST_BODY,
      fetch,
      scheduler,
    },
    signal,
  );
  if (!response.ok) {
    const secrets = [request.clientSecret, ...encodedSecrets(request)];
    throw tokenRefusal(url.host, response, body, secrets, scheduler.now());
  }
  return tokenAnswer(url.host, response.status, body, request.scopes, sentAt);
}

function form({ clientId, clientSecret, scopes, credentialsIn }: TokenRequest): URLSearchParams {
  return new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...(credentialsIn === 'body' && { client_id: clientId, client_secret: clientSecret }),
  });
}

function headers(request: TokenRequest): Record<string, string> {
  return request.credentialsIn === 'body' ? {} : { Authorization: `Basic ${basic(request)}` };
}

/** RFC 6749 section 2.3.1: both are form-encoded before they are joined, so that a colon in the id does no harm. */
function basic({ clientId, clientSecret }: TokenRequest): string {
  return btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`);
}

function formEncoded(value: string): string {
  return new URLSearchParams({ '': value }).toString().slice('='.length);
}

/** The other forms in which the secret travels, and so in which a server could echo it. */
function encodedSecrets(request: TokenRequest): string[] {
  const form = formEncoded(request.clientSecret);
  return [form, form.replaceAll('+', '%20'), basic(request)];
}
