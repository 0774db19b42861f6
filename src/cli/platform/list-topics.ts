import { firstValueFrom } from 'rxjs';
import { channelApi, type AvailableTopic } from '../../genesys/notifications/channel-api.ts';
import { apiClient, type ApiAccess } from './api-client.ts';
import { counted } from '../terminal/counted.ts';
import { exitCode } from '../exit-code.ts';
import { terminalJson } from '../terminal/terminal-text.ts';
import { textTable } from '../terminal/text-table.ts';

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

/** As wide as the terminal; whole, a topic a line, for a program. */
function table(topics: readonly AvailableTopic[]): string {
  return textTable(
    [
      ['topic', 'description', 'permissions'],
      ...topics.map(({ id, description = '', requiresPermissions }) => [
        id,
        description,
        requiresPermissions.join(', ') || '-',
      ]),
    ],
    process.stdout.columns,
  );
}
