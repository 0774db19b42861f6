import { defineConfig } from 'vitest/config';

/** The core in real Chromium: `npm run test:browser`. Runs the built package. */
export default defineConfig({ test: { include: ['test/browser/**/*.test.ts'], testTimeout: 30_000 } });
