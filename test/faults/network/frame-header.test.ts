import { describe, expect, it } from 'vitest';
import { ClosedError } from '../../../operators/errors.ts';
import { discrepancies } from './discrepancies.ts';
import type { Plan } from './fault.ts';
import { runSchedule } from './run-schedule.ts';
import { HEAD, placedFrames, type PlacedFrame } from './traffic.ts';

const SEED = 7;

/** A plan for each bit of a frame's header: a connection on which it is turned in the first frame that has such a header. */
function eachBit(header: PlacedFrame['header']): Plan[] {
  const plans: Plan[] = [];
  for (let bit = 0; bit < header * 8;) {
    const frame = placedFrames(SEED, plans.length).find((placed) => placed.header === header);
    if (frame === undefined) {
      plans.push([{ at: HEAD, kind: 'fin' }]);
      continue;
    }
    plans.push([
      { at: frame.start + Math.floor(bit / 8), kind: 'corrupt', flip: 0x80 >> (bit % 8) },
      { at: frame.end + 10_000, kind: 'fin' },
    ]);
    bit += 1;
  }
  return plans;
}

describe('a bit that was turned in the header of a frame', () => {
  it.each([
    // The rest are lengths that lead to what looks like frames, or on to the end of the connection.
    [2, 15],
    [4, 30],
    [10, 77],
  ] as const)(
    'of %i bytes ends the connection as a breach, and costs no message before it',
    async (header, breaches) => {
      const plans = eachBit(header);
      const account = await runSchedule({ seed: SEED, rate: null, plans, handoversAfter: [], leaveAfter: null });
      expect(discrepancies(account)).toEqual([]);
      const codes = account.states.flatMap((state) =>
        state.status === 'closed' && state.cause instanceof ClosedError ? [state.cause.closeCode] : [],
      );
      expect(codes.filter((code) => code === 1002 || code === 1009)).toHaveLength(breaches);
    },
  );
});
