import { firstValueFrom } from 'rxjs';
import { channelApi, type AvailableTopic } from '../genesys/notifications/channel-api.ts';
import { apiClient, type ApiAccess } from './api-client.ts';
import { counted } from './counted.ts';
import { exitCode } from './exit-code.ts';
import { terminalJson } from './terminal-text.ts';
import { textTable } from './text-table.ts';

/** How much of a description the table shows, in characters. */
const DESCRIPTION = 60;

/** **Prints the topics that the platform offers** and that have each word of `search`, and gives the exit code. */
export async function listTopics(access: ApiAccess, search: string, json: boolean): Promise<number> {
  const offered = await firstValueFrom(channelApi(apiClient(access)).availableTopics());
  const words = search.toLowerCase().split(/\s+/);
  const found = offered.filter((topic) => words.every((word) => textOf(topic).includes(word))).sort(byId);
  if (found.length > 0) process.stdout.write(`${json ? found.map(line).join('\n') : table(found)}\n`);
  const all = counted(offered.length, 'topic');
  process.stderr.write(`${found.length === offered.length ? all : `${found.length} of ${all}`}\n`);
  return exitCode.done;
}

function textOf({ id, description = '', requiresPermissions }: AvailableTopic): string {
  return [id, description, ...requiresPermissions].join(' ').toLowerCase();
}

function byId(one: AvailableTopic, other: AvailableTopic): number {
  return one.id < other.id ? -1 : 1;
}

function line({ id, description, requiresPermissions: permissions, transports }: AvailableTopic): string {
  return terminalJson({ id, description: description ?? null, permissions, transports });
}

function table(topics: readonly AvailableTopic[]): string {
  return textTable([
    ['topic', 'description', 'permissions'],
    ...topics.map(({ id, description = '', requiresPermissions }) => [
      id,
      description.length > DESCRIPTION ? `${description.slice(0, DESCRIPTION - 1)}…` : description,
      requiresPermissions.join(', ') || '-',
    ]),
  ]);
}
