import { STATUS_CODES } from 'node:http';

/** The `code` of the platform's error body, for the statuses that have a well-known one. */
const CODES: Readonly<Record<number, string>> = {
  400: 'bad.request',
  401: 'bad.credentials',
  403: 'not.authorized',
  404: 'not.found',
  405: 'method.not.allowed',
  429: 'too.many.requests.retry.after',
  500: 'internal.server.error',
  503: 'service.unavailable',
  504: 'gateway.timeout',
};

/**
 * **The body that the platform's API gives with an error**: what happened, and the id to ask support about.
 *
 * @param details - one entry for each part of the request that is to blame
 */
export function errorBody(
  status: number,
  contextId: string,
  message = STATUS_CODES[status] ?? 'Error',
  details: readonly object[] = [],
): object {
  const code = CODES[status] ?? (STATUS_CODES[status] ?? 'error').toLowerCase().replaceAll(/[^a-z]+/g, '.');
  return { message, code, status, contextId, details, errors: [] };
}
