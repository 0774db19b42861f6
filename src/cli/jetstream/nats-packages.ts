import { UsageError } from '../arguments/usage-error.ts';

/** What `npm install` is to be given. */
const PACKAGES = '@nats-io/transport-node @nats-io/jetstream @nats-io/kv';

/**
 * **Loads what needs the packages of NATS**, which not everybody installs.
 *
 * @throws UsageError where one of them is not there
 */
export async function withNatsPackages<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'@nats-io/")) throw error;
    throw new UsageError(
      `needs the packages of NATS: npm install ${PACKAGES} (with --global, where rxframe is installed so)`,
      { cause: error },
    );
  }
}
