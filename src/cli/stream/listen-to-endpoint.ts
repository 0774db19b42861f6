import type { SimulatorOptions } from '../../simulator/index.ts';
import { configurationOf, type SourceFlags } from '../arguments/configuration-of.ts';
import type { StreamWishes } from './stream-outcomes.ts';
import { withSimulator } from '../with-simulator.ts';

/** What `--simulate` brings: bad frames now and then, two disconnections early on, and one after 40 s each time. */
const SIMULATION: SimulatorOptions = {
  badRate: 0.02,
  script: [
    { at: 800, connection: 0, drop: true },
    { at: 700, connection: 1, close: 1012, reason: 'service restart' },
    { at: 40_000, close: 1013, reason: 'try again later' },
  ],
};

/** **`listen` without `--notifications`**: streams from the streaming endpoint, and gives the exit code. */
export async function listenToEndpoint(
  command: string,
  flags: SourceFlags,
  maxAttempts: number | undefined,
  wishes: StreamWishes,
  stopped: Promise<void>,
): Promise<number> {
  const configuration = configurationOf(command, ['loginUrl', 'streamUrl'], flags);
  // Imported only now: a wrong flag does not wait for the library to load.
  const { endpointSource } = await import('./endpoint-source.ts');
  const { streamOutcomes } = await import('./stream-outcomes.ts');
  if (configuration !== undefined) return streamOutcomes(endpointSource(configuration, maxAttempts), wishes, stopped);
  return withSimulator(SIMULATION, (simulator) =>
    streamOutcomes(endpointSource(simulator, maxAttempts), wishes, stopped),
  );
}
