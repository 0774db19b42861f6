import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';

const running: { close(): unknown }[] = [];

afterAll(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** Starts a simulator that is closed after the tests. */
export async function simulated(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  running.push(simulator);
  return simulator;
}

/** A secret that is found in no text by chance. */
export const SECRET = 's3cr3t-Zq7-do-not-show';

/** The configuration for a server, as environment variables. */
export function environmentOf({
  loginUrl,
  streamUrl,
  clientId,
  clientSecret,
  apiUrl,
}: Pick<Simulator, 'loginUrl' | 'streamUrl' | 'clientId' | 'clientSecret'> &
  Partial<Pick<Simulator, 'apiUrl'>>): Record<string, string> {
  return {
    ...(apiUrl !== undefined && { GENESYS_API_URL: apiUrl }),
    GENESYS_LOGIN_URL: loginUrl,
    GENESYS_STREAM_URL: streamUrl,
    GENESYS_CLIENT_ID: clientId,
    GENESYS_CLIENT_SECRET: clientSecret,
  };
}

/** A server that gives everybody a token, and serves each connection as the test says. Closed after the tests. */
export async function handWritten(serve: (webSocket: WebSocket) => void, token?: RequestListener) {
  const server = createServer(
    token ?? ((_, response) => response.end(JSON.stringify({ access_token: 'a-token', expires_in: 3600 }))),
  );
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (webSocket) => {
    webSocket.on('error', () => undefined);
    serve(webSocket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push({
    close: () => {
      for (const webSocket of webSockets.clients) webSocket.terminate();
      server.closeAllConnections();
      server.close();
    },
  });
  const { port } = server.address() as AddressInfo;
  return environmentOf({
    loginUrl: `http://127.0.0.1:${port}`,
    apiUrl: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}/feed`,
    clientId: 'an-id',
    clientSecret: SECRET,
  });
}

/** What {@link handWrittenPlatform} answers. */
export interface HandWrittenAnswer {
  /** @defaultValue 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * A platform that gives everybody a token, and answers each REST call, such as `GET /channels`, as the test says; `undefined`
 * with 404. Its channels are at `origin`.
 */
export function handWrittenPlatform(
  answer: (call: string, origin: string) => HandWrittenAnswer | undefined,
  serve: (webSocket: WebSocket) => void = () => undefined,
) {
  return handWritten(serve, (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const call = `${request.method ?? ''} ${pathname.replace('/api/v2/notifications', '')}`;
    const {
      status = 200,
      headers = {},
      body,
    } = pathname === '/oauth/token'
      ? { body: { access_token: 'a-token', expires_in: 3600 } }
      : (answer(call, `ws://${request.headers.host ?? ''}`) ?? { status: 404, body: {} });
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
}
