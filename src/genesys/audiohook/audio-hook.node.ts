import { createServer, STATUS_CODES, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { defer, firstValueFrom, from, noop, Observable, throwError, timeout } from 'rxjs';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import { printable } from '../../../operators/printable.ts';
import { reporter } from '../../../operators/reporter.ts';
import type { AudioHookNotice } from './audio-hook-notice.ts';
import { checkAudioHookOptions, type AudioHookOptions } from './audio-hook-options.ts';
import { authenticate, type SessionIdentity } from './authenticate.ts';
import type { CredentialLookup } from './credentials.ts';
import { Nonces } from './nonces.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { serveSession } from './serve-session.ts';
import type { SessionConnection } from './session-connection.ts';
import type { AudioHookSession } from './session.ts';

/** After how long every refusal for want of rights is answered, in milliseconds, so that its time tells nothing. As the platform's reference server has it. */
const REFUSAL_DELAY = 500;
/** How long the lookup of a key may take, in milliseconds: the client does not wait longer. */
const LOOKUP_TIMEOUT = 10_000;
/** How many requests may be looked up at a time, and how many may wait for their refusal. */
const MOST_PENDING = 1_000;
/** Of our own server: who says nothing does not keep a connection for long. In milliseconds. */
const SERVER_OPTIONS = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 2_000 };
/** The largest audio message that a socket takes, in bytes: the connection is closed with 1009 before memory is spent. */
const LARGEST_MESSAGE = 1024 * 1024;

/** At which paths of a server there is an endpoint: two at the same path would both take the same socket. */
const taken = new WeakMap<HttpServer | HttpsServer, Set<string>>();

/**
 * **The conversations that Genesys Cloud streams to this server**, by AudioHook, protocol version 2.
 *
 * Subscribing attaches the endpoint to the server, or listens on the port. Each session is handed out when its client has opened it, and
 * has its frames, its audio and its events. Unsubscribing lets nobody in any more and asks every client to close; the sessions go
 * on until that is done, for at most `closeTimeout` each, with eight seconds more where `holdOpen` holds one.
 *
 *     client    --open------audio-audio--close
 *     sessions  --s---------------------------
 *     s.media$        ------a-----a------|
 *
 * ```ts
 * audioHook({ server, credentials: [{ apiKey, clientSecret }] })
 *   .pipe(takeUntil(stop$), mergeMap((session) => session.media$.pipe(writeWav(`${session.id}.wav`))))
 *   .subscribe(({ path }) => console.log(path));
 * ```
 *
 * Nobody is let in whose headers, API key and signature are not right: 401, after half a second, whatever was wrong. What a client does
 * against the protocol is a rejected frame of its session, and a `disconnect` where it can't be trusted any more; it never is an
 * error of this Observable, nor of another session. A port that is taken is, and a path of the server that has an
 * `audioHook` already. It completes where the server is closed.
 *
 * Source of the rules: the platform's AudioHook protocol, and its `audiohook-reference-implementation`.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function audioHook(options: AudioHookOptions): Observable<AudioHookSession> {
  const settings = checkAudioHookOptions(options);
  const { lookup, path, port, host, scheduler, maxSessions, maxSessionsPerOrganization } = settings;
  // Of all subscriptions: what was used before one ended is used after it, too.
  const nonces = new Nonces();

  return new Observable((subscriber) => {
    const notice = reporter<AudioHookNotice>('audioHook: notices', settings.notices);
    const sessions = new Map<SessionConnection, string>();
    const server: HttpServer | HttpsServer =
      (settings.server as HttpServer | HttpsServer | undefined) ??
      createServer(SERVER_OPTIONS, (request, response) => {
        const status = pathOf(request) === path ? 426 : 404;
        response.writeHead(status, status === 426 ? { upgrade: 'websocket' } : {}).end(STATUS_CODES[status]);
      });
    const paths = taken.get(server) ?? new Set();
    if (paths.has(path)) {
      subscriber.error(new Error(`audioHook: the server has one at ${path} already. To subscribe twice, share() it`));
      return;
    }
    taken.set(server, paths.add(path));
    const webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: LARGEST_MESSAGE,
      skipUTF8Validation: true,
      closeTimeout: settings.closeTimeout,
    } as ServerOptions);
    let lookedUp = 0;
    let delayed = 0;
    let isStopping = false;

    function refuse(
      request: IncomingMessage,
      socket: Duplex,
      status: number | undefined,
      facts: Pick<Extract<AudioHookNotice, { readonly type: 'refused' }>, 'reason' | 'cause'>,
    ): void {
      const named = request.headers['audiohook-organization-id'];
      const organizationId = typeof named === 'string' ? printable(named) : undefined;
      notice({ type: 'refused', status, address: request.socket.remoteAddress, organizationId, ...facts });
      if (status === undefined) socket.destroy();
      else refuseUpgrade(socket, status);
    }

    async function letIn(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
      const since = settings.clock.now();
      const { headers, url = '' } = request;
      lookedUp += 1;
      const found = await authenticate({ headers, target: url }, inTime(lookup), nonces, scheduler);
      lookedUp -= 1;
      if (!found.ok) {
        const { reason, cause } = found;
        const facts = { reason, ...(cause !== undefined && { cause }) };
        const isFlood = delayed >= MOST_PENDING;
        if (!isFlood) await refusalDelay(since);
        refuse(request, socket, isFlood ? undefined : 401, facts);
      } else if (socket.destroyed || socket.writableEnded) {
        refuse(request, socket, undefined, { reason: 'gone' });
      } else if (isStopping) {
        refuse(request, socket, 503, { reason: 'stopping' });
      } else if (isFull(found.identity)) {
        refuse(request, socket, 503, { reason: 'too-many-sessions' });
      } else {
        open(request, socket, head, found.identity);
      }
    }

    async function refusalDelay(since: number): Promise<void> {
      delayed += 1;
      await after(since + REFUSAL_DELAY - settings.clock.now());
      delayed -= 1;
    }

    function inTime(lookup: CredentialLookup): CredentialLookup {
      return (apiKey, organizationId) =>
        firstValueFrom(
          defer(() => from(Promise.resolve(lookup(apiKey, organizationId)))).pipe(
            timeout({ first: LOOKUP_TIMEOUT, scheduler, with: () => throwError(() => tooLate()) }),
          ),
        );
    }

    function isFull({ organizationId }: SessionIdentity): boolean {
      if (sessions.size >= maxSessions) return true;
      const organization = organizationId.toLowerCase();
      return [...sessions.values()].filter((one) => one === organization).length >= maxSessionsPerOrganization;
    }

    function open(request: IncomingMessage, socket: Duplex, head: Buffer, identity: SessionIdentity): void {
      let webSocket = undefined as WebSocket | undefined;
      try {
        webSockets.handleUpgrade(request, socket, head, (opened) => (webSocket = opened));
      } catch {
        // Another listener has made a WebSocket of this socket.
        refuse(request, socket, undefined, { reason: 'gone' });
      }
      if (webSocket === undefined) return;
      const session = serveSession(webSocket, identity, {
        ...settings,
        notice,
        handOut: (opened) => subscriber.next(opened),
        ended: () => sessions.delete(session),
      });
      sessions.set(session, identity.organizationId.toLowerCase());
    }

    function after(time: number): Promise<void> {
      return new Promise((resolve) => scheduler.schedule(() => resolve(), Math.max(0, time)));
    }

    function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      if (pathOf(request) !== path) {
        // Another listener's, where there is one. Where there are only endpoints, the first of them answers.
        if (server.listenerCount('upgrade') > paths.size || [...paths][0] !== path || paths.has(pathOf(request)))
          return;
        socket.on('error', noop);
        refuseUpgrade(socket, 404);
        return;
      }
      socket.on('error', noop);
      if (lookedUp >= MOST_PENDING) refuse(request, socket, 503, { reason: 'too-many-requests' });
      else void letIn(request, socket, head);
    }

    webSockets.on('wsClientError', (_error, socket, request) => refuse(request, socket, 400, { reason: 'no-upgrade' }));
    server.on('upgrade', onUpgrade);
    const failed = (error: Error) => subscriber.error(error);
    const closed = () => subscriber.complete();
    server.on('close', closed);
    if (port !== undefined) {
      server.maxConnections = maxSessions + 2 * MOST_PENDING;
      server.on('error', failed);
      server.listen(port, host, () => {
        const { address, family, port: bound } = server.address() as AddressInfo;
        const at = family === 'IPv6' ? `[${address}]` : address;
        notice({ type: 'listening', url: `ws://${at}:${bound}${path}` });
      });
    }

    subscriber.add(() => {
      isStopping = true;
      paths.delete(path);
      server.off('upgrade', onUpgrade);
      server.off('close', closed);
      if (port !== undefined) {
        server.close();
        server.closeAllConnections();
      }
      for (const session of sessions.keys()) session.stop();
    });
  });
}

function tooLate(): Error {
  return new Error(`the lookup took longer than ${LOOKUP_TIMEOUT} ms`);
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}
