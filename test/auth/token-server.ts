import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach } from 'vitest';
import type { Certificate } from '../connection/certificate.ts';

/** A token request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server on loopback that does with token requests what a test wants. */
export interface TokenServer {
  readonly loginUrl: string;
  readonly host: string;
  readonly requests: readonly SeenRequest[];
}

/** Gives one answer, to the request with that ordinal from 0. */
export type Answer = (response: ServerResponse, nth: number, request: SeenRequest) => void;

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** Starts a server that is closed after the test. */
export async function tokenServer(answer: Answer, tls?: Certificate): Promise<TokenServer> {
  const requests: SeenRequest[] = [];
  const exchanges: Promise<unknown>[] = [];
  const serve: RequestListener = (incoming, response) => {
    exchanges.push(once(response, 'close'));
    void text(incoming).then((body) => {
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body };
      answer(response, requests.push(request) - 1, request);
    });
  };
  const server = tls === undefined ? createServer(serve) : createHttpsServer(tls, serve);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    // An answer that the client neither took nor hung up on fails the hook, by its time limit.
    await Promise.all(exchanges);
    server.close();
    server.closeAllConnections();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { loginUrl: `${tls === undefined ? 'http' : 'https'}://${host}`, host, requests };
}

/** Answers with a status, a body (a string as it is, anything else as JSON) and headers. */
export function give(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, headers);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A server that gives the tokens `token-0`, `token-1`, …, each with those members in the answer. */
export function issuing(members: object = { expires_in: 3600 }): Answer {
  return (response, nth) => give(response, 200, { access_token: `token-${nth}`, token_type: 'bearer', ...members });
}
