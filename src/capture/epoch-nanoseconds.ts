import { optionError } from '../../operators/options.ts';

/** The latest time that 64 bits of nanoseconds can say, in milliseconds. */
export const LATEST_TIME = 18_446_744_073_000;

/**
 * A time in milliseconds since the epoch as MCAP has it: in nanoseconds. {@link epochMilliseconds} gives the same number back.
 *
 * @throws RangeError or TypeError where it is before 1970, after 2554, or no number
 */
export function epochNanoseconds(milliseconds: number): bigint {
  if (!(milliseconds >= 0 && milliseconds <= LATEST_TIME)) {
    const isNumber = typeof milliseconds === 'number';
    throw optionError("captureFile: a frame's timestamp", 'milliseconds since the epoch', milliseconds, !isNumber);
  }
  const whole = Math.floor(milliseconds);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((milliseconds - whole) * 1e6));
}

/** A time of MCAP in milliseconds since the epoch. */
export function epochMilliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1e6;
}
