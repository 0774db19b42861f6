import type { ApiAccess } from './api-client.ts';
import { configurationOf, type SourceFlags } from '../arguments/configuration-of.ts';
import { withSimulator } from '../with-simulator.ts';

/**
 * Does some work with access to the REST API: that of the configuration, or of a simulator.
 *
 * @throws UsageError where the configuration is not usable
 */
export async function withAccess<T>(
  command: string,
  flags: SourceFlags,
  work: (access: ApiAccess) => Promise<T>,
): Promise<T> {
  const configuration = configurationOf(command, ['loginUrl', 'apiUrl'], flags);
  return configuration === undefined ? withSimulator({}, work) : work(configuration);
}
