import { Observable, Subscription, type OperatorFunction } from 'rxjs';
import { endingWith } from '../../../operators/ending-with.ts';
import type { Flow } from '../../../operators/flow.ts';
import { knownOptions, optionError, withMethod } from '../../../operators/options.ts';
import type { AudioFrame } from './audio-frame.ts';
import { SAMPLE_BYTES, type MediaChannel, type MediaFormat } from './media.ts';
import { WavRecording } from './wav-recording.ts';

/** With more bytes waiting than this the flow is held; with half of them it is released. */
const MOST_WAITING = 1024 * 1024;

/** A file that {@link writeWav} has written and closed. */
export interface WavFile {
  readonly path: string;
  readonly format: MediaFormat;
  /** In the order in which the samples are interleaved: the first one is a tool's left. */
  readonly channels: readonly MediaChannel[];
  /** How many samples of each channel: 8000 a second. */
  readonly samples: number;
  /** How many bytes of audio, the header not counted. */
  readonly bytes: number;
}

/** Options of {@link writeWav}. */
export interface WriteWavOptions {
  /** The one that the session has: through it the stream is paused while more than 1 MiB waits for the disk. @defaultValue none */
  readonly flow?: Flow;
}

/**
 * **Writes the audio to a WAV file as it comes, and says what it has written when the file is closed.** For Node.
 *
 *     in               --a--b--c--|
 *     writeWav(path)   --------------(f|)        f: the file, written and closed
 *
 * The file is made by the first frame, for its owner only (0o600), in a folder that must be there; one that exists is never written to:
 * the stream's error is the system's (`EEXIST`). Without a frame there is no file and no value. PCMU is written as μ-law (format tag 7 with a
 * `fact` chunk), L16 as PCM (1), all channels in one file, in the order in which they come. Positions are not looked at: `fillGaps` stands before, so that
 * the file is as long as the conversation.
 *
 * Until it is closed its header gives the largest sizes there are, so that tools read what a killed process left to its end; past 4 GiB it stays so. Then it is
 * mended, also where the source fails (its error passes on after that), a write fails (the system's error is the stream's; the file has what was
 * written), or on unsubscription (what was taken is written in the background; a failure then goes to RxJS's `config.onStoppedNotification`).
 *
 * What comes while a write is under way goes out together after it, up to 16 MiB at once. Without a `flow`, all that the disk has not taken waits in memory.
 *
 * @param path - of the file to make
 * @throws TypeError at the call, where `path` is no text or an option is not allowed; as the stream's error, where a frame's format or channels are
 * not those of the first
 */
export function writeWav(path: string, options: WriteWavOptions = {}): OperatorFunction<AudioFrame, WavFile> {
  if (typeof path !== 'string' || path === '') {
    throw optionError('writeWav: path', 'the path of a file', path, typeof path !== 'string');
  }
  knownOptions('writeWav', options, ['flow']);
  const flow = options.flow === undefined ? undefined : withMethod('writeWav: flow', 'hold', options.flow);

  return (source) =>
    new Observable((subscriber) => {
      const input = new Subscription();
      let kind: string | undefined;
      let recording: WavRecording | undefined;
      /** What follows when the file is closed. */
      let atEnd = (file: WavFile | undefined) => {
        if (file !== undefined) subscriber.next(file);
        subscriber.complete();
      };

      const record = ({ format, channels, rate }: AudioFrame) => {
        const onWaiting = (bytes: number) => {
          if (bytes > MOST_WAITING && !subscriber.closed) flow?.hold(subscriber);
          else if (bytes <= MOST_WAITING / 2) flow?.release(subscriber);
        };
        const started = new WavRecording({ path, media: { format, channels, rate }, onWaiting });
        const blockBytes = SAMPLE_BYTES[format] * channels.length;
        started.samples.then(
          (samples) => atEnd({ path, format, channels, samples, bytes: samples * blockBytes }),
          (error: unknown) => subscriber.error(error),
        );
        return started;
      };
      // Unsubscription comes here too: it ends the input, which is completed by that.
      const end = () => {
        input.unsubscribe();
        if (recording === undefined) atEnd(undefined);
        else recording.end();
      };
      const fail = (error: unknown) => {
        atEnd = () => subscriber.error(error);
        end();
      };

      subscriber.add(input);
      subscriber.add(() => flow?.release(subscriber));
      input.add(
        source.pipe(endingWith(input)).subscribe({
          next: (frame) => {
            kind ??= kindOf(frame);
            recording ??= record(frame);
            if (kindOf(frame) === kind) recording.write(frame.decodedData);
            else fail(new TypeError(`writeWav: a file has one kind of audio, ${kind}; got ${kindOf(frame)}`));
          },
          error: fail,
          complete: end,
        }),
      );
    });
}

/** What must be the same in all of a file. */
function kindOf({ format, channels }: AudioFrame): string {
  return `${format} ${channels.join()}`;
}
