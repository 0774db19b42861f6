import { Observable, Subject, Subscription, type BehaviorSubject } from 'rxjs';
import type { RawFrame, RejectedFrame } from '../../../operators/frame.ts';
import { handover, type HandoverState } from '../../../operators/handover.ts';
import { reconnect, type ReconnectOptions } from '../../../operators/reconnect.ts';
import { channelLeg, type ChannelLegOptions, type HandoverReason } from './channel-leg.ts';
import { eventIdentity } from './event-identity.ts';

/** What {@link channelSlot} is made with. */
export interface ChannelSlotOptions extends Omit<ChannelLegOptions, 'topics$' | 'handOver'> {
  readonly handedOver: (reason: HandoverReason, state: HandoverState) => void;
  readonly reconnect: ReconnectOptions;
  readonly overlap: number;
  readonly hold: number;
}

/** How long is waited before a handover that was abandoned is begun again, in milliseconds. */
const AGAIN_AFTER = 5_000;

/**
 * **The place of one channel**: whatever happens to channels and connections, it delivers its topics. During a handover two
 * connections do.
 */
export function channelSlot(
  topics$: BehaviorSubject<ReadonlySet<string>>,
  options: ChannelSlotOptions,
): Observable<RawFrame | RejectedFrame> {
  const { scheduler, overlap, hold } = options;
  return new Observable((subscriber) => {
    const when$ = new Subject<void>();
    /** The connections that had better be replaced, and why. */
    const signals = new Map<object, HandoverReason>();
    let reason: HandoverReason = 'expiry';
    let again = Subscription.EMPTY;

    const begin = () => {
      const [first] = signals.values();
      if (first === undefined) return;
      reason = first;
      when$.next();
    };
    const next = (state: HandoverState) => {
      options.handedOver(reason, state);
      again.unsubscribe();
      // The connection that is left may have had a reason of its own meanwhile.
      if (state.status === 'done') again = scheduler.schedule(begin);
      if (state.status === 'abandoned') again = scheduler.schedule(begin, AGAIN_AFTER);
    };
    subscriber.add(() => again.unsubscribe());
    subscriber.add(
      channelLeg({
        ...options,
        topics$,
        handOver: (leg, why) => {
          signals.set(leg, why);
          begin();
        },
        lost: (leg, topics, sureUntil) => {
          signals.delete(leg);
          options.lost(leg, topics, sureUntil);
        },
      })
        .pipe(
          handover<RawFrame>({ when$, overlap, hold, identity: eventIdentity, state: { next }, scheduler }),
          reconnect({ ...options.reconnect, onComplete: 'reconnect', scheduler }),
        )
        .subscribe(subscriber),
    );
  });
}
