import { defer, map, Observable, of, filter } from 'rxjs';
import { connect } from '../../connection/connect.ts';
import { controlMessage, PING } from '../../genesys/notifications/control-message.ts';

/** A sign that a channel's socket works. */
export type SocketSign =
  | { readonly sign: 'open' }
  /** The answer to a ping, and how many milliseconds after it. */
  | { readonly sign: 'pong'; readonly after: number };

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
        filter(({ rawData }) => controlMessage(rawData) === 'pong'),
        map(({ receivedAt }): SocketSign => ({ sign: 'pong', after: receivedAt - askedAt })),
      )
      .subscribe(subscriber);
  });
}
