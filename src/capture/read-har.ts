import { CaptureError } from '../../operators/errors.ts';
import { LATEST_TIME } from './epoch-nanoseconds.ts';
import type { FileWindow } from './file-window.ts';
import { isWithin, type RecordedFrame, type RecordedFrames, type TimeRange } from './recorded-frames.ts';

/** The largest file: it is read as one text, and that is about as long as one may be. */
const MOST_BYTES = 500 * 1024 * 1024;

/**
 * **Reads the received WebSocket messages of a HAR file**, as browsers export them from their network panel: the members
 * `_webSocketMessages` of its entries. Of several connections they come in the order of time.
 *
 * @param index - the place of the file among those replayed, for the ids of connections
 * @throws CaptureError where the file is too large, no JSON, or no HAR
 */
export async function* readHar(file: FileWindow, index: number, range: TimeRange): AsyncGenerator<RecordedFrames> {
  if (file.size > MOST_BYTES) {
    throw new CaptureError(`${file.path} is too large: a HAR file may have ${MOST_BYTES} bytes.`, file.path);
  }
  const frames = entriesOf(file, (await file.read(0, file.size)).toString())
    .flatMap((entry, place) => framesOf(entry, `har-${index}-${place}`))
    .filter(({ timestamp }) => isWithin(range, timestamp));
  yield { frames: frames.sort((a, b) => a.timestamp - b.timestamp), position: file.size };
}

function entriesOf({ path }: FileWindow, text: string): readonly unknown[] {
  let har: unknown;
  try {
    har = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new CaptureError(`${path} is neither a capture (MCAP) nor JSON as of a HAR file.`, path, undefined, {
      cause,
    });
  }
  const entries = member(member(har, 'log'), 'entries');
  if (!Array.isArray(entries)) throw new CaptureError(`${path} is no HAR file: it has no log.entries.`, path);
  return entries;
}

function framesOf(entry: unknown, connectionId: string): readonly RecordedFrame[] {
  const messages = member(entry, '_webSocketMessages');
  if (!Array.isArray(messages)) return [];
  const frames: RecordedFrame[] = [];
  for (const message of messages as readonly unknown[]) {
    const [type, time, opcode, data] = ['type', 'time', 'opcode', 'data'].map((name) => member(message, name));
    // Besides messages there are errors, with opcode -1.
    if (type !== 'receive' || typeof time !== 'number' || typeof data !== 'string') continue;
    const timestamp = timestampOf(time);
    if ((opcode !== 1 && opcode !== 2) || timestamp < 0 || timestamp > LATEST_TIME) continue;
    frames.push({
      rawData: Buffer.from(data, opcode === 2 ? 'base64' : 'utf8'),
      isBinary: opcode === 2,
      connectionId,
      sequence: frames.length,
      timestamp,
    });
  }
  return frames;
}

/** From seconds, as browsers give them, or from milliseconds, as Playwright does; to the microsecond that both give. */
function timestampOf(time: number): number {
  const isInSeconds = time * 1e3 <= LATEST_TIME;
  return Math.round(isInSeconds ? time * 1e6 : time * 1e3) / 1e3;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
