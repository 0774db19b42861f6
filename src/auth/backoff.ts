/** Ceiling of the first delay, in milliseconds; it doubles from attempt to attempt. */
const FIRST_CEILING = 500;
const HIGHEST_CEILING = 30_000;

/**
 * **Half of the ceiling of the wait after the attempt with that number**, from 1, in milliseconds. A wait is at least so
 * long, and has a random part of as much again on top.
 */
export function halfCeiling(attempt: number): number {
  return Math.min(HIGHEST_CEILING, FIRST_CEILING * 2 ** (attempt - 1)) / 2;
}
