import { browserSocket } from './browser-socket.ts';

/** The sockets that `connect` opens in browsers and workers. */
export const platformSocket = browserSocket;
