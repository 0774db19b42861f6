import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { FrameSequence } from './frame-sequence.ts';
import { pace } from './pace.ts';
import type { ConnectionScript, ScriptedConnectionFault } from './script.ts';
import type { SimulatedFrame } from './simulated-frame.ts';

/** Options of {@link sendFrames}. */
export interface SendFramesOptions {
  readonly webSocket: WebSocket;
  /** The socket below `webSocket`. */
  readonly socket: Duplex;
  readonly sequence: FrameSequence;
  readonly script: ConnectionScript;
  readonly rate: number;
  readonly frames: number;
  /** Called once a frame is handed to the socket. */
  readonly sent: (frame: SimulatedFrame, index: number) => void;
}

/** Nothing more is handed to a socket that has this much to write, in bytes. */
const HIGH_WATER_MARK = 1024 * 1024;

/** After so many frames the rest of the process gets its turn. */
const FRAMES_A_TURN = 256;

/** How long a scripted drop waits for a slow client to take the frames before it, in milliseconds. */
const DROP_WAIT = 1000;

/**
 * **Sends a connection's frames at its rate, carries out its script, and waits for a slow client.**
 *
 * Frames are handed over in turns. Within one the socket is corked, so that many frames go out with one system call.
 * One timer at most is pending at any time.
 *
 * @returns a function that ends it and frees its timer
 */
export function sendFrames(options: SendFramesOptions): () => void {
  const { webSocket, socket, sequence, script, rate, frames, sent } = options;
  const pacing = pace(rate, performance.now());
  let index = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  const isOpen = (): boolean => webSocket.readyState === WebSocket.OPEN;

  const resumeIn = (milliseconds: number, action: () => void = turn): void => {
    timer = setTimeout(action, milliseconds);
  };

  /** Hands over what is due and fits; gives the fault that comes next, or whether the last frame was sent. */
  function handOver(): ScriptedConnectionFault | 'last' | undefined {
    const due = Math.min(FRAMES_A_TURN, pacing.due(performance.now()));
    let count = 0;
    socket.cork();
    try {
      for (;;) {
        const fault = script.takeConnectionFault(index);
        if (fault) return fault;
        if (index >= frames) return 'last';
        if (!isOpen() || count >= due || webSocket.bufferedAmount > HIGH_WATER_MARK) return undefined;
        const frame = sequence(index, script.frameFault(index));
        webSocket.send(frame.data, { binary: frame.isBinary });
        const place = index;
        index += 1;
        count += 1;
        sent(frame, place);
      }
    } finally {
      pacing.sent(count);
      socket.uncork();
    }
  }

  function turn(): void {
    if (stopped || !isOpen()) return;
    const next = handOver();
    // `sent` may have closed the connection meanwhile.
    if (!isOpen()) return;
    if (next !== undefined) {
      interrupt(next);
    } else if (webSocket.bufferedAmount > HIGH_WATER_MARK) {
      socket.once('drain', turn);
    } else if (pacing.due(performance.now()) > 0) {
      immediate = setImmediate(turn);
    } else {
      resumeIn(pacing.wait(performance.now()));
    }
  }

  function interrupt(by: ScriptedConnectionFault | 'last'): void {
    if (by === 'last') {
      webSocket.close(1000);
    } else if ('close' in by) {
      webSocket.close(by.close, by.reason);
    } else if ('drop' in by) {
      resumeIn(DROP_WAIT, () => socket.destroy());
      socket.end(() => socket.destroy());
    } else if (by.stall !== Infinity) {
      resumeIn(by.stall, () => {
        pacing.restart(performance.now());
        turn();
      });
    }
  }

  turn();

  return () => {
    stopped = true;
    clearTimeout(timer);
    clearImmediate(immediate);
    socket.off('drain', turn);
  };
}
