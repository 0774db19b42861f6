import { stat } from 'node:fs/promises';
import { asyncScheduler, Observable, type NextObserver, type SchedulerLike } from 'rxjs';
import type { Flow } from '../../operators/flow.ts';
import type { RawFrame } from '../../operators/frame.ts';
import { knownOptions, optionError, withMethod } from '../../operators/options.ts';
import { reporter } from '../../operators/reporter.ts';
import { Pace } from './pace.ts';
import { readFrames } from './read-frames.ts';
import type { TimeRange } from './recorded-frames.ts';

/** How far a replay has come. */
export interface ReplayProgress {
  /** The file that is read. */
  readonly file: string;
  /** Of all files: how many bytes were read, and how many there are. */
  readonly bytesRead: number;
  readonly bytesTotal: number;
  /** How many frames were replayed. */
  readonly frames: number;
}

/** **A capture was never ended**, as a killed process leaves it, and is replayed as far as it goes. */
export interface CutOffNotice {
  readonly type: 'cut-off';
  readonly file: string;
  /** How many bytes at its end are of no use: the part of a chunk. */
  readonly unusedBytes: number;
}

/** Options of {@link replay}. */
export interface ReplayOptions {
  /** 1 is as fast as it was recorded, 10 ten times as fast, `Infinity` as fast as it is taken. @defaultValue 1 */
  readonly pace?: number;
  /** Only frames that came then or later: a `Date`, or milliseconds since the epoch. @defaultValue all */
  readonly from?: Date | number;
  /** Only frames that came then or before. @defaultValue all */
  readonly to?: Date | number;
  /** While it is held nothing is replayed, nor read ahead. @defaultValue none */
  readonly flow?: Flow;
  /** What time passes on: RxJS's. @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
  /** Told how far it has come: after each chunk that was replayed, and in the end. @defaultValue none */
  readonly progress?: NextObserver<ReplayProgress>;
  /** Told of captures that were never ended. @defaultValue none */
  readonly notices?: NextObserver<CutOffNotice>;
}

/**
 * **Replays captures: the frames that were recorded, to the operators that they were recorded from.** For Node.
 *
 *     file                a . . b c
 *     replay(file)        a-----b-c|
 *     with { pace: 2 }    a--bc|
 *
 * Connection, sequence number, opcode, bytes and `timestamp` are those of the recording; `receivedAt` is the time of the replay,
 * so that latencies are those of now. Each subscription reads anew. Several files are replayed one after the other, in the order
 * given: those of a rotated capture in the order of their names.
 *
 * A HAR file, as browsers export it, is replayed as well: the WebSocket messages that were received. It is recognised by what is in it.
 *
 * ```ts
 * replay('calls.mcap', { pace: Infinity }).pipe(sizeGate(), decode(types), validate(), accepted()).subscribe();
 * ```
 *
 * A file is read a chunk at a time, a HAR file whole. A capture that was never ended is replayed as far as it goes, with a notice. Errors of
 * the stream: `CaptureError` where a file is damaged or neither a capture nor a HAR file, the system's where it can't be read.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function replay(files: string | readonly string[], options: ReplayOptions = {}): Observable<RawFrame> {
  const paths = pathsOf(files);
  knownOptions('replay', options, ['pace', 'from', 'to', 'flow', 'scheduler', 'progress', 'notices']);
  const { pace = 1, flow, scheduler = asyncScheduler } = options;
  if (typeof pace !== 'number' || !(pace > 0)) {
    throw optionError('replay: pace', 'a number above 0, or Infinity', pace, typeof pace !== 'number');
  }
  const range: TimeRange = {
    from: time('replay: from', options.from ?? -Infinity),
    to: time('replay: to', options.to ?? Infinity),
  };
  if (flow !== undefined) withMethod('replay: flow', 'attach', flow);
  withMethod('replay: scheduler', 'schedule', scheduler);
  const report = reporter('replay: progress', options.progress);
  const notify = reporter('replay: notices', options.notices);

  return new Observable((subscriber) => {
    const paced = new Pace({ pace, flow, scheduler, subscriber });
    const play = async () => {
      const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
      const bytesTotal = sizes.reduce((sum, size) => sum + size, 0);
      let before = 0;
      for (const [index, file] of paths.entries()) {
        for await (const { frames, position, cutOff } of readFrames(file, index, range)) {
          await paced.play(frames);
          if (subscriber.closed) return;
          report({ file, bytesRead: before + position, bytesTotal, frames: paced.played });
          if (cutOff !== undefined) notify({ type: 'cut-off', file, unusedBytes: cutOff });
        }
        if (subscriber.closed) return;
        before += sizes[index] as number;
        report({ file, bytesRead: before, bytesTotal, frames: paced.played });
      }
    };
    play().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}

function pathsOf(files: unknown): readonly string[] {
  const paths: readonly unknown[] = Array.isArray(files) ? files : [files];
  if (paths.length === 0 || paths.some((path) => typeof path !== 'string' || path === '')) {
    throw optionError('replay: files', 'the path of a file, or several', files, true);
  }
  return paths as readonly string[];
}

function time(where: string, value: Date | number): number {
  const milliseconds = value instanceof Date ? value.getTime() : value;
  if (typeof milliseconds !== 'number' || Number.isNaN(milliseconds)) {
    throw optionError(where, 'a Date, or milliseconds since the epoch', value, true);
  }
  return milliseconds;
}
