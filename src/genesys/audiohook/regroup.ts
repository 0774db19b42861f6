import { catchError, concat, concatMap, concatWith, defer, throwError, type MonoTypeOperatorFunction } from 'rxjs';
import { duration, knownOptions, optionError } from '../../../operators/options.ts';
import type { AudioFrame } from './audio-frame.ts';
import { AudioWindow } from './audio-window.ts';
import { SAMPLE_RATE } from './media.ts';

/** Options of {@link regroup}. */
export interface RegroupOptions {
  /** How long each frame lasts, in milliseconds: a whole number of samples, so a multiple of 0.125. */
  readonly duration: number;
}

/**
 * **Cuts the audio into windows of one length**, however it was cut into messages.
 *
 *     in        --a-----b-----c----------d---|           150 ms of audio each; before d some is missing
 *     regroup   --1-----(23)--4----------(56)(7|)        100 ms each, but for 5 and 7
 *
 * Position and channels are kept: a window begins where its first sample is, and each list of channels has windows of its own, so that it
 * stands behind `splitChannels` too. No window has a hole in it: where a frame's position is not the next one, or its format another, what is held
 * leaves first, as a shorter frame; so it does before the source's completion and error. `fillGaps` before it leaves no holes, and so
 * no shorter frames but the last: a window is `filled` where all of it is.
 *
 * A frame that is a window already passes as it is, the same object. A window inside one message is a view of it; one that is put together
 * is a copy, and has the `rawData` and the times of the message in which it begins.
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function regroup(options: RegroupOptions): MonoTypeOperatorFunction<AudioFrame> {
  knownOptions('regroup', options, ['duration']);
  const samples = duration('regroup: duration', options.duration) * (SAMPLE_RATE / 1000);
  if (!Number.isInteger(samples)) {
    throw optionError('regroup: duration', 'a multiple of 0.125 ms, one sample at 8000 Hz', options.duration);
  }

  return (source) =>
    defer(() => {
      const windows = new Map<string, AudioWindow>();
      const windowOf = (frame: AudioFrame) => {
        const key = frame.channels.join();
        const window = windows.get(key) ?? new AudioWindow(samples);
        windows.set(key, window);
        return window;
      };
      const rest$ = defer(() => [...windows.values()].flatMap((window) => [...window.rest()]));
      return source.pipe(
        concatMap((frame) => windowOf(frame).take(frame)),
        catchError((error: unknown) =>
          concat(
            rest$,
            throwError(() => error),
          ),
        ),
        concatWith(rest$),
      );
    });
}
