import { readConfiguration, type Address, type Configuration, type ConfigurationFlags } from './configuration.ts';
import { UsageError } from './usage-error.ts';

/** The flags of a command that knows `--simulate`. */
export interface SourceFlags extends ConfigurationFlags {
  readonly simulate?: boolean | undefined;
}

/**
 * {@link readConfiguration} with the environment of this process; undefined with `--simulate`.
 *
 * @throws UsageError where something is missing or not allowed, or does not go with `--simulate`
 */
export function configurationOf<Needed extends Address>(
  command: string,
  needed: readonly Needed[],
  flags: SourceFlags,
): Configuration<Needed> | undefined {
  if (flags.simulate !== true) return readConfiguration(command, needed, flags, process.env);
  const own = (['env', 'client-id', 'login-url', 'api-url', 'stream-url'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (own !== undefined) throw new UsageError(`--simulate brings its own servers: leave out --${own}`);
  return undefined;
}
