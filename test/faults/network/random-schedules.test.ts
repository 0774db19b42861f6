import { afterAll, describe, expect, it } from 'vitest';
import { ClosedError, type RxFrameError } from '../../../operators/errors.ts';
import type { Account } from './account.ts';
import { discrepancies } from './discrepancies.ts';
import type { Schedule } from './fault.ts';
import { randomSchedule } from './random-schedule.ts';
import { runSchedule } from './run-schedule.ts';

const REPLAYED = process.env['FAULT_SEED'];

/** So many seeds that nobody chose; or the one that is to be replayed. */
function seeds(count: number): number[] {
  if (REPLAYED !== undefined) return [Number(REPLAYED)];
  const first = Math.floor(Math.random() * 2 ** 31);
  return Array.from({ length: count }, (_, n) => first + n);
}

const seen = { schedules: 0, connections: 0, frames: 0, failures: new Map<string, number>() };

function count({ attempts, outcomes, states }: Account): void {
  seen.schedules += 1;
  seen.connections += attempts.length;
  seen.frames += outcomes.length;
  for (const state of states) {
    if (state.status !== 'waiting' && state.status !== 'failed') continue;
    const { cause } = state;
    const kind = cause instanceof ClosedError ? String(cause.closeCode) : (cause as RxFrameError).code;
    seen.failures.set(kind, (seen.failures.get(kind) ?? 0) + 1);
  }
}

afterAll(() => {
  const failures = [...seen.failures].map(([kind, times]) => `${times} × ${kind}`).join(', ');
  console.log(`${seen.schedules} schedules: ${seen.connections} connections, ${seen.frames} frames; ${failures}`);
});

async function hold(schedule: Schedule): Promise<void> {
  const account = await runSchedule(schedule);
  count(account);
  const replay = `replay with FAULT_SEED=${schedule.seed}: ${JSON.stringify(schedule)}`;
  expect(discrepancies(account), replay).toEqual([]);
}

describe('through a network that fails at random, each message has one outcome and each failure is told', () => {
  it.each(seeds(30))('with seed %i', async (seed) => {
    await hold(randomSchedule(seed));
  });

  it.each(seeds(12))('during handovers, with seed %i', async (seed) => {
    await hold(randomSchedule(seed, 2));
  });
});
