import { asyncScheduler, defer, map, timer, type Observable, type SchedulerLike, type TimestampProvider } from 'rxjs';
import { isRejected, type AnyFrame } from './frame.ts';
import { duration, knownOptions, positiveInteger, withMethod } from './options.ts';

/** Options of {@link Meter}. */
export interface MeterOptions {
  /** How many of the last outcomes latency, throughput and integrity rate are taken over; of one there is no throughput. @defaultValue 1,000 */
  readonly window?: number;
  /** The clock that frames got their `receivedAt` from. @defaultValue `performance` */
  readonly clock?: TimestampProvider;
}

/** Times from receipt to the point where `metrics` stands, in milliseconds. */
export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** How often outcomes took how long, since the meter was made: what a histogram of Prometheus or a heat map is made from. */
export interface LatencyHistogram {
  /** The upper bounds of the buckets, inclusive, in milliseconds: 0.001 (1 µs), doubling to 16,777.216. */
  readonly bounds: readonly number[];
  /** Outcomes in each bucket; the last one, which has no bound, holds what took longer. */
  readonly counts: readonly number[];
  /** Of all latencies, in milliseconds. */
  readonly sum: number;
}

/** What a {@link Meter} knew at one moment. */
export interface MeterSnapshot {
  /** Outcomes so far: `accepted + rejected`. */
  readonly frames: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Frames that `preselect` took out before they became an outcome. */
  readonly skipped: number;
  /** Payload bytes of the outcomes so far. */
  readonly bytes: number;
  /** Outcomes so far by payload type, those that were rejected before their type was known left out. */
  readonly byType: Readonly<Record<string, number>>;
  /** Rejected frames so far by reason. */
  readonly byReason: Readonly<Record<string, number>>;
  /** Over the window; undefined before the first outcome. */
  readonly latency: Latency | undefined;
  /** Latencies of all outcomes so far. */
  readonly latencyHistogram: LatencyHistogram;
  /** Outcomes a second over the window, up to now: it falls while nothing comes. 0 before the second outcome. */
  readonly throughput: number;
  /** Of the outcomes in the window whose digest was compared, the share that had the right one; undefined where none was. */
  readonly integrityRate: number | undefined;
}

/** In microseconds. */
const LARGEST_BOUND = 2 ** 24;
/** 1 µs doubling to 16.8 s, in milliseconds. */
const BOUNDS: readonly number[] = Array.from({ length: 25 }, (_, exponent) => 2 ** exponent / 1_000);

/**
 * **Counts the outcomes that pass {@link metrics}.** Made by the caller and handed in, so that it outlives reconnections and
 * may count several streams. Recording neither sorts nor allocates; a snapshot sorts the window once.
 */
export class Meter {
  readonly #clock: TimestampProvider;
  readonly #latencies: Float64Array;
  readonly #times: Float64Array;
  /** 0: nothing compared, 1: right, 2: wrong. */
  readonly #integrity: Uint8Array;
  readonly #histogram = new Float64Array(BOUNDS.length + 1);
  #latencySum = 0;
  readonly #byType = new Map<string, number>();
  readonly #byReason = new Map<string, number>();
  #frames = 0;
  #rejected = 0;
  #skipped = 0;
  #bytes = 0;
  /** The place in the window that the next outcome takes. */
  #next = 0;

  /** @throws RangeError or TypeError where an option is not allowed */
  constructor(options: MeterOptions = {}) {
    knownOptions('Meter', options, ['window', 'clock']);
    const window = positiveInteger('Meter: window', options.window ?? 1_000);
    this.#clock = withMethod('Meter: clock', 'now', options.clock ?? performance);
    this.#latencies = new Float64Array(window);
    this.#times = new Float64Array(window);
    this.#integrity = new Uint8Array(window);
  }

  /** Counts one outcome, now. */
  record(outcome: AnyFrame): void {
    const now = this.#clock.now();
    const at = this.#next;
    const latency = now - outcome.receivedAt;
    this.#latencies[at] = latency;
    this.#latencySum += latency;
    const bucket = bucketOf(latency);
    this.#histogram[bucket] = (this.#histogram[bucket] as number) + 1;
    this.#times[at] = now;
    this.#next = at + 1 === this.#latencies.length ? 0 : at + 1;
    this.#frames += 1;
    this.#bytes += outcome.byteLength;
    if (isRejected(outcome)) {
      this.#rejected += 1;
      this.#byReason.set(outcome.reason, (this.#byReason.get(outcome.reason) ?? 0) + 1);
    }
    if (outcome.kind === 'raw') {
      this.#integrity[at] = 0;
      return;
    }
    const { payloadType, checksumValid } = outcome;
    this.#integrity[at] = checksumValid === undefined ? 0 : checksumValid ? 1 : 2;
    if (payloadType !== undefined) this.#byType.set(payloadType, (this.#byType.get(payloadType) ?? 0) + 1);
  }

  /** Counts a frame that was taken out before it became an outcome. */
  skip(): void {
    this.#skipped += 1;
  }

  /** What it knows now. */
  snapshot(): MeterSnapshot {
    const filled = Math.min(this.#frames, this.#latencies.length);
    return {
      frames: this.#frames,
      accepted: this.#frames - this.#rejected,
      rejected: this.#rejected,
      skipped: this.#skipped,
      bytes: this.#bytes,
      byType: Object.fromEntries(this.#byType),
      byReason: Object.fromEntries(this.#byReason),
      latency: latencyOf(this.#latencies.slice(0, filled).sort()),
      latencyHistogram: { bounds: BOUNDS, counts: [...this.#histogram], sum: this.#latencySum },
      throughput: this.#throughput(filled),
      integrityRate: integrityRateOf(this.#integrity.subarray(0, filled)),
    };
  }

  /**
   * A snapshot at once, and one each `period` milliseconds.
   *
   *     snapshots(3)    s--s--s--s--…
   */
  snapshots(period = 1_000, scheduler: SchedulerLike = asyncScheduler): Observable<MeterSnapshot> {
    duration('Meter.snapshots: period', period);
    return defer(() => timer(0, period, scheduler).pipe(map(() => this.snapshot())));
  }

  #throughput(filled: number): number {
    const oldest = this.#times[filled === this.#times.length ? this.#next : 0] as number;
    const elapsed = this.#clock.now() - oldest;
    return filled < 2 || elapsed <= 0 ? 0 : ((filled - 1) / elapsed) * 1_000;
  }
}

/** The bucket of a latency in milliseconds: the bounds are powers of two in microseconds, so no search is needed. */
function bucketOf(latency: number): number {
  const microseconds = Math.ceil(latency * 1_000);
  if (microseconds <= 1) return 0;
  return microseconds > LARGEST_BOUND ? BOUNDS.length : 32 - Math.clz32(microseconds - 1);
}

/** The quantiles are the smallest latencies that at least that share of the outcomes did not exceed. */
function latencyOf(sorted: Float64Array): Latency | undefined {
  const count = sorted.length;
  if (count === 0) return undefined;
  const quantile = (share: number) => sorted[Math.ceil(share * count) - 1] as number;
  return {
    mean: sorted.reduce((sum, latency) => sum + latency, 0) / count,
    p50: quantile(0.5),
    p99: quantile(0.99),
    p999: quantile(0.999),
    max: quantile(1),
  };
}

function integrityRateOf(integrity: Uint8Array): number | undefined {
  let right = 0;
  let wrong = 0;
  for (const value of integrity) {
    if (value === 1) right += 1;
    else if (value === 2) wrong += 1;
  }
  return right + wrong === 0 ? undefined : right / (right + wrong);
}
