import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import base from './vitest.config.ts';

const SLOW = /(process-with|decode|member-in-bytes|audit-record|validate|payload-types|preselect|handover)\.test\.ts$/;

/** One failing test is enough to kill a mutant, so the slow files come last. */
class QuickFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => Number(SLOW.test(moduleId));
    return Promise.resolve([...files].sort((a, b) => rank(a) - rank(b)));
  }
}

/** The tests that `npm run test:mutation` runs for each mutant of operators/: virtual time only. */
export default defineConfig({
  ...base,
  test: {
    include: ['marble-tests/**/*.test.ts'],
    // These are about the testing kit.
    exclude: ['marble-tests/{marble-socket,testing-kit}.test.ts'],
    setupFiles: ['marble-tests/mutation-setup.ts'],
    sequence: { sequencer: QuickFirst },
    // The modules are loaded once for each mutant, and not once for each test file.
    isolate: false,
    testTimeout: 60_000,
  },
});
