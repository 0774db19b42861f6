import type { SocketRequest } from '../../src/connection/socket.ts';

/** What a client asks a socket for, where a test says nothing else. */
export function socketRequest(url: string, request: Partial<SocketRequest> = {}): SocketRequest {
  return {
    url,
    shownAs: '',
    protocols: [],
    headers: {},
    maxPayload: 1e6,
    closeTimeout: 1000,
    pausable: false,
    ...request,
  };
}
