/** What was measured, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Takes in measurements, and says how they are spread. */
export interface PercentileMeter {
  add(milliseconds: number): void;
  /** `undefined` until there is one. */
  read(): Percentiles | undefined;
}

/** The upper end of the first bucket, in milliseconds. */
const SMALLEST = 0.01;

/** Each bucket ends 5 % above the one before: so exact are the figures. */
const GROWTH = 1.05;

/** Up to about 50 minutes. */
const BUCKETS = 400;

/** **Percentiles in bounded memory**: counts in buckets of growing width, to 5 %. The largest value is exact. */
export function percentileMeter(): PercentileMeter {
  const buckets = new Uint32Array(BUCKETS);
  let count = 0;
  let max = 0;

  function below(share: number): number {
    let left = share * count;
    const index = buckets.findIndex((inside) => (left -= inside) <= 0);
    return Math.min(max, SMALLEST * GROWTH ** index);
  }

  return {
    add: (milliseconds) => {
      const steps = Math.ceil(Math.log(milliseconds / SMALLEST) / Math.log(GROWTH));
      const index = Math.min(BUCKETS - 1, Math.max(0, steps));
      buckets[index] = (buckets[index] as number) + 1;
      count += 1;
      max = Math.max(max, milliseconds);
    },
    read: () => (count === 0 ? undefined : { p50: below(0.5), p99: below(0.99), max }),
  };
}
