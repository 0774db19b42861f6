import type { Observable, Subscription } from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { Log } from './log.ts';

/** What a subscription has given. */
export interface Recording<T> {
  readonly values: Log<T>;
  /** Resolves when it ends: with `'complete'`, or with its error. */
  readonly ended: Promise<unknown>;
  readonly subscription: Subscription;
}

const subscriptions: Subscription[] = [];

/** Subscribes, and keeps what comes. Unsubscribed after the test. */
export function record<T>(source: Observable<T>): Recording<T> {
  const values = new Log<T>();
  const ended = new Log<unknown>();
  const subscription = source.subscribe({
    next: values.next,
    error: ended.next,
    complete: () => ended.next('complete'),
  });
  subscriptions.push(subscription);
  return { values, ended: ended.until(1), subscription };
}

/** Unsubscribes all that a test recorded. */
export function unsubscribeAll(): void {
  for (const subscription of subscriptions.splice(0)) subscription.unsubscribe();
}

/** The states of a connection. */
export class States extends Log<ConnectionState> {
  get statuses(): ConnectionState['status'][] {
    return this.items.map(({ status }) => status);
  }

  async reach(status: ConnectionState['status']): Promise<ConnectionState> {
    return this.find((state) => state.status === status);
  }
}
