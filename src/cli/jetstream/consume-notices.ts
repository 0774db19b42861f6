import { buffer, debounceTime, Subject, type Observer } from 'rxjs';
import type { ConsumeNotice } from '../../jetstream/consume/consume-notice.ts';
import { firstOfEachPeriod } from '../terminal/first-of-each-period.ts';
import { messageOf } from '../terminal/message-of.ts';

type OnFrame = ConsumeNotice & { readonly type: 'failed' | 'unsettled' };
type OnPartition = ConsumeNotice & { readonly type: 'assigned' | 'revoked' };

/** How many notices on single frames are told in how many milliseconds: a webhook that is down fails each of them. */
const TOLD = { most: 10, period: 10_000 };
/** Partitions come and go together: so long after the last one they are told, in milliseconds. */
const SETTLED = 100;

/**
 * **Tells a person what `fromJetStream` and `ackWith` have to say**: the partitions in one line, and of single frames only the first of each period;
 * how many more there were is told at its end. What waits is told on completion.
 */
export function consumeNotices(log: (text: string) => void): Observer<ConsumeNotice> {
  const frames$ = new Subject<OnFrame>();
  const partitions$ = new Subject<OnPartition>();
  const more = (count: number) => count;
  frames$.pipe(firstOfEachPeriod(TOLD, more)).subscribe((told) => {
    log(typeof told === 'number' ? `and ${told} more times of that kind` : frameInWords(told));
  });
  partitions$.pipe(buffer(partitions$.pipe(debounceTime(SETTLED)))).subscribe((told) => {
    for (const type of ['revoked', 'assigned'] as const) {
      const numbers = told.filter((notice) => notice.type === type).map(({ partition }) => partition);
      if (numbers.length > 0) log(partitionsInWords(type, numbers));
    }
  });
  return {
    next: (notice) => {
      switch (notice.type) {
        case 'assigned':
        case 'revoked':
          partitions$.next(notice);
          return;
        case 'failed':
        case 'unsettled':
          frames$.next(notice);
          return;
        case 'stalled':
          log(`JetStream does not answer, and is asked again: ${messageOf(notice.cause)}`);
      }
    },
    error: (error) => frames$.error(error),
    complete: () => {
      frames$.complete();
      partitions$.complete();
    },
  };
}

function frameInWords(notice: OnFrame): string {
  const { sequence, stream } = notice.delivery;
  const frame = `message ${sequence} of ${stream}`;
  if (notice.type === 'unsettled') return `${frame}: not settled in time`;
  const { cause, retryIn } = notice;
  const next = retryIn === undefined ? 'a dead letter' : `again in ${(retryIn / 1_000).toFixed(1)} s`;
  return `${frame}: ${messageOf(cause).replace(/\.$/, '')}: ${next}`;
}

function partitionsInWords(type: OnPartition['type'], numbers: readonly number[]): string {
  const which = `partition${numbers.length === 1 ? '' : 's'} ${[...numbers].sort((a, b) => a - b).join(', ')}`;
  return type === 'assigned' ? `reads ${which}` : `leaves ${which} to others`;
}
