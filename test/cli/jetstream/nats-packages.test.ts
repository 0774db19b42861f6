import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/arguments/usage-error.ts';
import { withNatsPackages } from '../../../src/cli/jetstream/nats-packages.ts';

/** As Node says that a module is not there. */
function notFound(name: string): Error {
  const message = `Cannot find package '${name}' imported from /app/node_modules/rxframe/dist/src/cli/main.js`;
  return Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
}

describe('withNatsPackages', () => {
  it('says what to install where a package of NATS is missing', async () => {
    const loading = withNatsPackages(() => Promise.reject(notFound('@nats-io/transport-node')));
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow('npm install @nats-io/transport-node @nats-io/jetstream @nats-io/kv');
  });

  it('leaves all else as it is', async () => {
    const other = notFound('rxjs');
    await expect(withNatsPackages(() => Promise.reject(other))).rejects.toBe(other);
    expect(await withNatsPackages(() => Promise.resolve('loaded'))).toBe('loaded');
  });
});
