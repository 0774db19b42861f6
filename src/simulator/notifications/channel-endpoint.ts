import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { LARGEST_MESSAGE } from '../simulator-options.ts';
import type { SocketSet } from '../socket-set.ts';
import type { ClientLink, LinkEvents } from './client-link.ts';

/** A client with this much yet to be written to it is too slow and is let go, in bytes. */
const LONGEST_BACKLOG = 16 * 1024 * 1024;

/**
 * **Takes sockets for channels**, at the addresses that `connectUri` gives.
 *
 * @returns what answers an attempt to upgrade, and has the socket served by `serve`
 */
export function channelEndpoint(
  sockets: SocketSet,
): (request: IncomingMessage, socket: Duplex, head: Buffer, serve: (link: ClientLink) => LinkEvents) => void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LARGEST_MESSAGE,
  });
  return (request, socket, head, serve) =>
    server.handleUpgrade(request, socket, head, (webSocket) => {
      serveChannel(webSocket, socket, sockets, serve);
    });
}

function serveChannel(
  webSocket: WebSocket,
  socket: Duplex,
  sockets: SocketSet,
  serve: (link: ClientLink) => LinkEvents,
): void {
  let isMuted = false;
  const events = serve({
    send: (text, event) => {
      const isOpen = !isMuted && webSocket.readyState === webSocket.OPEN;
      if (isOpen) webSocket.send(text);
      if (event !== undefined) events.settled(event, isOpen);
      if (webSocket.bufferedAmount > LONGEST_BACKLOG) webSocket.terminate();
    },
    close: (code, reason) => webSocket.close(code, reason),
    cut: () => webSocket.terminate(),
    mute: () => {
      isMuted = true;
      // What the client sends is read and ignored, pings and its close frame too: only TCP tells when it is gone.
      socket.removeAllListeners('data').resume();
    },
  });
  sockets.add(webSocket, () => events.end());
  webSocket.on('message', (data: Buffer) => events.message(data.toString()));
}
