import { startSimulator } from 'rxframe/simulator';
import { describe, expect, vi } from 'vitest';
import { accessToken } from './access-token.ts';
import { it } from './browser-test.ts';

const USER = '7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10';
const TOPIC = `v2.users.${USER}.presence` as const;

describe('notification channels in a browser', () => {
  it('deliver typed events, with a token that the page has, over a handover', async ({ page }) => {
    const simulator = await startSimulator({ notifications: {} });
    const { notifications } = simulator;
    const isConnected = (sockets: number) =>
      vi.waitUntil(() => notifications.channels().filter((channel) => channel.isConnected).length === sockets, 10_000);
    const recorded = page.evaluate(
      ([apiUrl, token, topic]) => {
        let status = 'none';
        const events$ = genesys
          .notifications({
            api: genesys.platformApi({ apiUrl, token: () => token }),
            topics: [topic],
            overlap: 300,
            hold: 100,
            notices: { next: (notice) => (status = notice.type === 'handover' ? notice.status : notice.type) },
          })
          .pipe(
            operators.decode(genesys.notificationTypes),
            operators.validate(),
            operators.accepted(),
            operators.ofType('v2.users.{id}.presence'),
            rxjs.take(3),
          );
        return record(events$, ({ decodedData: { topicName, eventBody } }) => ({
          id: genesys.topicId(topicName),
          message: eventBody.message,
          status,
        }));
      },
      [simulator.apiUrl, await accessToken(simulator), TOPIC] as const,
    );

    await isConnected(1);
    notifications.publish(TOPIC, { source: 'PURECLOUD', message: 'first' });
    notifications.closeSoon();
    await isConnected(2);
    notifications.publish(TOPIC, { source: 'PURECLOUD', message: 'second' });
    await isConnected(1);
    notifications.publish(TOPIC, { source: 'PURECLOUD', message: 'third' });

    const { values, end } = await recorded;
    await simulator.close();
    expect(end).toEqual({ kind: 'complete' });
    expect(values).toMatchObject([
      { id: USER, message: 'first', status: 'none' },
      { id: USER, message: 'second' },
      { id: USER, message: 'third', status: 'done' },
    ]);
  });
});
