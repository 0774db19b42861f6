import { timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { clientCredentials } from '../../../src/auth/client-credentials.ts';
import { notifications } from '../../../src/genesys/notifications/notifications.ts';
import { platformApi } from '../../../src/genesys/platform-api.ts';
import { startSimulator } from '../../../src/simulator/index.ts';
import { EventLedger, FLAWLESS } from '../../genesys/event-ledger.ts';
import { FAULT_SEED } from '../seed.ts';

describe('by the wall clock, over real sockets and HTTP', () => {
  it('planned handovers under a thousand events a second lose no event, give none twice, and keep the order', async () => {
    const ledger = new EventLedger();
    const simulator = await startSimulator({
      seed: FAULT_SEED,
      notifications: {
        activity: { rate: 1_000, agents: 100, queues: 8 },
        scenario: [{ at: 4_000, every: 2_500, times: 15, do: 'socket-closing' }],
        onEvent: (event) => ledger.published(event),
      },
    });
    const { loginUrl, apiUrl, clientId, clientSecret } = simulator;
    const topics = new Set(simulator.notifications.topics());
    const started = Date.now();
    let error: unknown;
    const subscription = notifications({
      api: platformApi({ apiUrl, token: clientCredentials({ loginUrl, clientId, clientSecret }) }),
      topics: [...topics],
      notices: { next: (notice) => ledger.notices.push(notice) },
      overlap: 1_500,
      hold: 500,
    }).subscribe({ next: (outcome) => ledger.cameOut(outcome), error: (cause: unknown) => (error = cause) });

    await new Promise((resolve) => timer(45_000).subscribe(resolve));
    const end = Date.now() - 3_000;
    subscription.unsubscribe();
    await simulator.close();

    const account = ledger.account(
      ({ topicName, publishedAt }) =>
        (topics as ReadonlySet<string>).has(topicName) && publishedAt >= started + 3_000 && publishedAt <= end,
    );
    const { expected, seen, twice, outOfOrder, handovers } = account;
    console.log(
      `seed ${FAULT_SEED}: ${handovers} handovers, ${expected} events: ${expected - seen} lost, ${twice} twice, ${outOfOrder} out of order`,
    );
    expect({ ...account, error }).toMatchObject({ ...FLAWLESS, error: undefined });
    expect(seen).toBe(expected);
    expect(handovers).toBe(15);
  });
});
