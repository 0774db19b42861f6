import { open, type FileHandle } from 'node:fs/promises';
import { SAMPLE_BYTES } from './media.ts';
import { padded, wavHeader, type WavMedia } from './wav-header.ts';

/** The most that goes out in one write, in bytes, unless one piece has more. Past 2 GiB Node tells a wrong number of written bytes. */
const MOST_AT_ONCE = 16 * 1024 * 1024;

/** What {@link WavRecording} needs. */
interface WavRecordingOptions {
  readonly path: string;
  readonly media: WavMedia;
  /** Told how many bytes wait, whenever it has changed. */
  readonly onWaiting: (bytes: number) => void;
}

/** **A WAV file that is being written**, one write at a time; what comes during a write goes together in the next, up to 16 MiB. */
export class WavRecording {
  /** Resolves to the number of samples of each channel when the file is closed; rejects with what failed, the file closed too. */
  readonly samples: Promise<number>;
  readonly #options: WavRecordingOptions;
  readonly #header: Buffer;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  /** Lets the writer look again whether there is something to do. */
  #wake = () => {};

  constructor(options: WavRecordingOptions) {
    this.#options = options;
    this.#header = wavHeader(options.media, Infinity);
    this.samples = this.#record();
  }

  /** Takes audio. Never waits. */
  write(audio: Uint8Array): void {
    this.#waiting.push(audio);
    this.#setWaitingBytes(this.#waitingBytes + audio.byteLength);
    this.#wake();
  }

  /** Writes what waits, puts the sizes in the header, and closes. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async #record(): Promise<number> {
    // An existing file may be somebody's evidence: never opened. A new one is for its owner only.
    const file = await open(this.#options.path, 'wx', 0o600);
    try {
      let samples = 0;
      try {
        await writeWhole(file, [this.#header]);
        await this.#writeAll(file);
      } finally {
        samples = await this.#finalise(file);
      }
      return samples;
    } finally {
      await file.close();
    }
  }

  async #writeAll(file: FileHandle): Promise<void> {
    while (!this.#ended || this.#waiting.length > 0) {
      if (this.#waiting.length > 0) await this.#writeWaiting(file);
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async #writeWaiting(file: FileHandle): Promise<void> {
    let bytes = 0;
    const past = this.#waiting.findIndex(({ byteLength }, index) => {
      bytes += byteLength;
      return index > 0 && bytes > MOST_AT_ONCE;
    });
    const batch = this.#waiting.splice(0, past === -1 ? Infinity : past);
    await writeWhole(file, batch);
    this.#setWaitingBytes(this.#waitingBytes - batch.reduce((sum, { byteLength }) => sum + byteLength, 0));
  }

  /** By what is in the file, which is less than was taken where a write has failed. */
  async #finalise(file: FileHandle): Promise<number> {
    const { media } = this.#options;
    const blockBytes = SAMPLE_BYTES[media.format] * media.channels.length;
    const { size } = await file.stat();
    const samples = Math.max(0, Math.floor((size - this.#header.length) / blockBytes));
    await file.write(wavHeader(media, samples), 0, this.#header.length, 0);
    // Cuts off a part of a sample, or adds the byte that pads.
    await file.truncate(this.#header.length + padded(samples * blockBytes));
    return samples;
  }

  #setWaitingBytes(bytes: number): void {
    this.#waitingBytes = bytes;
    this.#options.onWaiting(bytes);
  }
}

/** Where the disk is full a write is cut short, and only the next one fails. */
async function writeWhole(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let rest = pieces;
  while (rest.length > 0) rest = without(rest, (await file.writev(rest)).bytesWritten);
}

/** What is left of the pieces behind so many bytes. */
function without(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  const first = pieces.findIndex(({ byteLength }) => {
    if (byteLength > left) return true;
    left -= byteLength;
    return false;
  });
  const [piece, ...others] = first === -1 ? [] : pieces.slice(first);
  return piece === undefined ? [] : [piece.subarray(left), ...others];
}
