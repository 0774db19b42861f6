import { constants } from 'node:os';

/**
 * For so long after the first signal, in milliseconds, another one counts as the same: npm passes on to its child what the
 * terminal has sent to both. Nobody presses Ctrl-C twice so fast.
 */
const ECHO = 100;

/**
 * Calls `stop` at the first SIGINT or SIGTERM. A second one ends the process at once, with 128 and the signal's number on
 * top as its exit code: 130 or 143.
 */
export function onStopSignal(stop: () => void): void {
  let stoppedAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stoppedAt === undefined) {
        stoppedAt = performance.now();
        stop();
      } else if (performance.now() - stoppedAt > ECHO) {
        process.exit(128 + constants.signals[signal]);
      }
    });
  }
}
