import { WebSocket } from 'ws';

/**
 * `ws` for libraries that take a constructor and no options of it: text that is not UTF-8 must cost a frame, not the
 * connection. What they get are its browser-style events.
 */
export class LenientWebSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { skipUTF8Validation: true });
  }
}
