import {
  asyncScheduler,
  Observable,
  Subscription,
  type NextObserver,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { DeliveryBalance, type Side } from './delivery-balance.ts';
import { endingWith } from './ending-with.ts';
import { isRejected, reject, type LiveFrame, type RejectedFrame } from './frame.ts';
import { identityOf } from './identity.ts';
import { callable, duration, knownOptions, withMethod } from './options.ts';

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
 * On a signal it subscribes to the source a second time. While both deliver, an event that one has delivered already is
 * rejected when the other brings it too. Each delivery is matched with one of the other connection, so that an event that
 * was really sent twice stays twice.
 * `overlap` after the next one's first frame the former one is unsubscribed from; late copies are known for another `overlap`.
 * A delivery that the other one does not match within `overlap` is forgotten: the same event sent anew is no duplicate.
 *
 *     present   --a--b--c--d-----                unsubscribed after the overlap
 *     when$     -------s---------
 *     next             ---c--d--e--
 *     out       --a--b--c-xd-x--e--              x: rejected, stage 'handover', reason 'duplicate'
 *
 * Where the present connection ends during a handover, the next one goes on in its place. Where the next one ends first, the
 * present one goes on as before; while the next one is silent, both stay. An event that the present one has not delivered when
 * it is let go, and that was sent before the next one listened, is lost: `overlap` is the bound on the lag.
 *
 * Put {@link reconnect} before it: then each of the two connections mends itself.
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function handover<Frame extends LiveFrame>(
  options: HandoverOptions<Frame>,
): OperatorFunction<Frame | RejectedFrame, Frame | RejectedFrame> {
  knownOptions('handover', options, ['when$', 'overlap', 'identity', 'state', 'scheduler']);
  const when$ = withMethod('handover: when$', 'subscribe', options.when$);
  const overlap = duration('handover: overlap', options.overlap ?? 5_000);
  const identity = callable('handover: identity', options.identity ?? identityOf);
  const state = options.state && withMethod('handover: state', 'next', options.state);
  const scheduler = withMethod('handover: scheduler', 'schedule', options.scheduler ?? asyncScheduler);

  return (source) =>
    new Observable((subscriber) => {
      let present = new Leg(1);
      let next: Leg | undefined;
      /** Undefined while there is nothing to compare. */
      let balance: DeliveryBalance | undefined;
      /** The end of the overlap, and then of the time in which late copies are known. */
      let timer = Subscription.EMPTY;

      const run = (leg: Leg) => {
        leg.subscription.add(
          source.pipe(endingWith(leg.subscription)).subscribe({
            next: (outcome) => deliver(leg, outcome),
            error: (cause: unknown) => ended(leg, { cause }),
            complete: () => ended(leg, {}),
          }),
        );
      };

      const deliver = (leg: Leg, outcome: Frame | RejectedFrame) => {
        if (leg === next && !leg.hasDelivered) {
          leg.hasDelivered = true;
          timer = scheduler.schedule(() => takeOver(leg), overlap);
          state?.next({ status: 'overlapping' });
        }
        if (balance === undefined || isRejected(outcome)) {
          subscriber.next(outcome);
          return;
        }
        let event: string | undefined;
        try {
          event = identity(outcome);
        } catch (error) {
          subscriber.error(error);
          return;
        }
        const isDuplicate = event !== undefined && balance.isDuplicate(event, leg.side, scheduler.now());
        subscriber.next(
          isDuplicate ? reject(outcome, 'handover', 'duplicate', 'the other connection delivered it') : outcome,
        );
      };

      const begin = () => {
        if (next !== undefined || subscriber.closed) return;
        timer.unsubscribe();
        balance ??= new DeliveryBalance(overlap);
        next = new Leg(present.side === 1 ? -1 : 1);
        state?.next({ status: 'started' });
        run(next);
      };

      const takeOver = (successor: Leg) => {
        const former = present;
        present = successor;
        settle();
        former.subscription.unsubscribe();
        state?.next({ status: 'done' });
      };

      /** One connection is left. It may still bring what the other one delivered. */
      const settle = () => {
        next = undefined;
        timer.unsubscribe();
        timer = scheduler.schedule(() => (balance = undefined), overlap);
      };

      const ended = (leg: Leg, failure: { readonly cause?: unknown }) => {
        if (leg.subscription.closed) return;
        if (leg === next) {
          settle();
          state?.next({ status: 'abandoned', ...failure });
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
      });
      run(present);
      subscriber.add(when$.subscribe({ next: begin, error: (error: unknown) => subscriber.error(error) }));
    });
}

/** One subscription to the source. */
class Leg {
  readonly side: Side;
  readonly subscription = new Subscription();
  hasDelivered = false;

  constructor(side: Side) {
    this.side = side;
  }
}
