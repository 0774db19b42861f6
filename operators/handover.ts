import {
  asyncScheduler,
  Observable,
  Subscription,
  type NextObserver,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { DelayLine } from './delay-line.ts';
import { DeliveryLog } from './delivery-log.ts';
import { endingWith } from './ending-with.ts';
import { Fifo } from './fifo.ts';
import { isRejected, reject, type LiveFrame, type RejectedFrame } from './frame.ts';
import { identityOf } from './identity.ts';
import { callable, duration, durationOrZero, knownOptions, withMethod } from './options.ts';
import { reporter } from './reporter.ts';

/** What a handover has come to. */
export type HandoverState =
  /** `started`: the next connection is being made. `overlapping`: it has delivered. `done`: the former one is gone. */
  | { readonly status: 'started' | 'overlapping' | 'done' }
  /** The next connection ended before it took over, with `cause` unless it completed; the present one goes on. */
  | { readonly status: 'abandoned'; readonly cause?: unknown };

/** Options of {@link handover}. */
export interface HandoverOptions<Frame> {
  /** Each emission starts a handover; during one it is ignored. */
  readonly when$: Observable<unknown>;
  /**
   * For how long both connections deliver, in milliseconds, from the next one's first frame on. Longer than one can lag
   * behind the other. @defaultValue 5,000
   */
  readonly overlap?: number;
  /**
   * For how long the next connection's frames wait for the present one to bring them first, in milliseconds: so the order is
   * kept where the present one lags no further. @defaultValue 0
   */
  readonly hold?: number;
  /**
   * What makes two frames the same event; `undefined` for a frame that is never a duplicate.
   * @defaultValue the payload type's `identity` once the frame is validated, else the SHA-256 of the payload
   */
  readonly identity?: (frame: Frame) => string | undefined;
  /** Where the course of each handover is reported. @defaultValue nowhere */
  readonly state?: NextObserver<HandoverState>;
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

/**
 * **Makes the next connection before it breaks the present one**: no gap, no duplicate.
 *
 * On a signal it subscribes to the source a second time. What one connection has delivered is rejected when another one
 * brings it too, for `overlap` from its first delivery on, also where that was before the signal. The n-th delivery of an event by one connection is
 * compared with the n-th by another, so that an event that was really sent twice stays twice.
 * `overlap` after the next one's first frame the former one is unsubscribed from.
 *
 *     present   --a--b--c--d-----                unsubscribed after the overlap
 *     when$     -------s---------
 *     next             ---c--d--e--
 *     out       --a--b--c-xd-x--e--              x: rejected, stage 'handover', reason 'duplicate'
 *
 *     present   --a-----b--c                     lags
 *     next          b--c----d
 *     hold: 5   --a-----b-xc-x--…d               what only the next one has brought waits
 *
 * Where the present connection ends during a handover, the next one goes on in its place. Where the next one ends first, the
 * present one goes on as before; while the next one is silent, both stay. An event that the present one has not delivered when
 * it is let go, and that was sent before the next one listened, is lost: `overlap` is the bound on the lag. Frames of the last
 * `overlap` are kept for that; a flow that a slow consumer holds adds to the lag.
 *
 * Put {@link reconnect} before it: then each of the two connections mends itself.
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function handover<Frame extends LiveFrame>(
  options: HandoverOptions<Frame>,
): OperatorFunction<Frame | RejectedFrame, Frame | RejectedFrame> {
  knownOptions('handover', options, ['when$', 'overlap', 'hold', 'identity', 'state', 'scheduler']);
  const when$ = withMethod('handover: when$', 'subscribe', options.when$);
  const overlap = duration('handover: overlap', options.overlap ?? 5_000);
  const hold = durationOrZero('handover: hold', options.hold ?? 0);
  const identity = callable('handover: identity', options.identity ?? identityOf);
  const report = reporter('handover: state', options.state);
  const scheduler = withMethod('handover: scheduler', 'schedule', options.scheduler ?? asyncScheduler);

  return (source) =>
    new Observable((subscriber) => {
      const newLeg = (delay: number): Leg<Frame> => {
        const leg: Leg<Frame> = new Leg(new DelayLine(delay, scheduler, (outcome) => emit(leg, outcome)));
        return leg;
      };

      let present = newLeg(0);
      let next: Leg<Frame> | undefined;
      /** Undefined while there is nothing to compare. */
      let deliveries: DeliveryLog | undefined;
      /** The end of the overlap, and then of the time in which late copies are known. */
      let timer = Subscription.EMPTY;

      const run = (leg: Leg<Frame>) => {
        leg.subscription.add(
          source.pipe(endingWith(leg.subscription)).subscribe({
            next: (outcome) => deliver(leg, outcome),
            error: (cause: unknown) => ended(leg, { cause }),
            complete: () => ended(leg, {}),
          }),
        );
      };

      const deliver = (leg: Leg<Frame>, outcome: Frame | RejectedFrame) => {
        leg.deliveries += 1;
        if (leg === next && leg.deliveries === 1) {
          timer = scheduler.schedule(() => takeOver(leg), overlap);
          report({ status: 'overlapping' });
        }
        leg.line.push(outcome);
      };

      const emit = (leg: Leg<Frame>, outcome: Frame | RejectedFrame) => {
        let judged: Frame | RejectedFrame;
        try {
          judged = isRejected(outcome) ? outcome : judge(leg, outcome);
        } catch (error) {
          subscriber.error(error);
          return;
        }
        subscriber.next(judged);
      };

      const judge = (leg: Leg<Frame>, frame: Frame): Frame | RejectedFrame => {
        const now = scheduler.now();
        leg.remember(frame, now, now - overlap);
        if (deliveries === undefined || !isKnown(deliveries, leg, frame, now)) return frame;
        return reject(frame, 'handover', 'duplicate', 'the other connection delivered it');
      };

      const isKnown = (log: DeliveryLog, leg: Leg<Frame>, frame: Frame, at: number): boolean => {
        const event = identity(frame);
        return event !== undefined && log.isDuplicate(event, leg, at);
      };

      /** The next connection may lag, and bring what the present one has delivered before the signal. */
      const recall = (leg: Leg<Frame>): DeliveryLog => {
        const log = new DeliveryLog(overlap + hold);
        for (const { frame, at } of leg.since(scheduler.now() - overlap)) isKnown(log, leg, frame, at);
        return log;
      };

      const begin = () => {
        if (next !== undefined || subscriber.closed) return;
        timer.unsubscribe();
        try {
          deliveries ??= recall(present);
        } catch (error) {
          subscriber.error(error);
          return;
        }
        next = newLeg(hold);
        report({ status: 'started' });
        run(next);
      };

      const takeOver = (successor: Leg<Frame>) => {
        const former = present;
        present = successor;
        settle(successor);
        former.subscription.unsubscribe();
        report({ status: 'done' });
      };

      /** One connection is left. It may still bring what the other one delivered. */
      const settle = (leg: Leg<Frame>) => {
        next = undefined;
        leg.line.open();
        timer.unsubscribe();
        timer = scheduler.schedule(() => (deliveries = undefined), overlap);
      };

      const ended = (leg: Leg<Frame>, failure: { readonly cause?: unknown }) => {
        if (leg.subscription.closed) return;
        if (leg === next) {
          settle(leg);
          report({ status: 'abandoned', ...failure });
        } else if (next !== undefined) {
          takeOver(next);
        } else if ('cause' in failure) {
          subscriber.error(failure.cause);
        } else {
          subscriber.complete();
        }
      };

      subscriber.add(() => {
        timer.unsubscribe();
        present.subscription.unsubscribe();
        next?.subscription.unsubscribe();
        next?.line.stop();
      });
      run(present);
      subscriber.add(when$.subscribe({ next: begin, error: (error: unknown) => subscriber.error(error) }));
    });
}

/** One subscription to the source. */
class Leg<Frame> {
  readonly subscription = new Subscription();
  /** Through which its frames go. */
  readonly line: DelayLine<Frame | RejectedFrame>;
  deliveries = 0;
  readonly #recent = new Fifo<{ readonly frame: Frame; readonly at: number }>();

  constructor(line: DelayLine<Frame | RejectedFrame>) {
    this.line = line;
  }

  /** Keeps a frame, and forgets those from before `from`. */
  remember(frame: Frame, at: number, from: number): void {
    this.#recent.push({ frame, at });
    this.#forgetBefore(from);
  }

  /** What it delivered from that time on, oldest first. */
  since(from: number): Iterable<{ readonly frame: Frame; readonly at: number }> {
    this.#forgetBefore(from);
    return this.#recent;
  }

  #forgetBefore(from: number): void {
    while ((this.#recent.peek()?.at ?? from) < from) this.#recent.shift();
  }
}
