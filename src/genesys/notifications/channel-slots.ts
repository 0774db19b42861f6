import { BehaviorSubject, Subscription, type SchedulerLike } from 'rxjs';
import { DeliveryLog } from '../../../operators/delivery-log.ts';
import { isRejected, reject, type RawFrame, type RejectedFrame } from '../../../operators/frame.ts';
import type { PlannedChannel } from './channel-plan.ts';
import { channelSlot, type ChannelSlotOptions } from './channel-slot.ts';
import type { Coverage } from './coverage.ts';
import { eventIdentity } from './event-identity.ts';

/** What {@link ChannelSlots} are made with. */
export interface ChannelSlotsOptions extends ChannelSlotOptions {
  readonly coverage: Coverage;
  readonly next: (outcome: RawFrame | RejectedFrame) => void;
  readonly error: (error: unknown) => void;
}

interface Slot {
  readonly topics$: BehaviorSubject<ReadonlySet<string>>;
  readonly subscription: Subscription;
  /** Its connections that deliver. */
  readonly legs: Set<object>;
}

/** For how long a slot that is given up waits for others to take its topics over, in milliseconds. */
const GIVEN_UP_AFTER = 60_000;

/**
 * **Runs a slot for each channel of the plan.** One that is given up goes on until others deliver its topics, and an overlap longer; what two
 * of them bring meanwhile comes out once.
 */
export class ChannelSlots {
  readonly #options: ChannelSlotsOptions;
  readonly #scheduler: SchedulerLike;
  readonly #slots = new Map<PlannedChannel, Slot>();
  /** Those that are given up. */
  readonly #leaving = new Set<Slot>();
  readonly #running = new Subscription();
  /** What each slot has delivered while one is leaving, and a while after. */
  #deliveries: DeliveryLog | undefined;

  constructor(options: ChannelSlotsOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler;
  }

  /** Opens what is new, tells the others their topics, and gives up what is not in the plan any more. */
  follow(plan: readonly PlannedChannel[]): void {
    for (const planned of plan) {
      const slot = this.#slots.get(planned);
      if (slot === undefined) this.#open(planned);
      else slot.topics$.next(planned.topics);
    }
    for (const [planned, slot] of this.#slots) {
      if (plan.includes(planned)) continue;
      this.#slots.delete(planned);
      this.#giveUp(slot);
    }
  }

  close(): void {
    this.#running.unsubscribe();
  }

  #open(planned: PlannedChannel): void {
    const options = this.#options;
    const slot: Slot = {
      topics$: new BehaviorSubject(planned.topics),
      subscription: new Subscription(),
      legs: new Set(),
    };
    this.#slots.set(planned, slot);
    this.#running.add(slot.subscription);
    const frames$ = channelSlot(slot.topics$, {
      ...options,
      covered: (leg, topics) => {
        slot.legs.add(leg);
        options.covered(leg, topics);
        for (const leaving of this.#leaving) this.#closeWhereCovered(leaving);
      },
      lost: (leg, topics, lastSeen) => {
        slot.legs.delete(leg);
        options.lost(leg, topics, lastSeen);
      },
    });
    slot.subscription.add(
      frames$.subscribe({
        next: (outcome) => options.next(this.#deliveries === undefined ? outcome : this.#judge(slot, outcome)),
        error: options.error,
      }),
    );
  }

  #judge(slot: Slot, outcome: RawFrame | RejectedFrame): RawFrame | RejectedFrame {
    if (isRejected(outcome)) return outcome;
    const event = eventIdentity(outcome);
    if (event === undefined || this.#deliveries?.isDuplicate(event, slot, this.#scheduler.now()) !== true)
      return outcome;
    return reject(outcome, 'notifications', 'duplicate', 'another channel delivered it');
  }

  #giveUp(slot: Slot): void {
    this.#deliveries ??= new DeliveryLog(this.#options.overlap);
    this.#leaving.add(slot);
    slot.subscription.add(this.#scheduler.schedule(() => this.#close(slot), GIVEN_UP_AFTER));
    this.#closeWhereCovered(slot);
  }

  #closeWhereCovered(slot: Slot): void {
    if (!this.#options.coverage.isCoveredElsewhere(slot.legs, slot.topics$.value)) return;
    this.#leaving.delete(slot);
    slot.subscription.add(this.#scheduler.schedule(() => this.#close(slot), this.#options.overlap));
  }

  #close(slot: Slot): void {
    slot.subscription.unsubscribe();
    this.#running.remove(slot.subscription);
    this.#leaving.delete(slot);
    this.#running.add(
      this.#scheduler.schedule(() => {
        if (this.#leaving.size === 0) this.#deliveries = undefined;
      }, this.#options.overlap),
    );
  }
}
