import {
  LONGEST_DELAY,
  checkCloseCode,
  checkCloseReason,
  checkCount,
  checkMembers,
  checkPositive,
  checkWord,
} from './checks.ts';
import { FRAME_FAULTS, type FrameFault } from './simulated-frame.ts';

/** Where on a connection something happens. */
export interface ScriptPlace {
  /** The index of the frame, from 0: a frame fault takes its place, a connection fault comes just before it. */
  readonly at: number;
  /** The ordinal of the connection, from 0, counting those that opened. @defaultValue every connection */
  readonly connection?: number;
}

/** Sends a faulty frame in place of the one at `at`. */
export interface ScriptedFrameFault extends ScriptPlace {
  /** What is wrong with it. */
  readonly fault: FrameFault;
}

/** Closes the connection with a closing handshake, after `at` frames. */
export interface ScriptedClose extends ScriptPlace {
  /** The close code. */
  readonly close: number;
  /** The close reason, at most 123 bytes. @defaultValue none */
  readonly reason?: string;
}

/** Ends the TCP connection without a closing handshake, after `at` frames, which all get through before. */
export interface ScriptedDrop extends ScriptPlace {
  readonly drop: true;
}

/** Sends no frame for a time, after `at` frames, and keeps the connection; pings are answered. Then goes on at its rate. */
export interface ScriptedStall extends ScriptPlace {
  /** How long, in milliseconds; `Infinity` for good. */
  readonly stall: number;
}

/** Something that happens to a connection as a whole. */
export type ScriptedConnectionFault = ScriptedClose | ScriptedDrop | ScriptedStall;

/** One line of a script. */
export type ScriptEntry = ScriptedFrameFault | ScriptedConnectionFault;

/** Throws where an entry could not be carried out. */
export function checkScriptEntry(where: string, entry: ScriptEntry): void {
  checkMembers(where, entry, ['at', 'connection', 'fault', 'close', 'reason', 'drop', 'stall']);
  checkCount(`${where}.at`, entry.at);
  if (entry.connection !== undefined) checkCount(`${where}.connection`, entry.connection);
  if (['fault', 'close', 'drop', 'stall'].filter((name) => name in entry).length !== 1) {
    throw new TypeError(`${where} must have one of fault, close, drop and stall`);
  }
  if ('reason' in entry && !('close' in entry)) throw new TypeError(`${where}.reason must stand beside close`);
  if ('fault' in entry) checkWord(`${where}.fault`, entry.fault, FRAME_FAULTS);
  else if ('close' in entry) {
    checkCloseCode(`${where}.close`, entry.close);
    if (entry.reason !== undefined) checkCloseReason(`${where}.reason`, entry.reason);
  } else if ('stall' in entry) {
    if (entry.stall !== Infinity) {
      const allowed = `a number of milliseconds above 0 and at most ${LONGEST_DELAY}, or Infinity`;
      checkPositive(`${where}.stall`, allowed, entry.stall, LONGEST_DELAY);
    }
  } else if ((entry.drop as unknown) !== true) throw new TypeError(`${where}.drop must be true`);
}

/** What a script holds for one connection. */
export interface ConnectionScript {
  /** The fault of the frame at that index; the last one, where several are listed. */
  frameFault(index: number): FrameFault | undefined;
  /** What happens before the frame at that index, in the order listed. Each is given once. */
  takeConnectionFault(index: number): ScriptedConnectionFault | undefined;
}

/** The part of a script that concerns one connection. */
export function scriptFor(script: readonly ScriptEntry[], connection: number): ConnectionScript {
  const frameFaults = new Map<number, FrameFault>();
  const connectionFaults = new Map<number, ScriptedConnectionFault[]>();
  for (const entry of script) {
    if (entry.connection !== undefined && entry.connection !== connection) continue;
    if ('fault' in entry) frameFaults.set(entry.at, entry.fault);
    else connectionFaults.set(entry.at, [...(connectionFaults.get(entry.at) ?? []), entry]);
  }
  return {
    frameFault: (index) => frameFaults.get(index),
    takeConnectionFault: (index) => connectionFaults.get(index)?.shift(),
  };
}
