import type { ClosedMessage, FullMessage, TickMessage } from '../protocol.ts';

/** Who takes what comes from the inspected process. */
export interface MessageTaker {
  /** All that is kept, in place of what came before. */
  full(message: FullMessage): void;
  tick(message: TickMessage): void;
  /** The inspector was closed; nothing comes any more. */
  closed(message: ClosedMessage): void;
  /** The connection to the process is lost; `isFinal` where it does not know this address any more. */
  lost(isFinal: boolean): void;
}

/** **Listens to the inspected process**, and goes on trying where it does not answer. */
export function listenToMessages(taker: MessageTaker): void {
  const events = new EventSource('events');
  events.addEventListener('full', ({ data }: MessageEvent<string>) => taker.full(JSON.parse(data) as FullMessage));
  events.addEventListener('tick', ({ data }: MessageEvent<string>) => taker.tick(JSON.parse(data) as TickMessage));
  events.addEventListener('closed', ({ data }: MessageEvent<string>) => {
    events.close();
    taker.closed(JSON.parse(data) as ClosedMessage);
  });
  events.addEventListener('error', () => taker.lost(events.readyState === EventSource.CLOSED));
}
