import type { ConnectionState } from '../../operators/connection-state.ts';
import { printable } from '../../operators/printable.ts';
import type { StateCause, StateRecord } from './protocol.ts';

/** **A state of a connection as the page shows it**: of errors no more than what they say, and their codes. */
export function stateRecord(state: ConnectionState, time: number): StateRecord {
  switch (state.status) {
    case 'waiting': {
      const { status, delay, attempt, failure, cause } = state;
      return { time, status, delay, attempt, failure, cause: stateCause(cause) };
    }
    case 'failed':
      return { time, status: state.status, cause: stateCause(state.cause) };
    case 'closed': {
      const { status, connectionId, cause } = state;
      return { time, status, connectionId, ...(cause !== undefined && { cause: stateCause(cause) }) };
    }
    default:
      return { time, status: state.status, connectionId: state.connectionId };
  }
}

/** What an error says. */
export function stateCause(cause: unknown): StateCause {
  if (!(cause instanceof Error)) {
    // An object may have no text, and throw where it is asked for one.
    return { message: typeof cause === 'string' ? printable(cause) : `thrown was no Error, but: ${typeof cause}` };
  }
  const { code, closeCode, status } = cause as Partial<Record<'code' | 'closeCode' | 'status', unknown>>;
  return {
    message: printable(cause.message),
    ...(typeof code === 'string' && { code: printable(code) }),
    ...(typeof closeCode === 'number' && { closeCode }),
    ...(typeof status === 'number' && { status }),
  };
}
