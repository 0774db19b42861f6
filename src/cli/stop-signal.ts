import { constants } from 'node:os';

/**
 * For so long after the first signal, in milliseconds, another one counts as the same: npm passes on to its child what the
 * terminal has sent to both. Nobody presses Ctrl-C twice so fast.
 */
const ECHO = 100;
/**
 * How long stopping in order may take, in milliseconds: longer than each of its parts, and shorter than the 10 s that Docker
 * waits before it kills.
 */
const STOP_TIMEOUT = 8_000;

/**
 * Calls `stop` at the first SIGINT or SIGTERM, or SIGHUP: the terminal is closed. A second one ends the process at once, with
 * 128 and the signal's number on top as its exit code: 130, 143 or 129. So does the time, where something keeps the process
 * from ending, such as a stderr that nobody reads; with the exit code that it has come to, if it has.
 */
export function onStopSignal(stop: () => void): void {
  let stoppedAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const code = 128 + constants.signals[signal];
    process.on(signal, () => {
      if (stoppedAt === undefined) {
        stoppedAt = performance.now();
        setTimeout(() => process.exit(process.exitCode ?? code), STOP_TIMEOUT).unref();
        if (signal === 'SIGHUP') process.once('exit', endByHangUp);
        stop();
      } else if (performance.now() - stoppedAt > ECHO) {
        process.exit(code);
      }
    });
  }
}

/** In the end the signal takes its course: Node aborts where it can't set back the terminal, because that is gone (Node 20). */
function endByHangUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
