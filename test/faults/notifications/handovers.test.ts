import { describe, expect, it } from 'vitest';
import { FLAWLESS } from '../../genesys/event-ledger.ts';
import { accountedRun } from '../../genesys/notification-account.ts';
import { FAULT_SEED } from '../seed.ts';

describe('a thousand planned handovers under a thousand events a second', () => {
  it('lose no event, give none twice, and keep the order of each topic', { timeout: 600_000 }, async () => {
    const run = accountedRun({
      platform: {
        activity: { rate: 1_000, agents: 100, queues: 8 },
        seed: FAULT_SEED,
        jitter: 40,
        scenario: [{ at: 8_000, every: 600, times: 1_000, do: 'socket-closing' }],
      },
      client: { overlap: 250, hold: 100 },
    });
    await run.pass(620_000);
    const account = await run.close();
    const { expected, seen, twice, outOfOrder, handovers } = account;
    console.log(
      `seed ${FAULT_SEED}: ${handovers} handovers, ${expected} events: ${expected - seen} lost, ${twice} twice, ${outOfOrder} out of order`,
    );
    expect(account).toMatchObject({ ...FLAWLESS, error: undefined });
    expect(seen).toBe(expected);
    expect(expected).toBeGreaterThan(500_000);
    expect(handovers).toBeGreaterThanOrEqual(1_000);
  });
});
