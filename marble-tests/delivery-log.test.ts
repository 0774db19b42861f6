import { describe, expect, it } from 'vitest';
import { DeliveryLog } from '../operators/delivery-log.ts';

const connections: Readonly<Record<string, object>> = { '+': {}, '-': {}, '=': {} };

/** What of these deliveries, one each `interval` milliseconds, are duplicates: `'+a'` is event a from connection +. */
function duplicates(maxLag: number, interval: number, ...deliveries: readonly string[]): readonly number[] {
  const log = new DeliveryLog(maxLag);
  const isDuplicate = deliveries.map((delivery, index) =>
    log.isDuplicate(delivery.slice(1), connections[delivery.charAt(0)] ?? {}, index * interval),
  );
  return [...isDuplicate.keys()].filter((index) => isDuplicate[index]);
}

describe('DeliveryLog', () => {
  it('takes the second delivery of an event for a duplicate, whichever connection makes it', () => {
    expect(duplicates(100, 1, '+a', '-a', '-b', '+b', '+c')).toStrictEqual([1, 3]);
  });

  it('takes no delivery of the same connection for a duplicate', () => {
    expect(duplicates(100, 1, '+a', '+a', '+a')).toStrictEqual([]);
  });

  it('matches deliveries one to one, so that an event that was sent twice stays twice', () => {
    expect(duplicates(100, 1, '+a', '+a', '-a', '-a')).toStrictEqual([2, 3]);
    expect(duplicates(100, 1, '+a', '-a', '-a', '+a')).toStrictEqual([1, 3]);
    expect(duplicates(100, 1, '+a', '-a', '-a')).toStrictEqual([1]);
  });

  it('knows a third connection, which brings what two have matched', () => {
    expect(duplicates(100, 1, '+a', '-a', '=a', '=a', '-a')).toStrictEqual([1, 2, 4]);
  });

  it('forgets a delivery that was not matched within maxLag', () => {
    expect(duplicates(10, 10, '+a', '-a')).toStrictEqual([1]);
    expect(duplicates(10, 11, '+a', '-a')).toStrictEqual([]);
  });

  it('forgets the oldest first, and none that is younger', () => {
    // At 20, the a of 0 is over, and the a of 10 is not.
    expect(duplicates(10, 10, '+a', '+a', '-a', '-a')).toStrictEqual([2]);
    // The a of 0 is matched already, so that its end does not take the a of 10 away.
    expect(duplicates(12, 5, '+a', '-a', '+a', '+b', '-a')).toStrictEqual([1, 4]);
  });
});
