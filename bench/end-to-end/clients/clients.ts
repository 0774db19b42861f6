import { bare } from './bare.ts';
import { reconnectingWebSocket } from './reconnecting-web-socket.ts';
import { rxframe } from './rxframe.ts';
import { rxjsWebSocket } from './rxjs-web-socket.ts';

/**
 * The clients by name. `graphql-ws` is not among them: its messages are JSON envelopes of a protocol of its own, parsed
 * by the library, and never binary, so the job can't be the same.
 */
export const clients = {
  rxframe,
  'bare ws': bare,
  'rxjs/webSocket': rxjsWebSocket,
  'reconnecting-websocket': reconnectingWebSocket,
};

/** The name of a client. */
export type ClientName = keyof typeof clients;
