import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** They change nothing of the process that the next file could see. */
const TOGETHER = ['marble-tests/**/*.test.ts', 'test/{connection,genesys,preset,sharding,simulator}/**/*.test.ts'];

/** They take longer, or need what is not everywhere: `npm run` `test:browser`, `test:package`, `test:faults` and `test:jetstream`. */
const ELSEWHERE = [
  'test/{browser,faults,jetstream,package}/**',
  'test/cli/bench.test.ts',
  'test/cli/jetstream/**',
  'test/docs/run.test.ts',
];

export default defineConfig({
  resolve: {
    // The tests run the sources; package.json maps these to the built files, by platform.
    alias: {
      '#socket': source('./src/connection/platform-socket.node.ts'),
      '#audio-hook': source('./src/genesys/audiohook/audio-hook.node.ts'),
      '#sha256': source('./operators/sha256.node.ts'),
    },
  },
  test: {
    testTimeout: 60_000,
    // One for each core of the smallest machine that runs them: much of the time is waiting for other processes.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: TOGETHER,
          // To load everything anew for each file takes longer than these tests do.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: [...TOGETHER, ...ELSEWHERE],
          typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
        },
      },
    ],
  },
});
