import { catchError, defer, filter, from, switchMap, tap, throwError, type NextObserver } from 'rxjs';
import { checksum } from '../../../operators/checksum.ts';
import { decode } from '../../../operators/decode.ts';
import { metrics } from '../../../operators/metrics.ts';
import { sizeGate } from '../../../operators/size-gate.ts';
import { validate } from '../../../operators/validate.ts';
import { fromJetStream, type FromJetStreamOptions } from '../../jetstream/consume/from-jet-stream.ts';
import type { ConsumeNotice } from '../../jetstream/consume/consume-notice.ts';
import type { OutcomeSource } from '../stream/outcome-source.ts';
import { counted } from '../terminal/counted.ts';
import { engineError } from './engine-error.ts';
import { jetStreamTypes } from './jet-stream-types.ts';
import type { NatsLink } from './nats-link.ts';

/** What is read, and as whom. */
export interface ReadWishes extends Omit<FromJetStreamOptions, 'connection' | 'notices'> {
  readonly id: string;
  readonly totals: NonNullable<FromJetStreamOptions['totals']>;
}

/**
 * **A group of JetStream**, through the stages that `rxframe ingest` had.
 *
 * @param maxFrames - so many frames are handed out; the others stay for the next member. `undefined`: all
 */
export function jetStreamSource(
  link: NatsLink,
  wishes: ReadWishes,
  maxFrames: number | undefined,
  notices: NextObserver<ConsumeNotice>,
): OutcomeSource {
  const { stream, group, totals } = wishes;
  return {
    name: `${stream} as ${group}, NATS at ${link.servers}`,
    open: ({ meter }) => {
      let received = 0;
      const frames$ = defer(() => from(link.open())).pipe(
        switchMap((connection) => fromJetStream({ ...wishes, connection, notices })),
        // Not completed: what was handed out is worked off first, and tried again where it fails.
        filter(() => maxFrames === undefined || received < maxFrames),
        tap(() => (received += 1)),
        catchError((error: unknown) => throwError(() => engineError(link.servers, error))),
      );
      return {
        outcomes$: frames$.pipe(sizeGate(), decode(jetStreamTypes), validate(), checksum(), metrics(meter)),
        state$: link.state$,
        counts: () => [
          counted(totals.acknowledged, 'message') + ' acknowledged',
          `${totals.redelivered} redelivered`,
          `${totals.retries} retried`,
          counted(totals.deadLettered, 'dead letter'),
        ],
        received: () => received,
      };
    },
  };
}
