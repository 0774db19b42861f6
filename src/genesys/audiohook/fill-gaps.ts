import { concatMap, defer, type MonoTypeOperatorFunction, type NextObserver } from 'rxjs';
import { duration, flag, knownOptions } from '../../../operators/options.ts';
import { reporter } from '../../../operators/reporter.ts';
import type { AudioFrame } from './audio-frame.ts';
import { deriveAudio } from './derive-audio.ts';
import { SAMPLE_BYTES, type MediaChannel, type MediaFormat } from './media.ts';

/** Level 0 in each format, as a byte. */
const SILENCE: Readonly<Record<MediaFormat, number>> = { PCMU: 0xff, L16: 0 };

/** How much silence may stand in a stream for its audio, on top of what time allows: ten times as much. */
const SILENCE_FOR_AUDIO = 10;

/** Audio that never came: it was discarded, the stream was paused, or it was lost. */
export interface AudioGap {
  /** Where it begins in the stream, in samples of one channel. */
  readonly position: number;
  /** How much is missing, in samples of each channel: 8000 a second. */
  readonly samples: number;
  /** On which channels. */
  readonly channels: readonly MediaChannel[];
}

/** Options of {@link fillGaps}. */
export interface FillGapsOptions {
  /** Told each gap, before what fills it leaves. @defaultValue nowhere */
  readonly gaps?: NextObserver<AudioGap>;
  /** Whether silence is put in, in place of what is missing. @defaultValue true */
  readonly fill?: boolean;
  /**
   * The longest gap that is filled, in milliseconds; a longer one is told only. So is one with which all silence would be this much longer than the time
   * since the first frame, and than ten times the audio so far.
   * @defaultValue 60,000
   */
  readonly longest?: number;
}

/**
 * **Finds where audio is missing, tells it, and puts silence in its place**, so that what follows is as long as the conversation.
 *
 *     in         --a--b--------e----|        e begins 2 s behind the end of b
 *     fillGaps   --a--b--------(sse)|        s: 1 s of silence, `filled`
 *     gaps       --------------g-----        g: where b ends, 16,000 samples
 *
 * Audio is missing where a frame's position is beyond the end of all before it. The stream begins at 0: a first frame beyond that has a gap
 * before it. Each list of channels is followed on its own, so that it may stand behind `splitChannels`. What is missing at the end
 * is not seen, because nothing comes after it.
 *
 * A peer can name any position, and hours of silence cost it a few bytes. So all silence together lasts at most `longest` more than the time since the first
 * frame came (a stream in real time has no more) or than ten times the audio so far (for one that is faster). A gap beyond that is told only.
 *
 * Silence comes in frames of 1 s at most, in the format of the frame that showed the gap, with that one's `rawData` and times. A frame whose position goes
 * back (by the protocol none does) passes untouched and is no gap; what comes after it is measured from the furthest end so far.
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function fillGaps(options: FillGapsOptions = {}): MonoTypeOperatorFunction<AudioFrame> {
  knownOptions('fillGaps', options, ['gaps', 'fill', 'longest']);
  const tell = reporter('fillGaps: gaps', options.gaps);
  const fill = flag('fillGaps: fill', options.fill ?? true);
  const longest = duration('fillGaps: longest', options.longest ?? 60_000);

  return (source) =>
    defer(() => {
      const streams = new Map<string, Stream>();

      function* withoutGap(frame: AudioFrame): Generator<AudioFrame, void> {
        const { channels, position, rate, receivedAt } = frame;
        const key = channels.join();
        const stream = streams.get(key) ?? { end: 0, audio: 0, silence: 0, since: receivedAt };
        streams.set(key, stream);
        const { end } = stream;
        stream.end = Math.max(end, position + frame.samples);
        const samples = position - end;
        if (samples > 0) {
          tell({ position: end, samples, channels });
          const gap = (samples / rate) * 1000;
          const allowed = longest + Math.max(receivedAt - stream.since, SILENCE_FOR_AUDIO * stream.audio);
          if (fill && gap <= longest && stream.silence + gap <= allowed) {
            stream.silence += gap;
            yield* silence(frame, end);
          }
        }
        stream.audio += frame.duration;
        yield frame;
      }
      return source.pipe(concatMap(withoutGap));
    });
}

/** What is known of one list of channels. Times in milliseconds. */
interface Stream {
  /** Where its next frame should begin, in samples. */
  end: number;
  /** How much audio it had. */
  audio: number;
  /** How much silence was put in. */
  silence: number;
  /** When its first frame came. */
  readonly since: number;
}

/** From there to the frame. All but the last are one second long, and share their bytes. */
function* silence(frame: AudioFrame, from: number): Generator<AudioFrame, void> {
  const { channels, format, position, rate } = frame;
  const blockBytes = SAMPLE_BYTES[format] * channels.length;
  const second = new Uint8Array(Math.min(position - from, rate) * blockBytes).fill(SILENCE[format]);
  for (let at = from; at < position; at += rate) {
    const bytes = second.subarray(0, (position - at) * blockBytes);
    yield deriveAudio(frame, bytes, { position: at, filled: true });
  }
}
