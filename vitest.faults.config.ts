import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The promises of docs/reliability.md, on real sockets, files and processes: `npm run test:faults`. Takes minutes. */
const config = mergeConfig(base, { test: { testTimeout: 120_000 } });
config.test.include = ['test/faults/**/*.test.ts'];
config.test.exclude = [];
config.test.typecheck.enabled = false;

export default config;
