import { Subscription, type Observable } from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import type { AnyFrame } from '../../operators/frame.ts';
import { Meter, type MeterSnapshot } from '../../operators/meter.ts';
import { FrameSample } from './frame-sample.ts';
import { KeptFrames } from './kept-frames.ts';
import type { Count, FullMessage, Second, StateRecord, StreamEnd, TickMessage, Totals } from './protocol.ts';
import type { SeenFrame } from './seen-frame.ts';
import { stateCause, stateRecord } from './state-record.ts';

/** How many ticks make a second of the plots. */
const TICKS_PER_SECOND = 5;
/** How long the time between two ticks is, in milliseconds. */
export const TICK = 1_000 / TICKS_PER_SECOND;
/** How many seconds, states and rows a page gets when it comes. */
const SECONDS_KEPT = 120;
const STATES_KEPT = 200;
const ROWS_KEPT = 300;
/** How many payload types, and reasons, are told to the page. */
const NAMES_TOLD = 100;

/** What there is to look at. */
export interface WatchedStream {
  readonly outcomes$: Observable<AnyFrame>;
  readonly state$?: Observable<ConnectionState>;
}

/** **Looks at a stream, and keeps what a page needs**, in bounded memory: counts are exact, frames are a sample. */
export class StreamWatch {
  readonly subscription = new Subscription();
  readonly #meter: Meter;
  readonly #sample = new FrameSample();
  readonly #kept = new KeptFrames();
  readonly #states: StateRecord[] = [];
  readonly #seconds: Second[] = [];
  /** What is at the end of those and was not in a tick yet. */
  #newStates = 0;
  #ticks = 0;
  #end: StreamEnd | null = null;
  #lastSecond: { readonly at: number; readonly snapshot: MeterSnapshot };

  constructor({ outcomes$, state$ }: WatchedStream) {
    // The clock is looked at once for each outcome, and the meter is given what it showed.
    let now = performance.now();
    this.#meter = new Meter({ clock: { now: () => now } });
    this.#lastSecond = { at: now, snapshot: this.#meter.snapshot() };
    let number = 0;
    if (state$ !== undefined) {
      this.subscription.add(
        state$.subscribe({
          next: (state) => this.#addState(state),
          // The outcomes end with the same error, and that is shown.
          error: () => undefined,
        }),
      );
    }
    this.subscription.add(
      outcomes$.subscribe({
        next: (outcome) => {
          now = performance.now();
          this.#meter.record(outcome);
          this.#sample.add(outcome, (number += 1), now - outcome.receivedAt);
        },
        error: (error: unknown) => {
          this.#end = { kind: 'failed', time: Date.now(), cause: stateCause(error) };
        },
        complete: () => {
          this.#end = { kind: 'completed', time: Date.now() };
        },
      }),
    );
  }

  /** What happened since the last tick. */
  tick(): TickMessage {
    const sample = this.#sample.take();
    for (const frame of sample) this.#kept.add(frame);
    const snapshot = this.#meter.snapshot();
    this.#ticks += 1;
    const seconds = this.#ticks % TICKS_PER_SECOND === 0 ? [this.#second(snapshot)] : [];
    const states = this.#newStates === 0 ? [] : this.#states.slice(-this.#newStates);
    this.#newStates = 0;
    return this.#message(snapshot, sample, seconds, states);
  }

  /** All that is kept, as of the last tick. */
  full(): FullMessage {
    const snapshot = this.#meter.snapshot();
    return {
      ...this.#message(snapshot, this.#kept.last(ROWS_KEPT), this.#seconds, this.#states),
      latencyBounds: snapshot.latencyHistogram.bounds,
    };
  }

  /** A frame that was in a tick, as long as it is kept. */
  frame(number: number): SeenFrame | undefined {
    return this.#kept.get(number);
  }

  #message(
    snapshot: MeterSnapshot,
    frames: readonly SeenFrame[],
    seconds: readonly Second[],
    states: readonly StateRecord[],
  ): TickMessage {
    return { totals: totals(snapshot), rows: frames.map((frame) => frame.row()), seconds, states, end: this.#end };
  }

  #addState(state: ConnectionState): void {
    this.#states.push(stateRecord(state, Date.now()));
    if (this.#states.length > STATES_KEPT) this.#states.shift();
    this.#newStates = Math.min(this.#newStates + 1, STATES_KEPT);
  }

  #second(snapshot: MeterSnapshot): Second {
    const before = this.#lastSecond;
    const at = performance.now();
    this.#lastSecond = { at, snapshot };
    const latenciesBefore = before.snapshot.latencyHistogram.counts;
    const second = {
      time: Date.now(),
      length: (at - before.at) / 1_000,
      frames: snapshot.frames - before.snapshot.frames,
      rejected: snapshot.rejected - before.snapshot.rejected,
      bytes: snapshot.bytes - before.snapshot.bytes,
      latencies: snapshot.latencyHistogram.counts.map((count, bucket) => count - (latenciesBefore[bucket] ?? 0)),
    };
    this.#seconds.push(second);
    if (this.#seconds.length > SECONDS_KEPT) this.#seconds.shift();
    return second;
  }
}

function totals({ frames, accepted, rejected, bytes, byType, byReason }: MeterSnapshot): Totals {
  return { frames, accepted, rejected, bytes, byType: mostFrequent(byType), byReason: mostFrequent(byReason) };
}

function mostFrequent(counts: Readonly<Record<string, number>>): readonly Count[] {
  return Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .slice(0, NAMES_TOLD);
}
