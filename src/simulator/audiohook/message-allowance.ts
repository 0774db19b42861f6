/** How many messages a server may send in a row. */
const BURST = 25;

/** How many more it may send with each second. */
const PER_SECOND = 5;

/**
 * **Counts the messages of a server against what the platform allows**: about 5 a second, 25 in a row.
 *
 * @param speed - how many times faster than the wall's clock the conversation goes; the allowance goes with it
 * @returns what counts a message and says how many milliseconds too early it is: 0 for one that is allowed
 */
export function messageAllowance(speed: number): (now: number) => number {
  if (speed === Infinity) return () => 0;
  const period = 1000 / (PER_SECOND * speed);
  // The time at which the whole burst would be allowed again (a leaky bucket, told by its end).
  let full = -Infinity;
  return (now) => {
    const next = Math.max(full, now) + period;
    const early = next - now - BURST * period;
    if (early > 0) return early;
    full = next;
    return 0;
  };
}
