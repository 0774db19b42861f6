import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The promises of docs/reliability.md, on real sockets, files and processes: `npm run test:faults`. Takes minutes. */
export default defineConfig({
  ...base,
  test: { include: ['test/faults/**/*.test.ts'], testTimeout: 120_000, maxWorkers: 2 },
});
