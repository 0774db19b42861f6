import { faultyFrames } from '../../../src/simulator/faulty-frames.ts';
import { frameSequence } from '../../../src/simulator/frame-sequence.ts';
import { MAX_BYTES } from './limits.ts';

/** What the simulator sends: no two good frames alike, faulty ones among them. */
export const TRAFFIC = { frames: 150, badRate: 0.15, poolSize: Infinity, oversizeBytes: MAX_BYTES + 4_096 };

/** The server's answer to the upgrade, in bytes: the place of the first frame. */
export const HEAD = 129;

/** A frame of a connection, and the bytes that it takes among all that the server sends there. */
export interface PlacedFrame {
  readonly start: number;
  /** How long its header is: RFC 6455 section 5.2, without a mask. */
  readonly header: 2 | 4 | 10;
  readonly end: number;
}

/** **The frames of a connection**, known before they are sent: by them a fault finds its byte. */
export function placedFrames(seed: number, connection: number): PlacedFrame[] {
  const faulty = faultyFrames(seed, TRAFFIC.oversizeBytes);
  const sequence = frameSequence({ ...TRAFFIC, seed, connection, payloadBytes: { min: 300, max: 4_096 }, faulty });
  let end = HEAD;
  return Array.from({ length: TRAFFIC.frames }, (_, index) => {
    const { length } = sequence(index).data;
    const start = end;
    const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    end += header + length;
    return { start, header, end };
  });
}
