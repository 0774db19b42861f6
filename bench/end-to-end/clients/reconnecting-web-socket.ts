import reconnectingWebSocketModule from 'reconnecting-websocket';
import type { StartClient } from './client.ts';
import { eventJob } from './event-job.ts';
import { LenientWebSocket } from './lenient-web-socket.ts';

// Node gives the class itself, where the types have a module with a default.
const ReconnectingWebSocket = reconnectingWebSocketModule as unknown as typeof reconnectingWebSocketModule.default;

/** The job by hand, on `reconnecting-websocket`. */
export const reconnectingWebSocket: StartClient = (auditFile, consume) => {
  const { connection, finish } = eventJob(auditFile, consume);
  return {
    run(url) {
      const take = connection();
      const socket = new ReconnectingWebSocket(url, [], { WebSocket: LenientWebSocket });
      socket.binaryType = 'arraybuffer';
      socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => take(data);
      return new Promise((resolve, reject) => {
        socket.onclose = ({ code }) => {
          // It would connect again after each close, 1000 included.
          socket.close();
          if (code === 1000) resolve();
          else reject(new Error(`It was closed with ${code}.`));
        };
      });
    },
    finish,
  };
};
