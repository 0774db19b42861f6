import { BehaviorSubject, Subject, Subscription, type SchedulerLike } from 'rxjs';
import { DelayLine } from '../../../operators/delay-line.ts';
import { DeliveryLog } from '../../../operators/delivery-log.ts';
import { isRejected, reject, type RawFrame, type RejectedFrame } from '../../../operators/frame.ts';
import type { PlannedChannel } from './channel-plan.ts';
import { channelSlot, type ChannelSlotOptions } from './channel-slot.ts';
import type { Coverage } from './coverage.ts';
import { eventIdentity } from './event-identity.ts';

/** What {@link ChannelSlots} are made with. */
export interface ChannelSlotsOptions extends Omit<ChannelSlotOptions, 'probe$'> {
  readonly coverage: Coverage;
  readonly next: (outcome: RawFrame | RejectedFrame) => void;
  readonly error: (error: unknown) => void;
}

interface Slot {
  readonly topics$: BehaviorSubject<ReadonlySet<string>>;
  readonly subscription: Subscription;
  /** Its connections that deliver. */
  readonly legs: Set<object>;
  /** Whether it is given up, and others deliver its topics. */
  isClosing: boolean;
}

/** What a slot has brought. */
type Brought = readonly [slot: Slot, outcome: RawFrame | RejectedFrame];

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
  /** Emits where a sign of life of all connections is wanted. */
  readonly #probe$ = new Subject<void>();
  /** What each slot has delivered while one is leaving, and a while after. */
  #deliveries: DeliveryLog | undefined;
  /** Where what the others bring waits meanwhile for those that are leaving, so that the order is kept. */
  #line: DelayLine<Brought> | undefined;

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
    this.#line?.stop();
  }

  #open(planned: PlannedChannel): void {
    const options = this.#options;
    const slot: Slot = {
      topics$: new BehaviorSubject(planned.topics),
      subscription: new Subscription(),
      legs: new Set(),
      isClosing: false,
    };
    this.#slots.set(planned, slot);
    this.#running.add(slot.subscription);
    const frames$ = channelSlot(slot.topics$, {
      ...options,
      probe$: this.#probe$,
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
        next: (outcome) => {
          if (this.#line === undefined || this.#leaving.has(slot)) this.#letOn([slot, outcome]);
          else this.#line.push([slot, outcome]);
        },
        error: options.error,
      }),
    );
  }

  #letOn([slot, outcome]: Brought): void {
    const isDuplicate = this.#deliveries !== undefined && !isRejected(outcome) && this.#isDuplicate(slot, outcome);
    this.#options.next(
      isDuplicate ? reject(outcome, 'notifications', 'duplicate', 'another channel delivered it') : outcome,
    );
  }

  #isDuplicate(slot: Slot, frame: RawFrame): boolean {
    const event = eventIdentity(frame);
    return event !== undefined && this.#deliveries?.isDuplicate(event, slot, this.#scheduler.now()) === true;
  }

  #giveUp(slot: Slot): void {
    const { overlap, hold } = this.#options;
    this.#deliveries ??= new DeliveryLog(overlap + hold);
    this.#line ??= new DelayLine(hold, this.#scheduler, (brought) => this.#letOn(brought));
    this.#leaving.add(slot);
    this.#closeWhereCovered(slot);
  }

  #closeWhereCovered(slot: Slot): void {
    if (slot.isClosing || !this.#options.coverage.isCoveredElsewhere(slot.legs, slot.topics$.value)) return;
    slot.isClosing = true;
    slot.subscription.add(this.#scheduler.schedule(() => this.#close(slot), this.#options.overlap));
  }

  #close(slot: Slot): void {
    slot.subscription.unsubscribe();
    this.#running.remove(slot.subscription);
    this.#leaving.delete(slot);
    if (this.#leaving.size > 0) return;
    this.#line?.open();
    this.#line = undefined;
    this.#running.add(
      this.#scheduler.schedule(() => {
        if (this.#leaving.size === 0) this.#deliveries = undefined;
      }, this.#options.overlap),
    );
  }
}
