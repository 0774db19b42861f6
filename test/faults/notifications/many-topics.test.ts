import { BehaviorSubject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { FLAWLESS } from '../../genesys/event-ledger.ts';
import { accountedRun } from '../../genesys/notification-account.ts';
import { FAULT_SEED } from '../seed.ts';

const id = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`;
const topicOf = (nth: number) => `v2.users.${id(nth)}.presence`;
const range = (from: number, count: number) => Array.from({ length: count }, (_, nth) => topicOf(from + nth));

describe('3,500 topics', () => {
  it('are on 4 channels, and nothing is missed of what stays, while 500 of them are exchanged', async () => {
    const wanted$ = new BehaviorSubject<readonly string[]>(range(0, 3_500));
    const stays = new Set(range(500, 3_000));
    const run = accountedRun({
      platform: { seed: FAULT_SEED, jitter: 40 },
      topics: wanted$,
      mustCome: ({ topicName }) => stays.has(topicName),
    });
    let published = 0;
    const publishUntil = async (until: number) => {
      while (run.now() < until) {
        for (let nth = 0; nth < 10; nth += 1) {
          run.platform.publish(topicOf((published * 7) % 4_000), { source: 'PURECLOUD', message: String(published) });
          published += 1;
        }
        await run.pass(10);
      }
    };
    await publishUntil(10_000);
    const channelsAtFirst = run.platform.channels().map(({ subscriptions }) => subscriptions.length);
    // Fifty at a time, each with a pause that is shorter than a REST call.
    for (let step = 1; step <= 10; step += 1) {
      wanted$.next([...range(50 * step, 3_500 - 50 * step), ...range(3_500, 50 * step)]);
      await publishUntil(run.now() + 150);
    }
    await publishUntil(30_000);
    const subscriptions = run.platform.channels().flatMap((channel) => channel.subscriptions);
    const { requests } = run.platform.totals;
    const account = await run.close();
    console.log(
      `seed ${FAULT_SEED}: ${channelsAtFirst.join(' + ')} subscriptions, ${account.expected} events of topics that stay: ${account.expected - account.seen} missed, ${account.twice} twice; ${requests} REST calls`,
    );
    expect(channelsAtFirst).toStrictEqual([875, 875, 875, 875]);
    expect(new Set(subscriptions)).toStrictEqual(new Set(range(500, 3_500)));
    expect(subscriptions).toHaveLength(3_500);
    expect(account).toMatchObject({ ...FLAWLESS, error: undefined });
    expect(account.expected).toBeGreaterThan(15_000);
  });
});
