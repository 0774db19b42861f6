import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { checkHeaderText, checkMembers, checkStatus } from './checks.ts';
import { errorBody } from './error-body.ts';

/**
 * A scripted answer to one attempt to upgrade, whatever the request says: `'ok'` for the normal answer, a status, a
 * status with more, or `'hang'` for none at all.
 */
export type UpgradeResponse =
  | 'ok'
  | 'hang'
  | number
  | {
      /** The HTTP status, 200 to 599. */
      readonly status: number;
      /** The raw value of the header `Retry-After`: seconds or an HTTP date. @defaultValue no such header */
      readonly retryAfter?: string;
      /** The value of the header `Location`, for a redirect. @defaultValue no such header */
      readonly location?: string;
    };

/** Throws where an answer could not be given. */
export function checkUpgradeResponse(where: string, response: UpgradeResponse): void {
  if (response === 'ok' || response === 'hang') return;
  if (typeof response !== 'object') {
    checkStatus(where, response);
    return;
  }
  checkMembers(where, response, ['status', 'retryAfter', 'location']);
  checkStatus(`${where}.status`, response.status);
  if (response.retryAfter !== undefined) checkHeaderText(`${where}.retryAfter`, response.retryAfter);
  if (response.location !== undefined) checkHeaderText(`${where}.location`, response.location);
}

/** **Answers an attempt to upgrade with something else than 101**, and ends the connection. */
export function refuseUpgrade(socket: Duplex, response: Exclude<UpgradeResponse, 'ok' | 'hang'>): void {
  const { status, retryAfter, location } = typeof response === 'number' ? { status: response } : { ...response };
  const correlationId = randomUUID();
  const body = Buffer.from(JSON.stringify(errorBody(status, correlationId)));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `inin-correlation-id: ${correlationId}`,
    ...(status === 401 ? ['WWW-Authenticate: Bearer realm="simulator"'] : []),
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
    ...(location === undefined ? [] : [`Location: ${location}`]),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
}
