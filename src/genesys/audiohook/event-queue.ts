import { Subscription, type SchedulerLike, type TimestampProvider } from 'rxjs';
import { LONGEST_DELAY, optionError } from '../../../operators/options.ts';
import type { EventEntity } from './event-entity.ts';
import { TokenBucket } from './token-bucket.ts';

/** How many messages the platform takes a second, and at once. More is answered with an error 429. */
const ALLOWED = { rate: 5, burst: 25 };
/** How large the entities of one message may be together, in bytes of UTF-8: 64 KiB with what else is in it. */
const ROOM = 65_535 - 1_024;
/** How many entities may wait, and how many bytes of them. */
const MOST_WAITING = { entities: 1_000, bytes: 512 * 1024 };

const utf8 = new TextEncoder();

/** An entity, and how many bytes of JSON it has, with a comma. */
interface MeasuredEntity {
  readonly entity: EventEntity;
  readonly byteLength: number;
}

/** **Events on their way to the client**, not faster than it takes them. Those that had to wait go together. */
export class EventQueue {
  readonly #scheduler: SchedulerLike;
  readonly #clock: TimestampProvider;
  readonly #send: (entities: readonly EventEntity[]) => void;
  readonly #bucket = new TokenBucket(ALLOWED);
  #waiting: MeasuredEntity[] = [];
  #waitingBytes = 0;
  #heldUntil = -Infinity;
  #timer = Subscription.EMPTY;

  constructor(scheduler: SchedulerLike, clock: TimestampProvider, send: (entities: readonly EventEntity[]) => void) {
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#send = send;
  }

  /** Takes one, and says whether there was room for it. */
  add(entity: EventEntity): boolean {
    const measured = measure(entity);
    const bytes = this.#waitingBytes + measured.byteLength;
    if (this.#waiting.length >= MOST_WAITING.entities || bytes > MOST_WAITING.bytes) return false;
    this.#waiting.push(measured);
    this.#waitingBytes = bytes;
    this.#sendSome();
    return true;
  }

  /** Another message has been sent: it counts, too. */
  spend(): void {
    this.#bucket.spend(this.#clock.now());
  }

  /** In how many milliseconds another message may be sent. */
  get readyIn(): number {
    const now = this.#clock.now();
    return this.#bucket.readyAt(now) - now;
  }

  /** Sends nothing for so long, in milliseconds. */
  holdFor(time: number): void {
    this.#heldUntil = this.#clock.now() + time;
  }

  /** Sends all that wait, now: there is no later. */
  flush(): void {
    this.#timer.unsubscribe();
    while (this.#waiting.length > 0) this.#sendNext();
  }

  /** Forgets all that wait. */
  stop(): void {
    this.#timer.unsubscribe();
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #sendSome(): void {
    while (this.#waiting.length > 0 && this.#clock.now() >= this.#heldUntil && this.#bucket.take(this.#clock.now())) {
      this.#sendNext();
    }
    this.#timer.unsubscribe();
    if (this.#waiting.length === 0) return;
    const now = this.#clock.now();
    const at = Math.max(this.#bucket.readyAt(now), this.#heldUntil);
    // The client may have named any time.
    const delay = Math.min(Math.max(1, at - now), LONGEST_DELAY);
    this.#timer = this.#scheduler.schedule(() => this.#sendSome(), delay);
  }

  /** As many as fit a message. */
  #sendNext(): void {
    let count = 0;
    let bytes = 0;
    for (const { byteLength } of this.#waiting) {
      if (bytes + byteLength > ROOM) break;
      bytes += byteLength;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    this.#send(this.#waiting.splice(0, count).map(({ entity }) => entity));
  }
}

/** With a copy as JSON has it: what the caller does with the entity while it waits changes nothing. */
function measure(entity: EventEntity): MeasuredEntity {
  const json = JSON.stringify(entity) as string | undefined;
  const copy = json === undefined ? undefined : (JSON.parse(json) as Partial<EventEntity> | null);
  // Clients end the session over an event without data.
  if (json === undefined || typeof copy?.type !== 'string' || copy.data === undefined || copy.data === null) {
    throw optionError('sendEvent: entity', 'JSON, with a type and data', entity, true);
  }
  const byteLength = utf8.encode(json).byteLength + 1;
  if (byteLength > ROOM) throw new RangeError(`sendEvent: an entity has at most ${ROOM} bytes, this one ${byteLength}`);
  return { entity: copy as EventEntity, byteLength };
}
