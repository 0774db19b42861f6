import type { Agent } from 'node:http';
import type { AgentOptions } from 'node:https';
import { WebSocket, type ClientOptions } from 'ws';
import { ClosedError, NetworkError, TlsError, type RxFrameError } from '../../operators/errors.ts';
import { callable, flag, knownOptions, oneOf, withMethod } from '../../operators/options.ts';
import { isCertificateFailure } from './is-certificate-failure.ts';
import { protocolCloseCode } from './protocol-close-code.ts';
import type { OutgoingMessage, Socket, SocketEvents, SocketFactory, SocketRequest } from './socket.ts';
import { upgradeFailure } from './upgrade-failure.ts';

/** Options of {@link nodeSocket}: what a network may need beyond an address, as `ws` and Node take it. */
export interface NodeSocketOptions extends Pick<
  AgentOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'localAddress' | 'lookup' | 'family'
> {
  /** Makes the connections: a proxy's agent, for example. */
  readonly agent?: Agent;
  /** Offer permessage-deflate (RFC 7692). @defaultValue true */
  readonly perMessageDeflate?: boolean;
}

const OPTIONS = [
  'agent',
  'perMessageDeflate',
  'ca',
  'cert',
  'key',
  'passphrase',
  'localAddress',
  'lookup',
  'family',
] satisfies (keyof NodeSocketOptions)[];

/**
 * **Sockets over `ws`.** `connect` uses it by itself in Node; call it to go through a proxy, to trust a private
 * certificate authority, or to present a client certificate: `connect({ url, socket: nodeSocket({ agent }) })`.
 *
 * Redirects are not followed. UTF-8 is not checked here, so that one bad message costs one frame, not the connection.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed. There are no others: that certificates are
 *   verified can't be turned off. What `ca`, `cert` and `key` hold is Node's to judge, at the attempt
 */
export function nodeSocket(options: NodeSocketOptions = {}): SocketFactory {
  knownOptions('nodeSocket', options, OPTIONS);
  const { agent, perMessageDeflate, lookup, family } = options;
  if (agent !== undefined) withMethod('nodeSocket: agent', 'addRequest', agent);
  if (perMessageDeflate !== undefined) flag('nodeSocket: perMessageDeflate', perMessageDeflate);
  if (lookup !== undefined) callable('nodeSocket: lookup', lookup);
  if (family !== undefined) oneOf('nodeSocket: family', [0, 4, 6], family);
  return { sendsHeaders: true, pings: true, open: (request, events) => open(options, request, events) };
}

function open(options: NodeSocketOptions, request: SocketRequest, events: SocketEvents): Socket {
  const target = request.shownAs;
  // `closeTimeout` is an option of `ws` that its published types do not have yet.
  const settings: ClientOptions & { readonly closeTimeout: number } = {
    ...options,
    headers: { ...request.headers },
    maxPayload: request.maxPayload,
    closeTimeout: request.closeTimeout,
    skipUTF8Validation: true,
    autoPong: false,
  };
  const socket = new WebSocket(request.url, [...request.protocols], settings);

  let failure: RxFrameError | undefined;
  socket.on('open', () => events.open());
  socket.on('message', (data, isBinary) => events.message(data as Buffer, isBinary));
  socket.on('pong', () => events.pong());
  answerPings(socket);
  socket.on('unexpected-response', (upgrade, response) => {
    failure = upgradeFailure(target, response.statusCode ?? 0, response.headers['retry-after']);
    upgrade.destroy();
    socket.terminate();
  });
  socket.on('error', (error) => (failure ??= socketFailure(target, error)));
  socket.on('close', (code, reason) => {
    if (failure === undefined && code === 1000) events.end();
    else events.end(failure ?? new ClosedError(code, reason.toString('utf8')));
  });

  return {
    get isClosing() {
      return socket.readyState === WebSocket.CLOSING;
    },
    send: (message: OutgoingMessage) => socket.send(message),
    ping: () => socket.ping(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  };
}

/**
 * Answers pings, the latest of those that wait (RFC 6455 section 5.5.3 allows that). What `ws` does by itself is to end a
 * connection with 60 answers under way: so many come at once where a paused socket is read again.
 */
function answerPings(socket: WebSocket): void {
  let isSending = false;
  let latest: Buffer | undefined;

  const answer = (payload: Buffer) => {
    isSending = true;
    socket.pong(payload, true, () => {
      isSending = false;
      if (latest === undefined) return;
      const next = latest;
      latest = undefined;
      answer(next);
    });
  };
  socket.on('ping', (payload) => {
    if (isSending) latest = payload;
    else answer(payload);
  });
}

/** What `ws` and Node report, in our terms. */
function socketFailure(target: string, error: Error & { code?: string; rawPacket?: Buffer }): RxFrameError {
  // What came in place of an HTTP response: an echo of our request, token and all, for example.
  delete error.rawPacket;
  const { code = '' } = error;
  const closeCode = protocolCloseCode(code);
  if (closeCode === 1009) return new ClosedError(1009, 'a message was larger than maxPayload', { cause: error });
  if (closeCode !== undefined) return new ClosedError(closeCode, error.message, { cause: error });
  if (isCertificateFailure(code)) {
    return new TlsError(
      `The certificate of ${target} does not verify (${code}). If it is your own, trust its authority: NODE_EXTRA_CA_CERTS, or nodeSocket({ ca }).`,
      { cause: error },
    );
  }
  return new NetworkError(`The connection to ${target} failed: ${error.message || code}.`, { cause: error });
}
