import type { AudioFrame } from './audio-frame.ts';
import { deriveAudio } from './derive-audio.ts';

/** A part of a frame that waits for the rest of its window. */
interface Piece {
  readonly frame: AudioFrame;
  readonly bytes: Uint8Array;
}

/** **The window that is being put together**, for one list of channels. What it holds are views: a byte is copied once at most. */
export class AudioWindow {
  /** How many samples of each channel make a window. */
  readonly #size: number;
  #pieces: Piece[] = [];
  /** Where the window begins, and how many samples it has so far. */
  #position = 0;
  #samples = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** The frames that leave for this one: what was held, where this one does not go on from it; then each window that is whole. */
  *take(frame: AudioFrame): Generator<AudioFrame, void> {
    if (!this.#goesOnWith(frame)) yield* this.rest();
    const { decodedData, samples } = frame;
    const blockBytes = decodedData.byteLength / samples;
    for (let at = 0; at < samples;) {
      const count = Math.min(this.#size - this.#samples, samples - at);
      const bytes = decodedData.subarray(at * blockBytes, (at + count) * blockBytes);
      if (this.#samples === 0) this.#position = frame.position + at;
      this.#pieces.push({ frame, bytes });
      this.#samples += count;
      at += count;
      if (this.#samples === this.#size) yield* this.rest();
    }
  }

  /** What is held, as a frame. Nothing is held then. */
  *rest(): Generator<AudioFrame, void> {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#samples = 0;
    const [first] = pieces;
    if (first === undefined) return;
    const { frame, bytes } = first;
    if (bytes.byteLength === frame.decodedData.byteLength && pieces.length === 1) yield frame;
    else {
      yield deriveAudio(frame, pieces.length === 1 ? bytes : joined(pieces), {
        position: this.#position,
        filled: pieces.every((piece) => piece.frame.filled),
      });
    }
  }

  #goesOnWith(frame: AudioFrame): boolean {
    return frame.position === this.#position + this.#samples && frame.format === this.#pieces[0]?.frame.format;
  }
}

function joined(pieces: readonly Piece[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  let at = 0;
  for (const { bytes } of pieces) {
    all.set(bytes, at);
    at += bytes.byteLength;
  }
  return all;
}
