import { describe, expect, it } from 'vitest';
import { accountedRun } from '../../genesys/notification-account.ts';
import { FAULT_SEED } from '../seed.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a day', () => {
  it('of channels and tokens that expire, lost heartbeats and 429s leaves nothing behind', async () => {
    const run = accountedRun({
      platform: {
        activity: { rate: 2, agents: 60, queues: 4 },
        seed: FAULT_SEED,
        jitter: 40,
        channelLifetime: 3 * HOUR,
        tokenLifetime: 5 * 3_600,
        requestsPerMinute: 30,
        scenario: [
          { at: 40 * MINUTE, every: 50 * MINUTE, do: 'mute' },
          { at: 25 * MINUTE, every: 70 * MINUTE, do: 'socket-closing' },
          // While the connection that was muted half a minute before is found dead, and another one is made.
          { at: 40 * MINUTE + 30_000, every: 100 * MINUTE, do: 'throttle', seconds: 90 },
          { at: 7 * HOUR, every: 6 * HOUR, do: 'revoke-tokens' },
        ],
      },
    });
    const held = () => ({
      timers: run.clientTimers(),
      sockets: run.platform.openSockets,
      channels: run.platform.channels().filter(({ isConnected }) => isConnected).length,
    });
    await run.pass(10 * MINUTE);
    const atStart = held();
    await run.pass(24 * HOUR);
    const atEnd = held();
    const { channels, throttled } = run.platform.totals;
    const { expected, seen, twice, lostInGaps, lostInSilence, outOfOrder, gaps, handovers, error } = await run.close();
    const left = held();
    console.log(
      `seed ${FAULT_SEED}: ${handovers} handovers, ${gaps.length} gaps, ${channels} channels, ${throttled} calls answered with 429; ${expected} events: ${expected - seen} lost, ${lostInGaps} of them in gaps, ${twice} twice; timers ${atStart.timers} at the start, ${atEnd.timers} at the end, ${left.timers} after it; sockets ${atStart.sockets}, ${atEnd.sockets}, ${left.sockets}`,
    );
    expect({ twice, lostInSilence, outOfOrder, error }).toStrictEqual({
      twice: 0,
      lostInSilence: [],
      outOfOrder: 0,
      error: undefined,
    });
    expect(atEnd).toStrictEqual(atStart);
    expect(left).toStrictEqual({ timers: 0, sockets: 0, channels: 0 });
    expect(handovers).toBeGreaterThan(40);
    expect(throttled).toBeGreaterThan(2);
  });
});
