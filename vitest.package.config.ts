import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The packed package in a project of its own, and what else runs it as it is built: `npm run test:package`. Needs a package registry. */
export default defineConfig({
  ...base,
  test: {
    include: ['test/package/**/*.test.ts', 'test/docs/run.test.ts', 'test/cli/bench.test.ts'],
    testTimeout: 60_000,
  },
});
