import { randomUUID } from 'node:crypto';
import { checkHeaderText, checkMembers, checkStatus } from './checks.ts';
import { errorBody } from './error-body.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';
import type { TokenStore } from './token-store.ts';

/**
 * A scripted answer to one token request, whatever the request says: `'ok'` for the normal answer, a status, a status
 * with more, or `'hang'` for none at all.
 */
export type TokenResponse =
  | 'ok'
  | 'hang'
  | number
  | {
      /** The HTTP status, 200 to 599. */
      readonly status: number;
      /** The raw value of the header `Retry-After`: seconds or an HTTP date. @defaultValue no such header */
      readonly retryAfter?: string;
      /** The body: a string as it is, anything else as JSON. @defaultValue an error body that suits the status */
      readonly body?: unknown;
    };

/** Throws where an answer could not be given. */
export function checkTokenResponse(where: string, response: TokenResponse): void {
  if (response === 'ok' || response === 'hang') return;
  if (typeof response !== 'object') {
    checkStatus(where, response);
    return;
  }
  checkMembers(where, response, ['status', 'retryAfter', 'body']);
  checkStatus(`${where}.status`, response.status);
  if (response.retryAfter !== undefined) checkHeaderText(`${where}.retryAfter`, response.retryAfter);
}

/** Where it is. */
export const TOKEN_PATH = '/oauth/token';

/** What {@link tokenEndpoint} needs. */
export interface TokenEndpointOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenLifetime: number;
  readonly grantedScopes: readonly string[] | undefined;
  readonly tokenResponses: readonly TokenResponse[];
  readonly tokens: TokenStore;
  /** Called for each token issued. */
  readonly issued: () => void;
}

/** Longer forms are refused, in characters. */
const LONGEST_FORM = 64 * 1024;

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error as OAuth has it (RFC 6749 section 5.2), with the platform's `description` beside. */
function oauthError(
  status: number,
  error: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers, body: { error, description: text, error_description: text } };
}

/** What `application/x-www-form-urlencoded` stands for: RFC 6749 section 2.3.1 has both halves of Basic encoded so. */
function formDecoded(text: string): string {
  return new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value') ?? '';
}

function scriptedAnswer(response: Exclude<TokenResponse, 'ok' | 'hang'>, contextId: string): Answer {
  const { status, retryAfter, body } = typeof response === 'number' ? { status: response } : { ...response };
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  if (body !== undefined) return { status, headers, body };
  if (status === 400) return oauthError(status, 'invalid_request', 'The request is not valid.', headers);
  if (status === 401) return oauthError(status, 'invalid_client', 'client not found', headers);
  return { status, headers, body: status < 300 ? {} : errorBody(status, contextId) };
}

/**
 * **`POST /oauth/token` with the client credentials grant** (RFC 6749 section 4.4): form-encoded, credentials as HTTP
 * Basic or in the body. Wrong ones get 401 `invalid_client`, another grant 400 `unsupported_grant_type`.
 *
 * @returns what answers a request, or leaves it without an answer by giving undefined
 */
export function tokenEndpoint(options: TokenEndpointOptions): (request: HttpRequest) => HttpResponse | undefined {
  const { tokens, grantedScopes } = options;
  const scripted = [...options.tokenResponses];

  const isClient = (id: string, secret: string): boolean => id === options.clientId && secret === options.clientSecret;

  function isBasicClient(encoded: string): boolean {
    const credentials = Buffer.from(encoded, 'base64').toString();
    const colon = credentials.indexOf(':');
    if (colon < 0) return false;
    const id = credentials.slice(0, colon);
    const secret = credentials.slice(colon + 1);
    // Most clients send them as they are, the careful ones form-encoded; servers take both.
    return isClient(id, secret) || isClient(formDecoded(id), formDecoded(secret));
  }

  function answerTo({ headers }: HttpRequest, body: string): Answer {
    const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (mediaType !== 'application/x-www-form-urlencoded') {
      return oauthError(400, 'invalid_request', 'The body must be form-encoded.');
    }
    const form = new URLSearchParams(body);
    const basic = /^basic +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
    if (basic !== undefined && form.has('client_secret')) {
      return oauthError(400, 'invalid_request', 'Credentials belong in the header or in the body, not in both.');
    }
    const known =
      basic === undefined
        ? isClient(form.get('client_id') ?? '', form.get('client_secret') ?? '')
        : isBasicClient(basic);
    if (!known) {
      return oauthError(401, 'invalid_client', 'client not found', { 'www-authenticate': 'Basic realm="simulator"' });
    }
    const grant = form.get('grant_type');
    if (grant === null) return oauthError(400, 'invalid_request', 'grant_type is missing.');
    if (grant !== 'client_credentials') return oauthError(400, 'unsupported_grant_type', 'Use client_credentials.');
    const scope = grantedScopes ? grantedScopes.join(' ') : (form.get('scope') ?? undefined);
    options.issued();
    const token = tokens.issue(options.clientId);
    return {
      status: 200,
      body: { access_token: token, token_type: 'bearer', expires_in: options.tokenLifetime, scope },
    };
  }

  function answer(request: HttpRequest, correlationId: string): Answer | undefined {
    if (request.method !== 'POST') {
      return { status: 405, headers: { allow: 'POST' }, body: errorBody(405, correlationId) };
    }
    const next = scripted.shift() ?? 'ok';
    if (next === 'hang') return undefined;
    if (next !== 'ok') return scriptedAnswer(next, correlationId);
    const { body } = request;
    if (body === undefined || body.length > LONGEST_FORM) return { status: 413, body: errorBody(413, correlationId) };
    return answerTo(request, body);
  }

  return (request) => {
    const correlationId = randomUUID();
    const given = answer(request, correlationId);
    return (
      given && {
        status: given.status,
        headers: {
          'content-type': 'application/json',
          'cache-control': 'no-store',
          'inin-correlation-id': correlationId,
          ...given.headers,
        },
        body: typeof given.body === 'string' ? given.body : JSON.stringify(given.body),
      }
    );
  };
}
