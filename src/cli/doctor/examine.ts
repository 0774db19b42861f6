import { firstValueFrom, noop } from 'rxjs';
import { clientCredentials } from '../../auth/client-credentials.ts';
import { channelApi } from '../../genesys/notifications/channel-api.ts';
import { CHANNELS_AT_MOST, ChannelPool } from '../../genesys/notifications/channel-pool.ts';
import type { Topic } from '../../genesys/notifications/topics.ts';
import { platformApi } from '../../genesys/platform-api.ts';
import type { ApiAccess } from '../platform/api-client.ts';
import { checkClock } from './check-clock.ts';
import { checkScopes } from './check-scopes.ts';
import { checkTopic } from './check-topic.ts';
import type { Checklist } from './checklist.ts';
import { examineSocket } from './examine-socket.ts';
import { proxyOf } from './proxy.ts';
import { resolveHosts } from './resolve-hosts.ts';
import { ServerClock } from './server-clock.ts';

/**
 * **Does the steps of `doctor` from `hosts` on**, as far as going on makes sense. What they make is undone: the socket is
 * closed, the subscription removed.
 *
 * @param topic - the topic to subscribe to; undefined: one on which nothing happens
 */
export async function examine(list: Checklist, access: ApiAccess, topic: Topic | undefined): Promise<void> {
  const { loginUrl, apiUrl, clientId, clientSecret } = access;
  const hosts = await list.do('hosts', async () => {
    const proxy = proxyOf(process.env);
    if (proxy?.isUsed === true) return { found: [], detail: `left to the proxy of ${proxy.variable}` };
    const found = await resolveHosts([loginUrl, apiUrl]);
    return { found, detail: found.join(', ') };
  });
  if (hosts === undefined) return;

  const clock = new ServerClock();
  const once = { attempts: 1, fetch: clock.fetch };
  const credentials = { loginUrl, clientId, clientSecret, ...once };
  const token = await list.do('token', async () => {
    // For notification channels no scope is needed.
    const found = clientCredentials({ ...credentials, scopes: [] });
    return { found, detail: lifeInWords(found.lifeLeft(await found.token())) };
  });
  if (token === undefined) return;

  await list.do('scopes', () => checkScopes(credentials));

  const api = await list.do('api', async () => {
    const found = platformApi({ apiUrl, token, ...once });
    const { length } = await firstValueFrom(channelApi(found).list('client'));
    return { found, detail: `it answers; ${length} of ${CHANNELS_AT_MOST} channels are there` };
  });
  if (api === undefined) return;

  await list.do('clock', () => checkClock(clock.ahead));

  const channels = channelApi(api);
  const channel = await list.do('channel', async () => {
    const pool = new ChannelPool({ channels, api, atLimit: 'error', reuse: false, shortestLife: 0, clock: Date });
    const found = await firstValueFrom(pool.take());
    return { found, detail: `${found.id} is made; it ends by itself at ${new Date(found.end).toISOString()}` };
  });
  if (channel === undefined) return;

  try {
    await list.do('topic', () => checkTopic(channels, channel.id, topic));
    await examineSocket(list, channel.connectUri);
  } finally {
    // Where that fails, nothing is lost: without a socket no events come.
    await firstValueFrom(channels.removeTopics(channel.id)).catch(noop);
  }
}

function lifeInWords(lifeLeft: number | undefined): string {
  if (lifeLeft === undefined) return 'one is given';
  const minutes = Math.round(lifeLeft / 60_000);
  return `one is given, for ${minutes >= 120 ? `${Math.round(minutes / 60)} h` : `${minutes} min`}`;
}
