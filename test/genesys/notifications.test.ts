import { describe, expect, it } from 'vitest';
import { FLAWLESS } from './event-ledger.ts';
import { accountedRun } from './notification-account.ts';

const ACTIVITY = { rate: 200, agents: 40, queues: 4 };
const QUICK = { overlap: 400, hold: 150 };

describe('notifications, against a simulated platform in driven time', () => {
  it('gives every event of every topic once, and in the order of its topic', async () => {
    const run = accountedRun({ platform: { activity: ACTIVITY, seed: 3 } });
    await run.pass(60_000);
    const account = await run.close();
    expect(account).toMatchObject({ ...FLAWLESS, error: undefined });
    expect(account.expected).toBeGreaterThan(8_000);
    expect(account.seen).toBe(account.expected);
  });

  it('loses nothing, and gives nothing twice, where the service closes its sockets', async () => {
    const run = accountedRun({
      platform: {
        activity: ACTIVITY,
        seed: 4,
        jitter: 60,
        scenario: [{ at: 8_000, every: 1_500, times: 40, do: 'socket-closing' }],
      },
      client: QUICK,
    });
    await run.pass(90_000);
    const account = await run.close();
    expect(account).toMatchObject({ ...FLAWLESS, error: undefined });
    expect(account.seen).toBe(account.expected);
    expect(account.handovers).toBeGreaterThanOrEqual(40);
    expect(run.platform.channels().length).toBeLessThanOrEqual(2);
  });

  it('tells a gap for all that a cut has cost', async () => {
    const run = accountedRun({
      platform: {
        activity: ACTIVITY,
        seed: 5,
        jitter: 60,
        scenario: [{ at: 8_000, every: 3_000, times: 20, do: 'cut' }],
      },
      client: { ...QUICK, reconnect: { stableAfter: 500 } },
    });
    await run.pass(90_000);
    const account = await run.close();
    expect(account).toMatchObject({ twice: 0, lostInSilence: [], outOfOrder: 0, error: undefined });
    expect(account.lostInGaps).toBeGreaterThan(0);
    expect(account.gaps).toHaveLength(20);
  });

  it('notices a half-open socket within the silence, and tells what it has cost', async () => {
    const run = accountedRun({
      platform: { activity: ACTIVITY, seed: 6, scenario: [{ at: 20_000, do: 'mute' }] },
    });
    await run.pass(120_000);
    const account = await run.close();
    expect(account).toMatchObject({ twice: 0, lostInSilence: [], outOfOrder: 0, error: undefined });
    expect(account.gaps).toHaveLength(1);
    expect(account.gaps[0]!.to - account.gaps[0]!.from).toBeLessThan(45_000 + 15_000 + 2 * 2_000 + 1_000);
  });
});
