import type { AgentOptions } from 'node:https';
import { WebSocket, type ClientOptions } from 'ws';
import { ClosedError, NetworkError, TlsError, type RxFrameError } from '../../operators/errors.ts';
import { publicUrl } from './address.ts';
import type { OutgoingMessage, Socket, SocketEvents, SocketFactory, SocketRequest } from './socket.ts';
import { upgradeFailure } from './upgrade-failure.ts';

/** Options of {@link nodeSocket}: what a network may need beyond an address, as `ws` and Node take it. */
export type NodeSocketOptions = Pick<ClientOptions, 'agent' | 'perMessageDeflate'> &
  Pick<AgentOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'localAddress' | 'lookup' | 'family'>;

/**
 * **Sockets over `ws`.** `connect` uses it by itself in Node; call it to go through a proxy, to trust a private
 * certificate authority, or to present a client certificate: `connect({ url, socket: nodeSocket({ agent }) })`.
 *
 * Redirects are not followed. UTF-8 is not checked here, so that one bad message costs one frame, not the connection.
 */
export function nodeSocket(options: NodeSocketOptions = {}): SocketFactory {
  return { sendsHeaders: true, pings: true, open: (request, events) => open(options, request, events) };
}

function open(options: NodeSocketOptions, request: SocketRequest, events: SocketEvents): Socket {
  const target = publicUrl(request.url);
  const socket = new WebSocket(request.url, [...request.protocols], {
    ...options,
    headers: { ...request.headers },
    maxPayload: request.maxPayload,
    skipUTF8Validation: true,
  });

  let failure: RxFrameError | undefined;
  socket.on('open', () => events.open());
  socket.on('message', (data, isBinary) => events.message(data as Buffer, isBinary));
  socket.on('pong', () => events.pong());
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
    send: (message: OutgoingMessage) => socket.send(message),
    ping: () => socket.ping(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  };
}

/** The error codes of a certificate that does not verify, as Node and OpenSSL name them. */
const CERTIFICATE =
  /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET_ISSUER|DECODE_ISSUER))/;

/** What `ws` and Node report, in our terms. A violation of the protocol closes with the code of RFC 6455 section 7.4.1. */
function socketFailure(target: string, error: Error & { code?: string }): RxFrameError {
  const { code = '' } = error;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return new ClosedError(1009, 'a message was larger than maxPayload', { cause: error });
  }
  if (code.startsWith('WS_ERR_')) return new ClosedError(1002, error.message, { cause: error });
  if (CERTIFICATE.test(code)) {
    return new TlsError(
      `The certificate of ${target} does not verify (${code}). If it is your own, trust its authority: NODE_EXTRA_CA_CERTS, or nodeSocket({ ca }).`,
      { cause: error },
    );
  }
  return new NetworkError(`The connection to ${target} failed: ${error.message || code}.`, { cause: error });
}
