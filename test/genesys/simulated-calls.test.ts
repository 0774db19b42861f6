import { concat, concatMap, last, mergeMap, range, toArray, VirtualTimeScheduler } from 'rxjs';
import { expect, it } from 'vitest';
import { clientCredentials } from '../../src/auth/client-credentials.ts';
import { channelApi } from '../../src/genesys/notifications/channel-api.ts';
import { platformApi, type ApiCallRecord } from '../../src/genesys/platform-api.ts';
import { driveTime, simulatePlatform } from '../../src/simulator/index.ts';

/** A simulated platform in virtual time, and a client of it that has no other parts than those of the package. */
function simulated() {
  const scheduler = new VirtualTimeScheduler();
  const platform = simulatePlatform({ scheduler });
  const { apiUrl, loginUrl, clientId, clientSecret, fetch } = platform;
  const calls: ApiCallRecord[] = [];
  const token = clientCredentials({ loginUrl, clientId, clientSecret, scopes: [], fetch, scheduler });
  const api = platformApi({ apiUrl, token, fetch, scheduler, calls: { next: (call) => calls.push(call) } });
  return { scheduler, platform, calls, api, channels: channelApi(api) };
}

it('each call is understood by the simulator, and understands its answer', async () => {
  const { scheduler, platform, channels } = simulated();
  const topic = 'v2.users.7c1f0000-0000-4000-8000-000000000000.presence';
  const answers: unknown[] = [];
  const life$ = channels
    .create()
    .pipe(
      concatMap(({ id }) =>
        concat(
          channels.exists(id),
          channels.replaceTopics(id, [topic, 'v2.no.such.topic']),
          channels.subscriptions(id),
          channels.removeTopics(id),
          channels.subscriptions(id),
          channels.list('token'),
          channels.list('client'),
          channels.exists('no-such-channel'),
          channels.availableTopics(),
        ),
      ),
    );
  life$.subscribe((answer) => answers.push(answer));
  await driveTime(scheduler, 10_000);
  platform.stop();
  const own = expect.objectContaining({ connectUri: expect.stringMatching(/^wss:/) as unknown }) as unknown;
  expect(answers).toEqual([
    true,
    [
      { id: topic, permitted: true, reason: undefined, missingPermissions: [] },
      { id: 'v2.no.such.topic', permitted: false, reason: expect.any(String) as unknown, missingPermissions: [] },
    ],
    [topic],
    undefined,
    [],
    [own],
    [own],
    false,
    expect.arrayContaining([
      expect.objectContaining({ id: 'v2.users.{id}.presence', description: expect.any(String) as unknown }),
    ]),
  ]);
});

it('700 calls at once run into no 429 where 300 a minute are allowed, and take no more than three minutes', async () => {
  const { scheduler, platform, calls, api } = simulated();
  let answered = 0;
  // The first tells the limit.
  const first$ = api.call({ method: 'GET', path: '/api/v2/notifications/channels' });
  const all$ = range(0, 700).pipe(
    mergeMap(() => first$),
    toArray(),
  );
  concat(first$, all$)
    .pipe(last())
    .subscribe((answers) => (answered = (answers as unknown[]).length));
  await driveTime(scheduler, 180_000);
  platform.stop();
  expect(answered).toBe(700);
  expect(calls.filter(({ status }) => status !== 200)).toEqual([]);
});

it('a token that is revoked is replaced, and the calls under way succeed', async () => {
  const { scheduler, platform, calls, api } = simulated();
  const call$ = api.call({ method: 'GET', path: '/api/v2/notifications/channels' });
  const statuses: number[] = [];
  call$.subscribe();
  await driveTime(scheduler, 1_000);
  platform.revokeTokens();
  range(0, 5)
    .pipe(mergeMap(() => call$))
    .subscribe(({ status }) => statuses.push(status));
  await driveTime(scheduler, 5_000);
  platform.stop();
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  expect(calls.map(({ status }) => status).sort()).toEqual([
    ...Array<number>(6).fill(200),
    ...Array<number>(5).fill(401),
  ]);
});
