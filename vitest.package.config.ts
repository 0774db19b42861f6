import { defineConfig } from 'vitest/config';

/** The packed package in a project of its own: `npm run test:package`. Installs it, which needs a package registry. */
export default defineConfig({ test: { include: ['test/package/**/*.test.ts'], testTimeout: 60_000 } });
