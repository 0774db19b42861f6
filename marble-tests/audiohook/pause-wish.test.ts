import { beforeEach, describe, expect, it } from 'vitest';
import { PAUSE_GRACE, PauseWish } from '../../src/genesys/audiohook/pause-wish.ts';

describe('PauseWish', () => {
  let now: number;
  let asked: boolean[];
  let wish: PauseWish;
  const holder = {};

  beforeEach(() => {
    now = 1_000;
    asked = [];
    wish = new PauseWish(
      (isPaused) => asked.push(isPaused),
      () => now,
    );
  });

  it('is off at first, and nothing was asked', () => {
    expect(wish.isOn).toBe(false);
    expect(wish.isIgnored).toBe(false);
    expect(wish.flow.attached).toBe(true);
    wish.set(false);
    wish.insist();
    expect(asked).toStrictEqual([]);
  });

  it('is on while the caller or the flow wants it', () => {
    wish.set(true);
    wish.flow.hold(holder);
    wish.set(false);
    expect(wish.isOn).toBe(true);
    wish.flow.release(holder);
    expect(wish.isOn).toBe(false);
    wish.flow.hold(holder);
    wish.set(true);
    wish.flow.release(holder);
    expect(wish.isOn).toBe(true);
    wish.set(false);
    expect(asked).toStrictEqual([true, false, true, false]);
  });

  it('has changed when it asks', () => {
    const seen: boolean[] = [];
    const watched: PauseWish = new PauseWish(
      () => seen.push(watched.isOn),
      () => now,
    );
    watched.set(true);
    watched.set(false);
    expect(seen).toStrictEqual([true, false]);
  });

  it('is ignored by audio more than five seconds after it was asked for', () => {
    expect(PAUSE_GRACE).toBe(5_000);
    wish.set(true);
    now += PAUSE_GRACE;
    expect(wish.isIgnored).toBe(false);
    now += 1;
    expect(wish.isIgnored).toBe(true);
    wish.set(false);
    expect(wish.isIgnored).toBe(false);
  });

  it('is asked for anew where it insists, but not where there is one reason more', () => {
    wish.set(true);
    now += PAUSE_GRACE + 1;
    wish.flow.hold(holder);
    expect(wish.isIgnored).toBe(true);
    wish.insist();
    expect(wish.isIgnored).toBe(false);
    expect(asked).toStrictEqual([true, true]);
  });
});
