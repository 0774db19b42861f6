import { nodeSocket } from './node-socket.ts';

/** The sockets that `connect` opens in Node, Bun and Deno. */
export const platformSocket = nodeSocket();
