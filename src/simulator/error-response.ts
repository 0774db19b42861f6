import { randomUUID } from 'node:crypto';
import { errorBody } from './error-body.ts';
import type { HttpResponse } from './http-message.ts';

/** **The answer to a request that no endpoint takes.** */
export function errorResponse(status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(errorBody(status, randomUUID())),
  };
}
