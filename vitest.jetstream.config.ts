import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** JetStream, against real NATS servers that the tests start: `npm run test:jetstream`. Needs the program nats-server. */
export default defineConfig({
  ...base,
  test: { include: ['test/{,cli/}jetstream/**/*.test.ts'], testTimeout: 120_000, maxWorkers: 2 },
});
