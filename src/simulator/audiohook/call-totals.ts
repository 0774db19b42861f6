import { percentileMeter, type PercentileMeter, type Percentiles } from './percentiles.ts';

/** What all sessions have done so far. A snapshot: it does not change. */
export interface AudioHookCallTotals {
  readonly sessions: {
    /** Those that were begun, reconnections included. */
    readonly started: number;
    /** Those whose WebSocket is open. */
    readonly open: number;
    readonly ended: number;
  };
  /** What was handed to sockets; `samples` are of one channel. */
  readonly audio: { readonly messages: number; readonly bytes: number; readonly samples: number };
  /** JSON messages. */
  readonly messages: { readonly sent: number; readonly received: number };
  readonly pongs: number;
  /** From `ping` to `pong`, in milliseconds; `undefined` before the first. */
  readonly rtt: Percentiles | undefined;
  /** How many messages of servers came faster than the platform allows. */
  readonly rateLimited: number;
  /** How late frames left against their schedule, in milliseconds; `undefined` before the first and at an infinite pace. */
  readonly pacingError: Percentiles | undefined;
}

/** Counts what sessions do. */
export interface CallMeter {
  started: number;
  open: number;
  ended: number;
  audioMessages: number;
  audioBytes: number;
  audioSamples: number;
  messagesSent: number;
  messagesReceived: number;
  pongs: number;
  rateLimited: number;
  readonly rtt: PercentileMeter;
  readonly pacingError: PercentileMeter;
}

/** A meter that has counted nothing. */
export const callMeter = (): CallMeter => ({
  started: 0,
  open: 0,
  ended: 0,
  audioMessages: 0,
  audioBytes: 0,
  audioSamples: 0,
  messagesSent: 0,
  messagesReceived: 0,
  pongs: 0,
  rateLimited: 0,
  rtt: percentileMeter(),
  pacingError: percentileMeter(),
});

/** What a meter has counted. */
export const totalsOf = (meter: CallMeter): AudioHookCallTotals => ({
  sessions: { started: meter.started, open: meter.open, ended: meter.ended },
  audio: { messages: meter.audioMessages, bytes: meter.audioBytes, samples: meter.audioSamples },
  messages: { sent: meter.messagesSent, received: meter.messagesReceived },
  pongs: meter.pongs,
  rtt: meter.rtt.read(),
  rateLimited: meter.rateLimited,
  pacingError: meter.pacingError.read(),
});
