import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** **Answers a request for an upgrade with a status and nothing else**, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  const patience = status === 503 ? 'Retry-After: 5\r\n' : '';
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n${patience}\r\n`,
  );
}
