import type { Receipt } from '../../operators/frame.ts';

/** A frame as it is in a file. */
export type RecordedFrame = Omit<Receipt, 'receivedAt'>;

/** **Frames that were read together**, in the order in which they came. */
export interface RecordedFrames {
  readonly frames: readonly RecordedFrame[];
  /** How many bytes of the file were read so far. */
  readonly position: number;
  /** Where the file ends without having been ended, as a killed process leaves it: how many bytes at its end are of no use. */
  readonly cutOff?: number;
}

/** Which frames are wanted, by their time in milliseconds since the epoch: both ends included. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Whether it came in that time. */
export function isWithin({ from, to }: TimeRange, timestamp: number): boolean {
  return timestamp >= from && timestamp <= to;
}
