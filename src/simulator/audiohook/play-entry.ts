import type { AudioHookScriptEntry } from './audio-hook-script.ts';
import type { ClientMessage, MessageWriter } from './client-message.ts';
import type { MediaStream } from './media-stream.ts';
import { SAMPLE_RATE } from './media-offer.ts';
import { durationOf } from './stream-duration.ts';

/** What a script can do to a session. */
export interface SessionControls {
  readonly writer: MessageWriter;
  readonly stream: MediaStream;
  say(type: string, parameters: object, changes?: Readonly<Record<string, unknown>>): number;
  ping(parameters?: object, changes?: Readonly<Record<string, unknown>>): number;
  /** Sends text as it is; `message` is what it is told as. */
  post(message: unknown, data: string | Buffer): void;
  postMessage(message: ClientMessage): void;
  /** Takes note that a ping with that number goes out. */
  expectPong(seq: number): void;
  sendBinary(data: Uint8Array): void;
  /** The audio of a frame at the position, where the session has audio. */
  frame(): Uint8Array | undefined;
  silence(bytes: number): Uint8Array;
  close(reason: string): void;
  reconnect(): void;
  cut(): void;
  standStill(kind: 'stall' | 'half-open', forMs: number | undefined): void;
  ignorePause(): void;
  neverClose(): void;
}

/** One byte more than a text message may have. */
const OVERSIZE = 64 * 1024 + 1;

const OTHER_ID = 'ffffffff-ffff-4fff-bfff-ffffffffffff';

const samples = (milliseconds: number): number => Math.round((milliseconds * SAMPLE_RATE) / 1000);

/** **Carries out one line of a script.** */
export function playEntry(entry: AudioHookScriptEntry, session: SessionControls): void {
  if ('fault' in entry) playFault(entry, session);
  else playAction(entry, session);
}

function playAction(entry: Extract<AudioHookScriptEntry, { do: string }>, session: SessionControls): void {
  switch (entry.do) {
    case 'pause':
      session.stream.pause(samples(entry.for));
      break;
    case 'discard':
      session.stream.discard(samples(entry.for));
      break;
    case 'update':
      session.say('update', { language: entry.language });
      break;
    case 'reconnect':
      session.reconnect();
      break;
    case 'close':
      session.close(entry.reason);
      break;
    case 'send': {
      const { type, ...members } = entry.message;
      session.say(type, {}, members);
      break;
    }
    case 'ping':
      session.ping();
  }
}

function playFault(entry: Extract<AudioHookScriptEntry, { fault: string }>, session: SessionControls): void {
  const { writer, stream } = session;
  switch (entry.fault) {
    case 'cut':
      session.cut();
      break;
    case 'stall':
    case 'half-open':
      session.standStill(entry.fault, entry.for);
      break;
    case 'reorder': {
      const early = writer.write('ping', {});
      const late = writer.write('ping', {});
      for (const message of [late, early]) {
        session.expectPong(message.seq);
        session.postMessage(message);
      }
      break;
    }
    case 'oversize':
      session.ping({ padding: 'x'.repeat(OVERSIZE) });
      break;
    case 'oversize-audio':
      session.sendBinary(session.silence(entry.bytes));
      break;
    case 'wrong-seq':
      session.ping({}, { seq: writer.seq + 3 });
      break;
    case 'wrong-serverseq':
      session.ping({}, { serverseq: 1_000_000 });
      break;
    case 'wrong-id':
      session.ping({}, { id: OTHER_ID });
      break;
    case 'wrong-version':
      session.ping({}, { version: '1' });
      break;
    case 'odd-audio':
      session.sendBinary(Buffer.concat([session.frame() ?? Buffer.alloc(0), session.silence(1)]));
      break;
    case 'audio-while-paused': {
      const start = durationOf(stream.position);
      session.say('paused', {});
      session.sendBinary(session.frame() ?? session.silence(1));
      session.say('resumed', { start, discarded: durationOf(0) });
      break;
    }
    case 'malformed-json': {
      const text = JSON.stringify(writer.write('ping', {})).slice(0, -1);
      session.post(text, text);
      break;
    }
    case 'invalid-utf8': {
      const message = writer.write('ping', { note: '?' });
      const bytes = Buffer.from(JSON.stringify(message));
      bytes[bytes.lastIndexOf('?')] = 0xff;
      session.post(bytes.toString(), bytes);
      break;
    }
    case 'unknown-type':
      session.say('whisper', {});
      break;
    case 'bad-parameters':
      session.say('discarded', { start: 'now', discarded: -1 });
      break;
    case 'flood':
      for (let count = 0; count < entry.messages; count += 1) session.ping();
      break;
    case 'ignore-pause':
      session.ignorePause();
      break;
    case 'no-close':
      session.neverClose();
      break;
    // Both come before the first frame.
    case 'no-open':
    case 'audio-before-opened':
  }
}
