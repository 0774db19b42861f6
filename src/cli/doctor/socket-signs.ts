import { defer, map, Observable, of, filter } from 'rxjs';
import type { RawFrame } from '../../../operators/frame.ts';
import { connect } from '../../connection/connect.ts';

/** A sign that a channel's socket works. */
export type SocketSign =
  | { readonly sign: 'open' }
  /** The answer to a ping, and how many milliseconds after it. */
  | { readonly sign: 'pong'; readonly after: number };

/** As the platform wants it: a message, not a ping of WebSocket. */
const PING = JSON.stringify({ message: 'ping' });

/** **Opens the socket of a channel, and pings once.** Unsubscribing closes it. */
export function socketSigns(connectUri: string): Observable<SocketSign> {
  return new Observable((subscriber) => {
    let askedAt = NaN;
    const frames$ = connect({
      url: connectUri,
      heartbeat: false,
      outgoing$: defer(() => {
        askedAt = performance.now();
        return of(PING);
      }),
      state: {
        next: ({ status }) => {
          if (status === 'open') subscriber.next({ sign: 'open' });
        },
      },
    });
    return frames$
      .pipe(
        filter(isPong),
        map(({ receivedAt }): SocketSign => ({ sign: 'pong', after: receivedAt - askedAt })),
      )
      .subscribe(subscriber);
  });
}

function isPong({ rawData }: RawFrame): boolean {
  try {
    const { topicName, eventBody } = JSON.parse(new TextDecoder().decode(rawData)) as Partial<
      Record<string, { readonly message?: unknown } | null>
    >;
    return (topicName as unknown) === 'channel.metadata' && eventBody?.message === 'pong';
  } catch {
    return false;
  }
}
