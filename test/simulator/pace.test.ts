import { describe, expect, it } from 'vitest';
import { pace } from '../../src/simulator/pace.ts';

describe('pace', () => {
  it('has the first frame due at once and the others one period apart', () => {
    const pacing = pace(100, 5000);
    expect(pacing.due(5000)).toBe(1);
    pacing.sent(1);
    expect(pacing.due(5009)).toBe(0);
    expect(pacing.due(5010)).toBe(1);
    expect(pacing.due(5055)).toBe(5);
  });

  it('waits for a tick of 10 ms, or for the next frame where that is later', () => {
    const fast = pace(1000, 0);
    fast.sent(1);
    expect(fast.wait(0)).toBe(10);
    const slow = pace(2, 0);
    slow.sent(1);
    expect(slow.wait(100)).toBe(400);
    expect(slow.wait(499)).toBe(10);
  });

  it('makes up for late looks, so that the rate holds', () => {
    const pacing = pace(1000, 0);
    let total = 0;
    for (let now = 0; now <= 10_000; now += 37) {
      const due = pacing.due(now);
      pacing.sent(due);
      total += due;
    }
    expect(total).toBe(9991);
  });

  it('makes up for at most a second, and forgoes the rest', () => {
    const pacing = pace(50, 0);
    expect(pacing.due(60_000)).toBe(50);
    pacing.sent(50);
    expect(pacing.due(60_000)).toBe(0);
    expect(pacing.due(60_020)).toBe(1);
    const slow = pace(0.1, 0);
    expect(slow.due(3_600_000)).toBe(1);
  });

  it('starts afresh on request', () => {
    const pacing = pace(10, 0);
    pacing.sent(1);
    pacing.restart(700);
    expect(pacing.due(700)).toBe(1);
  });

  it('has no end of frames due at an infinite rate, and looks within what timers can wait at a tiny one', () => {
    expect(pace(Infinity, 0).due(0)).toBe(Infinity);
    const tiny = pace(Number.MIN_VALUE, 0);
    expect(tiny.due(0)).toBe(1);
    tiny.sent(1);
    expect(tiny.wait(0)).toBe(2 ** 31 - 1);
  });
});
