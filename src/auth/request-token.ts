import ky from 'ky';
import { TimeoutError } from '../../operators/errors.ts';
import { version } from '../version.ts';
import { boundedText } from './bounded-text.ts';
import { fetchFailure } from './fetch-failure.ts';
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
}

/** The longest body that is read, in bytes: a token is a few kilobytes at the most. */
const LONGEST_BODY = 64 * 1024;

/**
 * **Makes one token request** (RFC 6749 section 4.4.2) and judges the answer. Aborting `signal` closes the connection.
 *
 * No error has a `cause`: what ky and the platform throw can hold the request, with the secret in it, or the answer.
 */
export async function requestToken(request: TokenRequest, signal: AbortSignal): Promise<TokenAnswer> {
  const { host } = request.url;
  const sentAt = performance.now();
  const { response, body } = await exchange(request, signal);
  if (!response.ok) throw tokenRefusal(host, response, body, [request.clientSecret, ...encodedSecrets(request)]);
  return tokenAnswer(host, response.status, body, request.scopes, sentAt);
}

/** Sends the request and reads the answer; `body` is undefined where it is too long. The time limit is over both. */
async function exchange(
  request: TokenRequest,
  signal: AbortSignal,
): Promise<{ response: Response; body: string | undefined }> {
  const { host } = request.url;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), request.timeout);
  const given = AbortSignal.any([signal, limit.signal]);
  try {
    // Retries are not ky's affair: its own count no failure of the body, and sleep for as long as a server says.
    const response = await ky.post(request.url, {
      body: form(request),
      headers: headers(request),
      redirect: 'manual',
      retry: 0,
      signal: given,
      throwHttpErrors: false,
      timeout: false,
    });
    return { response, body: await boundedText(response, LONGEST_BODY, given) };
  } catch (error) {
    if (!limit.signal.aborted) throw fetchFailure(host, error);
    throw new TimeoutError(
      `${host} did not answer the token request within ${request.timeout} ms.`,
      'token',
      request.timeout,
    );
  } finally {
    clearTimeout(timer);
  }
}

function form({ clientId, clientSecret, scopes, credentialsIn }: TokenRequest): URLSearchParams {
  return new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...(credentialsIn === 'body' && { client_id: clientId, client_secret: clientSecret }),
  });
}

function headers(request: TokenRequest): Record<string, string> {
  const common = { Accept: 'application/json', 'User-Agent': `rxframe/${version}` };
  return request.credentialsIn === 'body' ? common : { ...common, Authorization: `Basic ${basic(request)}` };
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
