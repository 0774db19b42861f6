import { VirtualTimeScheduler } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { PAUSE_GRACE, PauseWish } from '../../src/genesys/audiohook/pause-wish.ts';

describe('PauseWish', () => {
  let scheduler: VirtualTimeScheduler;
  let asked: string[];
  /** In how many milliseconds `resume` may be sent, one after the other; 0 at the end. */
  let waits: number[];
  let wish: PauseWish;
  const holder = {};

  beforeEach(() => {
    scheduler = new VirtualTimeScheduler();
    asked = [];
    waits = [];
    const client = {
      pause: () => asked.push(`${scheduler.now()} pause`),
      resume: () => asked.push(`${scheduler.now()} resume`),
      resumableIn: () => waits.shift() ?? 0,
    };
    wish = new PauseWish(client, scheduler);
  });

  it('is off at first, and nothing was asked', () => {
    expect(wish.isOn).toBe(false);
    expect(wish.hear(PAUSE_GRACE + 1)).toBe(false);
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
    expect(asked).toStrictEqual(['0 pause', '0 resume', '0 pause', '0 resume']);
  });

  it('has changed when it asks', () => {
    const seen: boolean[] = [];
    const note = () => seen.push(watched.isOn);
    const watched: PauseWish = new PauseWish({ pause: note, resume: note, resumableIn: () => 0 }, scheduler);
    watched.set(true);
    watched.set(false);
    expect(seen).toStrictEqual([true, false]);
  });

  it('is ignored by more than five seconds of audio', () => {
    expect(PAUSE_GRACE).toBe(5 * 8_000);
    wish.set(true);
    expect(wish.hear(PAUSE_GRACE - 1)).toBe(false);
    expect(wish.hear(1)).toBe(false);
    expect(wish.hear(1)).toBe(true);
    wish.set(false);
    expect(wish.hear(1)).toBe(false);
    wish.set(true);
    expect(wish.hear(PAUSE_GRACE)).toBe(false);
  });

  it('asks again where it insists, and counts on what was heard before', () => {
    wish.set(true);
    wish.hear(PAUSE_GRACE);
    wish.flow.hold(holder);
    wish.insist();
    expect(asked).toStrictEqual(['0 pause', '0 pause']);
    expect(wish.hear(1)).toBe(true);
  });

  it('asks to go on only when it may, with another look at that time', () => {
    waits = [200, 50];
    wish.set(true);
    wish.set(false);
    expect(asked).toStrictEqual(['0 pause']);
    scheduler.flush();
    expect(asked).toStrictEqual(['0 pause', '250 resume']);
    expect(scheduler.actions).toHaveLength(0);
  });

  it('does not ask at all where the wish has changed back until then', () => {
    waits = Array<number>(100).fill(200);
    for (let count = 0; count < 100; count += 1) {
      wish.set(true);
      wish.set(false);
    }
    wish.set(true);
    scheduler.flush();
    expect(asked).toStrictEqual(['0 pause']);
    wish.set(false);
    expect(asked).toStrictEqual(['0 pause', `${scheduler.now()} resume`]);
  });

  it('asks for nothing any more where it was stopped', () => {
    waits = [200];
    wish.set(true);
    wish.set(false);
    wish.stop();
    waits = [200];
    wish.set(true);
    wish.set(false);
    expect(scheduler.actions.filter(({ closed }) => !closed)).toHaveLength(0);
    scheduler.flush();
    expect(asked).toStrictEqual(['0 pause']);
  });
});
