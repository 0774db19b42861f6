import type { WebSocket } from 'ws';
import { RawFrame } from '../../../operators/frame.ts';
import { newConnectionId } from '../../connection/connection-id.ts';
import { protocolCloseCode } from '../../connection/protocol-close-code.ts';
import type { SessionIdentity } from './authenticate.ts';
import { SessionConnection } from './session-connection.ts';
import type { SessionSettings } from './session-settings.ts';

/** How much may wait to be sent to a client that does not read, in bytes. */
const MOST_UNSENT = 1024 * 1024;

/** **Ties a session to its socket**: what is received becomes frames. */
export function serveSession(
  webSocket: WebSocket,
  identity: SessionIdentity,
  settings: SessionSettings & { readonly ended: () => void },
): SessionConnection {
  const { scheduler, clock } = settings;
  const connectionId = newConnectionId();
  let sequence = 0;

  const session = new SessionConnection(
    identity,
    connectionId,
    {
      send: (text) => {
        if (webSocket.bufferedAmount > MOST_UNSENT) webSocket.terminate();
        else webSocket.send(text);
      },
      close: (code, reason) => webSocket.close(code, reason),
      terminate: () => webSocket.terminate(),
    },
    settings,
  );
  webSocket.on('message', (rawData, isBinary) => {
    session.take(
      new RawFrame({
        rawData: rawData as Buffer,
        isBinary,
        connectionId,
        sequence: sequence++,
        timestamp: scheduler.now(),
        receivedAt: clock.now(),
      }),
    );
  });
  // Of what `ws` itself can't take, such as a message that is too large. The close follows.
  let refusal: number | undefined;
  webSocket.on('error', ({ code = '' }: NodeJS.ErrnoException) => (refusal = protocolCloseCode(code)));
  webSocket.on('close', (code) => {
    session.ended(refusal ?? code);
    settings.ended();
  });
  return session;
}
