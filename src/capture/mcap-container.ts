import { crc32 } from 'node:zlib';
import { McapChunkBuilder, McapConstants, McapRecordBuilder, type McapTypes } from '@mcap/core';

const { Opcode } = McapConstants;
type Opcode = McapConstants.Opcode;

/** What a channel's id can count to: 16 bits. */
const MOST_CHANNELS = 2 ** 16;
/** Opcode, length and the two offsets of a footer: what its checksum covers of it. */
const FOOTER_CHECKED = 1 + 8 + 8 + 8;

/**
 * **The bytes of an MCAP file, in the order in which they go into it.** Messages gather in a chunk, which {@link takeChunk} gives out
 * with its index; {@link end} gives the summary. Channels stand before the chunk that needs them first, so that a reader may skip
 * chunks. What is kept in memory is the open chunk, and the index entry of each chunk there was.
 *
 * Compared with the library's `McapWriter`, it never waits, and a chunk can be ended at any moment.
 */
export class McapContainer {
  readonly #records = new McapRecordBuilder();
  readonly #chunk = new McapChunkBuilder({});
  readonly #schemas = new McapRecordBuilder();
  readonly #channels = new McapRecordBuilder();
  readonly #chunkIndexes = new McapRecordBuilder();
  /** How many messages each channel has, by its id. */
  readonly #counts: number[] = [];
  #schemaCount = 0;
  #chunkCount = 0;
  #startTime: bigint | undefined;
  #endTime = 0n;
  /** How many bytes were given out. */
  #taken = 0;

  constructor(library: string) {
    this.#records.writeMagic();
    this.#records.writeHeader({ profile: '', library });
  }

  /** How long the file would be without a summary. */
  get byteLength(): number {
    return this.#taken + this.#records.length + this.#chunk.byteLength;
  }

  /** How many bytes of messages wait in the open chunk. */
  get chunkBytes(): number {
    return this.#chunk.byteLength;
  }

  get hasChannelsLeft(): boolean {
    return this.#counts.length < MOST_CHANNELS;
  }

  /** @returns its id */
  addSchema(schema: Omit<McapTypes.Schema, 'id'>): number {
    const id = (this.#schemaCount += 1);
    for (const records of [this.#records, this.#schemas]) records.writeSchema({ ...schema, id });
    return id;
  }

  /** @returns its id */
  addChannel(channel: Omit<McapTypes.Channel, 'id'>): number {
    const id = this.#counts.push(0) - 1;
    for (const records of [this.#records, this.#channels]) records.writeChannel({ ...channel, id });
    return id;
  }

  addMessage(message: McapTypes.Message): void {
    this.#chunk.addMessage(message);
    this.#counts[message.channelId] = (this.#counts[message.channelId] as number) + 1;
  }

  /** All that was not given out yet. */
  takeChunk(): Uint8Array {
    if (this.#chunk.numMessages > 0) this.#closeChunk();
    return this.#take();
  }

  /** What ends the file, after the last chunk. */
  end(): Uint8Array {
    this.#records.writeDataEnd({ dataSectionCrc: 0 });
    const summaryStart = this.#taken + this.#records.length;
    const statistics = new McapRecordBuilder();
    statistics.writeStatistics(this.#statistics());
    const groups: readonly (readonly [Opcode, McapRecordBuilder])[] = [
      [Opcode.SCHEMA, this.#schemas],
      [Opcode.CHANNEL, this.#channels],
      [Opcode.STATISTICS, statistics],
      [Opcode.CHUNK_INDEX, this.#chunkIndexes],
    ];
    const present = groups.filter(([, { length }]) => length > 0);
    const summaryOffsetStart = present.reduce((offset, [, { length }]) => offset + length, summaryStart);

    const summary = new McapRecordBuilder();
    let groupStart = summaryStart;
    for (const [groupOpcode, { length }] of present) {
      summary.writeSummaryOffset({ groupOpcode, groupStart: BigInt(groupStart), groupLength: BigInt(length) });
      groupStart += length;
    }
    const footer = {
      summaryStart: BigInt(summaryStart),
      summaryOffsetStart: BigInt(summaryOffsetStart),
      summaryCrc: 0,
    };
    const draft = new McapRecordBuilder();
    draft.writeFooter(footer);
    const body = Buffer.concat([...present.map(([, { buffer }]) => buffer), summary.buffer]);
    const summaryCrc = crc32(draft.buffer.subarray(0, FOOTER_CHECKED), crc32(body));

    const last = new McapRecordBuilder();
    last.writeFooter({ ...footer, summaryCrc });
    last.writeMagic();
    return Buffer.concat([this.#take(), body, last.buffer]);
  }

  #closeChunk(): void {
    const chunk = this.#chunk;
    const { messageStartTime, messageEndTime } = chunk;
    const records = chunk.buffer;
    const size = BigInt(records.length);
    const chunkStartOffset = BigInt(this.#taken + this.#records.length);
    const chunkLength = this.#records.writeChunk({
      messageStartTime,
      messageEndTime,
      uncompressedSize: size,
      uncompressedCrc: crc32(records),
      compression: '',
      records,
    });
    const messageIndexOffsets = new Map<number, bigint>();
    let messageIndexLength = 0n;
    for (const index of chunk.indices) {
      messageIndexOffsets.set(index.channelId, BigInt(this.#taken + this.#records.length));
      messageIndexLength += this.#records.writeMessageIndex(index);
    }
    this.#chunkIndexes.writeChunkIndex({
      messageStartTime,
      messageEndTime,
      chunkStartOffset,
      chunkLength,
      messageIndexOffsets,
      messageIndexLength,
      compression: '',
      compressedSize: size,
      uncompressedSize: size,
    });
    this.#chunkCount += 1;
    if (this.#startTime === undefined || messageStartTime < this.#startTime) this.#startTime = messageStartTime;
    if (messageEndTime > this.#endTime) this.#endTime = messageEndTime;
    chunk.reset();
  }

  #take(): Uint8Array {
    const bytes = this.#records.buffer;
    this.#records.reset();
    this.#taken += bytes.length;
    return bytes;
  }

  #statistics(): McapTypes.Statistics {
    const counts = this.#counts.map((count, id) => [id, BigInt(count)] as const);
    return {
      messageCount: counts.reduce((sum, [, count]) => sum + count, 0n),
      schemaCount: this.#schemaCount,
      channelCount: counts.length,
      attachmentCount: 0,
      metadataCount: 0,
      chunkCount: this.#chunkCount,
      messageStartTime: this.#startTime ?? 0n,
      messageEndTime: this.#endTime,
      channelMessageCounts: new Map(counts),
    };
  }
}
