import { openSync } from 'node:fs';
import { auditRecord } from '../../operators/audit-record.ts';
import type { AnyFrame } from '../../operators/frame.ts';
import { version } from '../version.ts';
import { epochNanoseconds } from './epoch-nanoseconds.ts';
import { FileAppender } from './file-appender.ts';
import { frameChannel, sequenceBaseOf } from './frame-channel.ts';
import { McapContainer } from './mcap-container.ts';
import { OUTCOME_SCHEMA } from './outcome-schema.ts';

/** What a chunk has at least when it is written. A frame is never divided. */
const CHUNK_BYTES = 512 * 1024;

/** What a {@link CapturePart} needs. */
interface CapturePartOptions {
  readonly path: string;
  /** Told of the first failure of a write after a success. */
  readonly onError: (error: Error) => void;
  /** Told that fewer bytes wait. */
  readonly onWritten: () => void;
}

/** **One file of a capture, open for writing.** */
export class CapturePart {
  readonly path: string;
  readonly #container = new McapContainer(`rxframe ${version}`);
  readonly #appender: FileAppender;
  /** The ids of channels of frames, by what their frames share. */
  readonly #channels = new Map<string, number>();
  readonly #outcomes: number;
  /** How many outcomes have come, and how many of them are in the open chunk. */
  #frames = 0;
  #gathered = 0;

  /**
   * Makes the file, for its owner only.
   *
   * @throws the system's error, where it can't be made, or is there already
   */
  constructor({ path, onError, onWritten }: CapturePartOptions) {
    this.path = path;
    // An existing file may be somebody's evidence: never opened.
    this.#appender = new FileAppender({ fd: openSync(path, 'wx', 0o600), onError, onWritten });
    this.#outcomes = this.#container.addChannel({
      schemaId: this.#container.addSchema(OUTCOME_SCHEMA),
      topic: '/outcomes',
      messageEncoding: 'json',
      metadata: new Map(),
    });
    this.writeChunk();
  }

  /** How long it will be at least. */
  get byteLength(): number {
    return this.#container.byteLength;
  }

  /** How many bytes are in the file. */
  get written(): number {
    return this.#appender.written;
  }

  /** How many bytes wait in memory: in the open chunk, and for the disk. */
  get buffered(): number {
    return this.#container.chunkBytes + this.#appender.waiting;
  }

  /** How many bytes wait for the disk. */
  get waiting(): number {
    return this.#appender.waiting;
  }

  /** Whether there are frames that are in no chunk yet. */
  get hasOpenChunk(): boolean {
    return this.#gathered > 0;
  }

  /** Whether the frames of one more connection have room: MCAP counts channels in 16 bits. */
  get hasChannelsLeft(): boolean {
    return this.#container.hasChannelsLeft;
  }

  /** @throws RangeError or TypeError where a time of the frame is none that MCAP can have */
  write(outcome: AnyFrame): void {
    const { rawData, timestamp, sequence } = outcome;
    const logTime = epochNanoseconds(timestamp);
    const decidedAt = epochNanoseconds(timestamp + Math.max(0, performance.now() - outcome.receivedAt));
    const record = Buffer.from(JSON.stringify(auditRecord(outcome)));
    const container = this.#container;
    container.addMessage({
      channelId: this.#channelOf(outcome),
      sequence: sequence >>> 0,
      logTime,
      publishTime: logTime,
      data: rawData,
    });
    container.addMessage({
      channelId: this.#outcomes,
      sequence: this.#frames >>> 0,
      logTime: decidedAt,
      publishTime: logTime,
      data: record,
    });
    this.#frames += 1;
    this.#gathered += 1;
    if (container.chunkBytes >= CHUNK_BYTES) this.writeChunk();
  }

  /** Ends the open chunk, and writes it. */
  writeChunk(): void {
    this.#appender.append({ bytes: this.#container.takeChunk(), frames: this.#gathered });
    this.#gathered = 0;
  }

  /** Resolves when all that came so far is with the operating system; rejects when a write fails. */
  flush(): Promise<void> {
    if (this.hasOpenChunk) this.writeChunk();
    return this.#appender.flush();
  }

  /** From now on a write that fails is the last one. */
  giveUp(): void {
    this.#appender.giveUp();
  }

  /** Writes what is left, and closes the file. @returns how many frames are not in it, after {@link giveUp} */
  close(): Promise<number> {
    if (this.hasOpenChunk) this.writeChunk();
    this.#appender.append({ bytes: this.#container.end(), frames: 0 });
    return this.#appender.close();
  }

  #channelOf({ connectionId, isBinary, sequence }: AnyFrame): number {
    const sequenceBase = sequenceBaseOf(sequence);
    const key = `${connectionId} ${isBinary ? 2 : 1} ${sequenceBase}`;
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const id = this.#container.addChannel(frameChannel({ connectionId, isBinary, sequenceBase }));
    this.#channels.set(key, id);
    return id;
  }
}
