import { durationOf } from './stream-duration.ts';

/** Where a {@link MediaStream} goes. */
export interface MediaStreamSink {
  /** Audio of so many samples is due, from a position on. */
  audio(position: number, samples: number): void;
  /** A message that says what became of the audio. */
  say(type: 'paused' | 'resumed' | 'discarded', parameters: object): unknown;
}

/** The audio of one session as it passes. All places and lengths in samples of one channel. */
export interface MediaStream {
  /** How much has passed, sent or not. */
  readonly position: number;
  /** How much of it was discarded. */
  readonly discarded: number;
  /** Whether nothing is sent, whoever has paused it. */
  readonly isPaused: boolean;
  /** Whether the server has paused it. */
  readonly isPausedByServer: boolean;
  /** Begins as `opened` asks: discards up to a position, paused or not. */
  start(discardTo: number, isPaused: boolean): void;
  /** The server's `pause`. */
  pauseByServer(): void;
  /** The server's `resume`. While the client's own pause goes on, the answer is that it is paused. */
  resumeByServer(): void;
  /** The client's own pause. */
  pause(samples: number): void;
  /** Sends nothing for so long, then says that it was discarded. Nothing, while it is paused. */
  discard(samples: number): void;
  /** Lets at most one frame pass. */
  advance(samples: number): void;
}

/**
 * **What a session sends of its audio, and what it says about the rest.** Time passes by `advance` only, frame by
 * frame: a pause or a discarded span ends with the frame in which it is over.
 *
 * @param end - where the audio ends
 */
export function mediaStream(end: number, sink: MediaStreamSink): MediaStream {
  let position = 0;
  let discarded = 0;
  let pausedByServer = false;
  /** Where the client's own pause ends. */
  let pauseEnd: number | undefined;
  let pausedAt = 0;
  let discardEnd: number | undefined;
  let discardedFrom = 0;

  const isPaused = (): boolean => pausedByServer || pauseEnd !== undefined;

  function endDiscarding(): void {
    discardEnd = undefined;
    sink.say('discarded', { start: durationOf(discardedFrom), discarded: durationOf(position - discardedFrom) });
  }

  function beginPause(begin: () => void): void {
    if (discardEnd !== undefined) endDiscarding();
    if (!isPaused()) pausedAt = position;
    begin();
    sink.say('paused', {});
  }

  function resume(): void {
    const start = isPaused() ? pausedAt : position;
    pausedByServer = false;
    pauseEnd = undefined;
    sink.say('resumed', { start: durationOf(start), discarded: durationOf(position - start) });
  }

  /** Ends what is over at the position. */
  function settle(): void {
    if (discardEnd !== undefined && position >= discardEnd) endDiscarding();
    if (pauseEnd !== undefined && position >= pauseEnd) {
      if (pausedByServer) pauseEnd = undefined;
      else resume();
    }
  }

  return {
    get position() {
      return position;
    },
    get discarded() {
      return discarded;
    },
    get isPaused() {
      return isPaused();
    },
    get isPausedByServer() {
      return pausedByServer;
    },
    start: (discardTo, startsPaused) => {
      const length = Math.min(discardTo, end) - position;
      if (length > 0) {
        const start = durationOf(position);
        position += length;
        discarded += length;
        sink.say('discarded', { start, discarded: durationOf(length) });
      }
      if (startsPaused) beginPause(() => (pausedByServer = true));
    },
    pauseByServer: () => beginPause(() => (pausedByServer = true)),
    resumeByServer: () => {
      if (pauseEnd === undefined) {
        resume();
        return;
      }
      pausedByServer = false;
      sink.say('paused', {});
    },
    pause: (samples) => beginPause(() => (pauseEnd = Math.min(end, position + samples))),
    discard: (samples) => {
      if (isPaused() || discardEnd !== undefined) return;
      discardedFrom = position;
      discardEnd = Math.min(end, position + samples);
    },
    advance: (samples) => {
      const start = position;
      const length = Math.min(samples, end - start);
      position += length;
      if (isPaused() || discardEnd !== undefined) discarded += length;
      else sink.audio(start, length);
      settle();
    },
  };
}
