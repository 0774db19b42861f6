import type { MonoTypeOperatorFunction } from 'rxjs';
import { topicTemplate, type Topic } from '../../genesys/notifications/topics.ts';
import type { Simulator, SimulatorOptions } from '../../simulator/index.ts';
import { configurationOf, type SourceFlags } from '../arguments/configuration-of.ts';
import { exitCode } from '../exit-code.ts';
import { readTopics, type TopicFlags } from '../platform/read-topics.ts';
import type { StreamWishes } from './stream-outcomes.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { withSimulator } from '../with-simulator.ts';

/** What `--simulate` brings: a busy contact centre, an announced end of the connection early on, and later cuts. */
const SIMULATION: SimulatorOptions = {
  notifications: {
    activity: { rate: 50 },
    scenario: [
      { at: 5_000, do: 'socket-closing' },
      { at: 20_000, do: 'cut', every: 60_000 },
    ],
  },
};

/** What is to be done at the limit of channels. */
interface ChannelFlags {
  readonly 'replace-channel'?: boolean | undefined;
}

/** How many topics of each kind are taken of what is simulated. */
const TOPICS_OF_A_KIND = 5;

/**
 * **`listen --notifications`**: streams from notification channels, and gives the exit code.
 *
 * @param share - leaves of the topics those that this process is to have
 */
export async function listenToNotifications(
  command: string,
  flags: SourceFlags & TopicFlags & ChannelFlags,
  maxAttempts: number | undefined,
  wishes: StreamWishes,
  stopped: Promise<void>,
  share: MonoTypeOperatorFunction<readonly Topic[]>,
): Promise<number> {
  const configuration = configurationOf(`${command} --notifications`, ['loginUrl', 'apiUrl'], flags);
  const topics = await readTopics(flags, stopped);
  // It was stopped before it began.
  if (topics?.length === 0) return exitCode.done;
  if (configuration !== undefined && topics === undefined) {
    throw new UsageError('--notifications needs topics: --topic or --topics-file; rxframe topics lists what there is');
  }
  const atLimit = flags['replace-channel'] === true ? 'replace' : 'error';
  // Imported only now: a wrong flag does not wait for the library to load.
  const { notificationSource } = await import('./notification-source.ts');
  const { streamOutcomes } = await import('./stream-outcomes.ts');
  if (configuration !== undefined && topics !== undefined) {
    return streamOutcomes(notificationSource(configuration, topics, share, atLimit, maxAttempts), wishes, stopped);
  }
  return withSimulator(SIMULATION, (simulator) =>
    streamOutcomes(
      notificationSource(simulator, topics ?? someTopics(simulator), share, atLimit, maxAttempts),
      wishes,
      stopped,
    ),
  );
}

function someTopics({ notifications }: Simulator): readonly Topic[] {
  const kinds = new Map<string, Topic[]>();
  for (const name of notifications.topics()) {
    const kind = kinds.get(topicTemplate(name)) ?? [];
    kinds.set(topicTemplate(name), kind);
    if (kind.length < TOPICS_OF_A_KIND) kind.push(name);
  }
  return [...kinds.values()].flat();
}
