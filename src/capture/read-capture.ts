import { McapConstants, McapStreamReader, type McapTypes } from '@mcap/core';
import { CaptureError } from '../../operators/errors.ts';
import { epochMilliseconds } from './epoch-nanoseconds.ts';
import type { FileWindow } from './file-window.ts';
import { readFrameChannel, type FrameChannel } from './frame-channel.ts';
import { isWithin, type RecordedFrame, type RecordedFrames, type TimeRange } from './recorded-frames.ts';

const { Opcode } = McapConstants;

/** What an MCAP file begins and ends with. */
export const MAGIC = Buffer.from(McapConstants.MCAP_MAGIC);
/** Opcode and length. */
const HEAD_BYTES = 1 + 8;
/** The times of a chunk, which follow. */
const TIMES_BYTES = 8 + 8;
/** A record that says it is longer is none. */
const MOST_BYTES = 512 * 1024 * 1024;
/** What the library puts at the end of its messages: who wrote the file. */
const LIBRARY = / \[(?:library=[^]*|no header\])$/;
/** What tells nothing of frames. */
const SKIPPED: ReadonlySet<number> = new Set([Opcode.MESSAGE_INDEX, Opcode.ATTACHMENT, Opcode.METADATA]);

/**
 * **Reads the frames of a capture**, chunk by chunk; chunks without a frame that is wanted are passed over. A file that its
 * writer has not ended is read as far as it goes.
 *
 * @throws CaptureError where the file is damaged
 */
export async function* readCapture(file: FileWindow, range: TimeRange): AsyncGenerator<RecordedFrames> {
  const records = new McapStreamReader({ noMagicPrefix: true });
  const channels = new Map<number, FrameChannel | undefined>();
  let position = MAGIC.length;

  for (;;) {
    const head = await file.read(position, HEAD_BYTES + TIMES_BYTES);
    const opcode = head[0];
    if (opcode === Opcode.DATA_END) return;
    const length = head.length < HEAD_BYTES ? Infinity : Number(head.readBigUInt64LE(1));
    const end = position + HEAD_BYTES + length;
    if (end > file.size && !(await endsInMagic(file))) {
      yield { frames: [], position: file.size, cutOff: Math.max(0, file.size - position) };
      return;
    }
    if (end > file.size || length > MOST_BYTES) throw damaged(file, position, `a record of ${length} bytes`);

    const isSkipped = SKIPPED.has(opcode as number) || (opcode === Opcode.CHUNK && isOutside(head, range));
    if (!isSkipped) {
      const bytes = await file.read(position, HEAD_BYTES + length);
      let frames: readonly RecordedFrame[];
      try {
        frames = framesOf(records, bytes, channels, range);
      } catch (error) {
        throw damaged(file, position, (error as Error).message.replace(LIBRARY, ''), error);
      }
      if (frames.length > 0) yield { frames, position: end };
    }
    position = end;
  }
}

function framesOf(
  records: McapStreamReader,
  bytes: Uint8Array,
  channels: Map<number, FrameChannel | undefined>,
  range: TimeRange,
): readonly RecordedFrame[] {
  const frames: RecordedFrame[] = [];
  records.append(bytes);
  for (let record = records.nextRecord(); record !== undefined; record = records.nextRecord()) {
    if (record.type === 'Channel') channels.set(record.id, readFrameChannel(record));
    if (record.type !== 'Message') continue;
    const channel = channels.get(record.channelId);
    const timestamp = epochMilliseconds(record.logTime);
    if (channel !== undefined && isWithin(range, timestamp)) frames.push(frameOf(record, channel, timestamp));
  }
  if (records.bytesRemaining() > 0) throw new Error('a record that is not whole');
  return frames;
}

function frameOf({ data, sequence }: McapTypes.Message, channel: FrameChannel, timestamp: number): RecordedFrame {
  const { connectionId, isBinary, sequenceBase } = channel;
  return { rawData: data, isBinary, connectionId, sequence: sequenceBase + sequence, timestamp };
}

/** Whether all of a chunk is before or after what is wanted. */
function isOutside(head: Buffer, { from, to }: TimeRange): boolean {
  if (head.length < HEAD_BYTES + TIMES_BYTES) return false;
  const first = epochMilliseconds(head.readBigUInt64LE(HEAD_BYTES));
  const last = epochMilliseconds(head.readBigUInt64LE(HEAD_BYTES + 8));
  return last < from || first > to;
}

/** Whether the file was ended: then what can't be read is damage. */
async function endsInMagic(file: FileWindow): Promise<boolean> {
  return (await file.read(file.size - MAGIC.length, MAGIC.length)).equals(MAGIC);
}

function damaged({ path }: FileWindow, offset: number, what: string, cause?: unknown): CaptureError {
  return new CaptureError(`${path} is damaged at byte ${offset}: ${what}.`, path, offset, { cause });
}
