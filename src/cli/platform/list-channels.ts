import { concatMap, firstValueFrom, from, map, of, toArray, type Observable } from 'rxjs';
import { channelApi, type ChannelApi, type ChannelSummary } from '../../genesys/notifications/channel-api.ts';
import { CHANNELS_AT_MOST } from '../../genesys/notifications/channel-pool.ts';
import { apiClient, type ApiAccess } from './api-client.ts';
import { exitCode } from '../exit-code.ts';
import { terminalJson } from '../terminal/terminal-text.ts';
import { textTable } from '../terminal/text-table.ts';

interface ListedChannel {
  readonly id: string | undefined;
  readonly expires: string;
  /** Undefined where the channel has no id. */
  readonly subscriptions: number | undefined;
}

/** **Prints the channels of the OAuth client**, and gives the exit code. */
export async function listChannels(access: ApiAccess, json: boolean): Promise<number> {
  const api = channelApi(apiClient(access));
  const listed$ = api.list('client').pipe(
    concatMap((summaries) => from(summaries)),
    concatMap((summary) => listed(api, summary)),
    toArray(),
  );
  const channels = await firstValueFrom(listed$);
  if (channels.length > 0) process.stdout.write(`${json ? channels.map(line).join('\n') : table(channels)}\n`);
  process.stderr.write(`${channels.length} of ${CHANNELS_AT_MOST} channels\n`);
  return exitCode.done;
}

function listed(api: ChannelApi, { id, expires: at }: ChannelSummary): Observable<ListedChannel> {
  const expires = new Date(at).toISOString();
  if (id === undefined) return of({ id, expires, subscriptions: undefined });
  return api.subscriptions(id).pipe(map(({ length }) => ({ id, expires, subscriptions: length })));
}

function line({ id, expires, subscriptions }: ListedChannel): string {
  return terminalJson({ id: id ?? null, expires, subscriptions: subscriptions ?? null });
}

function table(channels: readonly ListedChannel[]): string {
  return textTable([
    ['id', 'expires', 'subscriptions'],
    ...channels.map(({ id, expires, subscriptions }) => [
      id ?? "(another token's)",
      expires,
      subscriptions === undefined ? '-' : String(subscriptions),
    ]),
  ]);
}
