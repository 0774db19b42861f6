import fc, { type Arbitrary } from 'fast-check';
import { expect, vi } from 'vitest';
import { FAULT_SEED } from '../seed.ts';

/** How long each property is tried, in seconds: `FUZZ_SECONDS=600` for a long run by hand. */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 3);

/** How many values have to be tried, a second. Most properties try hundreds on a machine that has nothing else to do. */
const LEAST_RATE = 2;

/** No single value may take longer, in milliseconds: what takes so long hangs. */
const HANGS = 10_000;

vi.setConfig({ testTimeout: SECONDS * 1_000 + 60_000 });

/**
 * **Tries a property with values until the time is over**, the same values in the same order for the same seed. Fails with the
 * smallest value that it found, and where too few values were tried: a run that did nothing proves nothing.
 */
export async function fuzz<T>(values: Arbitrary<T>, holds: (value: T) => void | Promise<void>): Promise<void> {
  let last = Promise.resolve();
  const property = fc.asyncProperty(values, (value) => (last = (async () => holds(value))()));
  const details = await fc.check(property, {
    seed: FAULT_SEED,
    numRuns: 100_000_000,
    interruptAfterTimeLimit: SECONDS * 1_000,
    markInterruptAsFailure: false,
    timeout: HANGS,
  });
  if (details.failed) {
    const replay = `replay with FAULT_SEED=${FAULT_SEED}; FUZZ_SECONDS=60 gives time to find a smaller value`;
    throw new Error(`${fc.defaultReportMessage(details)}\n${replay}`, { cause: details.errorInstance });
  }
  // The end of the time does not stop the value that is being tried: what it started has to end before the test does.
  await last;
  console.log(`${details.numRuns} values, seed ${FAULT_SEED}: ${expect.getState().currentTestName ?? ''}`);
  expect(details.numRuns, `values tried in ${SECONDS} s`).toBeGreaterThanOrEqual(LEAST_RATE * SECONDS);
}
