import { EMPTY, filter, fromEvent, merge, Observable } from 'rxjs';

/**
 * **Emits when it is worth trying again at once**: in a browser, when the network comes back, or the page becomes
 * visible; elsewhere never. The default of `reconnect`'s `wakeUp$`.
 */
export const wakeUp$: Observable<unknown> = new Observable((subscriber) => {
  const online = 'addEventListener' in globalThis ? fromEvent(globalThis, 'online') : EMPTY;
  const visible =
    'document' in globalThis
      ? fromEvent(document, 'visibilitychange').pipe(filter(() => document.visibilityState === 'visible'))
      : EMPTY;
  return merge(online, visible).subscribe(subscriber);
});
