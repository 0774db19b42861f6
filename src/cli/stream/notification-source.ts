import { identity, of, ReplaySubject, type MonoTypeOperatorFunction } from 'rxjs';
import { audit } from '../../../operators/audit.ts';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import { metrics } from '../../../operators/metrics.ts';
import { publicUrl } from '../../connection/address.ts';
import { notifications, type NotificationNotice } from '../../genesys/notifications/notifications.ts';
import type { Topic } from '../../genesys/notifications/topics.ts';
import { apiClient, type ApiAccess } from '../platform/api-client.ts';
import { counted } from '../terminal/counted.ts';
import { notificationOutcomes } from './notification-outcomes.ts';
import type { OutcomeSource } from './outcome-source.ts';

/**
 * **Notification channels** with these topics, through the stages that `frameStream` has.
 *
 * @param share - leaves of the topics those that this process is to have
 * @param maxAttempts - after how many failed connections in a row it gives up; undefined: never
 */
export function notificationSource(
  access: ApiAccess,
  topics: readonly Topic[],
  share: MonoTypeOperatorFunction<readonly Topic[]>,
  atLimit: 'error' | 'replace',
  maxAttempts: number | undefined,
): OutcomeSource {
  return {
    name: `${counted(topics.length, 'topic')} of ${publicUrl(access.apiUrl)}`,
    open: ({ flow, meter, audit: sink, notice }) => {
      const state$ = new ReplaySubject<ConnectionState>(1);
      const totals = new Totals();
      state$.subscribe((state) => totals.connection(state));
      const frames$ = notifications({
        api: apiClient(access),
        topics: of(topics).pipe(share),
        atLimit,
        notices: {
          next: (told) => {
            totals.notice(told);
            notice(told);
          },
        },
        state: state$,
        flow,
        ...(maxAttempts !== undefined && { reconnect: { maxAttempts } }),
      });
      const outcomes$ = notificationOutcomes(frames$).pipe(metrics(meter), sink === undefined ? identity : audit(sink));
      return { outcomes$, state$, counts: () => totals.counts() };
    },
  };
}

/** What has happened besides the frames. */
class Totals {
  #connections = 0;
  #handovers = 0;
  #gaps = 0;
  #refused = 0;

  connection({ status }: ConnectionState): void {
    if (status === 'open') this.#connections += 1;
  }

  notice(notice: NotificationNotice): void {
    if (notice.type === 'gap') this.#gaps += 1;
    if (notice.type === 'refused') this.#refused += 1;
    if (notice.type === 'handover' && notice.status === 'done') this.#handovers += 1;
  }

  counts(): readonly string[] {
    return [
      counted(this.#connections, 'connection'),
      counted(this.#handovers, 'handover'),
      counted(this.#gaps, 'gap'),
      ...(this.#refused === 0 ? [] : [counted(this.#refused, 'refused topic')]),
    ];
  }
}
