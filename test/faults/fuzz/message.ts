import fc from 'fast-check';
import { RawFrame } from '../../../operators/frame.ts';

/** How much of a message a failure shows, in bytes. */
const SHOWN = 2_000;

/** **A WebSocket message**, which a failing property shows as text. */
export class Message {
  readonly bytes: Uint8Array;
  readonly isBinary: boolean;

  constructor(bytes: Uint8Array, isBinary: boolean) {
    this.bytes = bytes;
    this.isBinary = isBinary;
  }

  /** The frame that a socket would make of it. */
  frame(sequence = 0): RawFrame {
    return new RawFrame({
      rawData: this.bytes,
      isBinary: this.isBinary,
      connectionId: 'fuzz',
      sequence,
      timestamp: 1_700_000_000_000,
      receivedAt: 0,
    });
  }

  [fc.toStringMethod](): string {
    const shown = JSON.stringify(Buffer.from(this.bytes.subarray(0, SHOWN)).toString('latin1'));
    return `${this.isBinary ? 'binary' : 'text'} message of ${this.bytes.length} bytes, in Latin-1 ${shown}`;
  }
}
