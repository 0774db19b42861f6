import type { ConnectionState } from '../../../operators/connection-state.ts';
import { AuthError, ClosedError, ThrottledError, UpgradeError } from '../../../operators/errors.ts';
import type { MeterSnapshot } from '../../../operators/meter.ts';
import { messageOf } from '../terminal/message-of.ts';
import type { Status } from '../terminal/status-line.ts';

/** The state of a connection, and since when, in milliseconds on the monotonic clock. */
export interface TimedState {
  readonly state: ConnectionState;
  readonly since: number;
}

/**
 * What the live line shows at the time `now`.
 *
 * @param trend - frames in each of the last seconds
 */
export function statusOf(
  { state, since }: TimedState,
  meter: MeterSnapshot,
  trend: readonly number[],
  now: number,
): Status {
  return { state: stateNow(state, now - since), colour: colourOf(state), facts: facts(meter), trend };
}

/** What the live line shows of work that comes to an end by itself. */
export function progressStatus(howFar: string, meter: MeterSnapshot, trend: readonly number[]): Status {
  return { state: howFar, colour: 'green', facts: facts(meter), trend };
}

/** What is known in figures: frames a second and p99 over the meter's window, rejected frames, integrity of the payloads. */
function facts({ throughput, latency, integrityRate, rejected, frames }: MeterSnapshot): string[] {
  return [
    `${Math.round(throughput)} frames/s`,
    `p99 ${latency === undefined ? '-' : `${latency.p99.toFixed(2)} ms`}`,
    `rejected ${rejected} of ${frames}`,
    `integrity ${integrityRate === undefined ? '-' : `${(integrityRate * 100).toFixed(1)} %`}`,
  ];
}

/** A change of state in words; undefined where the next one, or the error message at the end, says more. */
export function stateChange(state: ConnectionState): string | undefined {
  switch (state.status) {
    case 'connecting':
      return 'connecting';
    case 'open':
      return `open, connection ${state.connectionId}`;
    case 'waiting':
      return `waiting ${seconds(state.delay)} after failure ${state.attempt} (${state.failure}): ${messageOf(state.cause)}`;
    case 'closed':
      return state.cause === undefined ? 'closed' : undefined;
    case 'closing':
    case 'failed':
      return undefined;
  }
}

function stateNow(state: ConnectionState, elapsed: number): string {
  if (state.status !== 'waiting') return state.status;
  return `waiting ${seconds(Math.max(0, state.delay - elapsed))} after ${shortCause(state.cause)}`;
}

function colourOf({ status }: ConnectionState): Status['colour'] {
  if (status === 'open') return 'green';
  return status === 'failed' ? 'red' : 'yellow';
}

/** A cause in a few characters; the log line has it in full. */
function shortCause(cause: unknown): string {
  if (cause instanceof ClosedError) return `close ${cause.closeCode}`;
  if (cause instanceof AuthError || cause instanceof ThrottledError || cause instanceof UpgradeError) {
    return `HTTP ${cause.status}`;
  }
  return cause instanceof Error ? cause.name : 'a failure';
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
