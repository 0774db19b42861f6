import { cpus } from 'node:os';
import { Meter } from '../../../operators/meter.ts';
import { version } from '../../version.ts';
import { benchCorpus, type CorpusOptions } from './bench-corpus.ts';
import { captureCorpus } from './capture-corpus.ts';
import { heapUse } from './heap-use.ts';
import { measureStages, type StageCosts } from './measure-stages.ts';
import { standardPipeline, type PipelinePart } from './standard-pipeline.ts';

/** The first frames of a file. */
export interface CaptureSource {
  readonly capture: string;
}

/** What a bench is made from, and how long it takes. */
export interface BenchWishes {
  /** Where the frames are from: of a capture, or made of these. */
  readonly frames: CaptureSource | CorpusOptions;
  readonly seconds: number;
  /** Ends it early. */
  readonly stopped: AbortSignal;
}

/** What a bench found: what `--json` prints. */
export interface BenchResult {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly corpus: (CaptureSource | CorpusOptions) & { readonly frames: number; readonly acceptedBytes: number };
  readonly rounds: number;
  readonly framesPerSecond: number;
  /** Millions of bytes in the payloads of accepted frames: a rejected one may not have been read. */
  readonly megabytesPerSecond: number;
  readonly nanosecondsPerFrame: number;
  readonly stages: StageCosts['stages'];
  readonly allocatedBytesPerFrame: number;
  /** The part of the time that the garbage collector took, from 0 to 1. */
  readonly gcShare: number;
  /** Of the frames of the corpus. */
  readonly accepted: number;
  readonly rejected: number;
  readonly rejectedByReason: Readonly<Record<string, number>>;
}

/** For how long the heap is looked at, at most, in milliseconds. Signals have to wait. */
const HEAP_TIME = 1_000;

/**
 * **Runs the standard pipeline on frames of the simulator, or of a capture**, and says where the time goes.
 *
 * @throws UsageError where the capture has no frames; the error of reading it
 */
export async function benchPipeline({ frames: source, seconds, stopped }: BenchWishes): Promise<BenchResult> {
  const corpus = 'capture' in source ? await captureCorpus(source.capture) : benchCorpus(source);
  const frames = corpus.length;
  const deadline = { at: performance.now() + seconds * 1_000, stopped };
  const { rounds, nanoseconds, stages } = await measureStages(standardPipeline(corpus), frames, deadline);

  const meter = new Meter();
  let bytes = 0;
  wholeOf(standardPipeline(corpus, meter)).subscribe(({ byteLength }) => (bytes += byteLength));
  const { accepted, rejected, byReason } = meter.snapshot();
  const whole$ = wholeOf(standardPipeline(corpus));
  const heapTime = stopped.aborted ? 0 : Math.min(HEAP_TIME, seconds * 100);
  let runs = 0;
  const { allocated, collecting } = heapUse(() => {
    const end = performance.now() + heapTime;
    do {
      whole$.subscribe();
      runs += 1;
    } while (performance.now() < end);
  });

  return {
    version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    corpus: { ...source, frames, acceptedBytes: bytes },
    rounds,
    framesPerSecond: 1e9 / nanoseconds,
    megabytesPerSecond: ((bytes / frames) * 1e3) / nanoseconds,
    nanosecondsPerFrame: nanoseconds,
    stages,
    allocatedBytesPerFrame: allocated / (runs * frames),
    gcShare: collecting,
    accepted,
    rejected,
    rejectedByReason: byReason,
  };
}

function wholeOf(parts: readonly PipelinePart[]): PipelinePart['outcomes$'] {
  return (parts.at(-1) as PipelinePart).outcomes$;
}
