import { webSocket } from 'rxjs/webSocket';
import type { StartClient } from './client.ts';
import { eventJob } from './event-job.ts';
import { LenientWebSocket } from './lenient-web-socket.ts';

/** The job by hand, on RxJS's own `webSocket`. */
export const rxjsWebSocket: StartClient = (auditFile, consume) => {
  const { connection, finish } = eventJob(auditFile, consume);
  return {
    run: (url) =>
      webSocket({
        url,
        // What it needs of the platform's WebSocket is there; the types of `ws` differ.
        WebSocketCtor: LenientWebSocket as unknown as new (url: string) => WebSocket,
        binaryType: 'arraybuffer',
        deserializer: ({ data }: MessageEvent<string | ArrayBuffer>) => data,
      }).forEach(connection()),
    finish,
  };
};
