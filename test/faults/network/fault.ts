/**
 * One thing that goes wrong on a connection, from byte `at` on: `at` counts what the server sends, its answer to the
 * upgrade included, so that the same fault hits the same byte in each run. Times are in milliseconds.
 */
export type Fault =
  /** The connection ends in order (FIN), with no close frame. */
  | { readonly at: number; readonly kind: 'fin' }
  /** The connection is reset (RST). */
  | { readonly at: number; readonly kind: 'rst' }
  /** Nothing is passed on any more that way, and all sockets stay open. */
  | { readonly at: number; readonly kind: 'dead'; readonly way: 'to-client' | 'to-server' | 'both' }
  /** Nothing is passed on to the client for a time. */
  | { readonly at: number; readonly kind: 'stall'; readonly ms: number }
  /** Of the next `bytes`, each piece that comes waits. */
  | { readonly at: number; readonly kind: 'delay'; readonly bytes: number; readonly ms: number }
  /** The next `bytes` come at that rate. */
  | { readonly at: number; readonly kind: 'throttle'; readonly bytes: number; readonly bytesPerSecond: number }
  /** The next `bytes` come one by one, each to be read by itself. */
  | { readonly at: number; readonly kind: 'fragment'; readonly bytes: number }
  /** The bits of the byte that are set in `flip` are turned. */
  | { readonly at: number; readonly kind: 'corrupt'; readonly flip: number };

/** What one attempt to connect meets: no listener, a reset in place of a connection, or a connection with these faults. */
export type Plan = 'refused' | 'reset' | readonly Fault[];

/** A whole course of faults. Plain data: what is printed of it is all there is to know. */
export interface Schedule {
  /** Of the simulator's frames, and of the jitter of the waits. */
  readonly seed: number;
  /** Frames a second that the simulator sends; `null` for as fast as they are taken. */
  readonly rate: number | null;
  /** The attempts in order. Those that come after meet no fault. */
  readonly plans: readonly Plan[];
  /** A handover starts as soon as so many outcomes have come. */
  readonly handoversAfter: readonly number[];
  /** The stream is left as soon as so many outcomes have come; `null`: it runs to its end. */
  readonly leaveAfter: number | null;
}
