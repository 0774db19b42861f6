import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

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
    include: ['marble-tests/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/package/**', 'test/faults/**'],
    typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    testTimeout: 60_000,
    // One for each core of the smallest machine that runs them: much of the time is waiting for other processes.
    maxWorkers: 2,
  },
});
