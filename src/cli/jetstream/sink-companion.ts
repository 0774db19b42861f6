import {
  catchError,
  firstValueFrom,
  identity,
  race,
  take,
  takeUntil,
  throwError,
  timer,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import type { AnyFrame, LiveFrame, RejectedFrame } from '../../../operators/frame.ts';
import { ackWith } from '../../jetstream/consume/ack-with.ts';
import type { Companion, CompanionParts } from '../stream/companion.ts';
import { engineError } from './engine-error.ts';
import type { FrameSink } from './frame-sink.ts';
import type { NatsLink } from './nats-link.ts';

/** How long leaving the group in order may take, in milliseconds: whoever reads its partitions next begins at once then. */
const LEAVE_TIMEOUT = 1_500;

/** What {@link sinkCompanion} goes by. */
export interface SinkSettings {
  /** How many frames are worked on at a time. */
  readonly concurrency: number;
  /** It ends once so many are settled; undefined: never by itself. */
  readonly maxFrames: number | undefined;
  /** Emits when the group is left in order. */
  readonly left$: Observable<void>;
}

/**
 * **Hands the frames of a group to a sink on the command line, and acknowledges them.** Where nobody reads stdout any more, all that is in hand is
 * given back.
 */
export function sinkCompanion(
  link: NatsLink,
  sink: FrameSink,
  { concurrency, maxFrames, left$ }: SinkSettings,
  { output }: Pick<CompanionParts, 'output'>,
): Companion {
  const acknowledged = ackWith((frame: LiveFrame, delivery) => sink.work(frame, delivery), {
    concurrency,
  }) as OperatorFunction<AnyFrame, LiveFrame | RejectedFrame>;
  return {
    through: (outcomes$) =>
      outcomes$.pipe(
        acknowledged,
        maxFrames === undefined ? identity : take(maxFrames),
        catchError((error: unknown) => throwError(() => engineError(link.servers, error))),
        takeUntil(output.gone$),
      ),
    close: async () => {
      await sink.close?.();
      if (link.isOpen) await firstValueFrom(race(left$, timer(LEAVE_TIMEOUT)));
      await link.close();
    },
  };
}
