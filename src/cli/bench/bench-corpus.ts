import type { Receipt } from '../../../operators/frame.ts';
import { faultyFrames } from '../../simulator/faulty-frames.ts';
import { frameSequence } from '../../simulator/frame-sequence.ts';

/** What the frames of a {@link benchCorpus} are made from. */
export interface CorpusOptions {
  readonly seed: number;
  readonly badRate: number;
  readonly payloadBytes: { readonly min: number; readonly max: number };
}

/** So many frames, where they are no larger in the whole than {@link MOST_BYTES}. */
const MOST_FRAMES = 1_000;
const MOST_BYTES = 8 * 1024 * 1024;
/** Just above what `sizeGate` lets through: who is turned away there is not read, whatever its size. */
const OVERSIZE = 5 * 1024 * 1024 + 1024;

/** **What a connection to the simulator would bring**, as its socket would hand it over: the same seed, the same bytes. */
export function benchCorpus({ seed, badRate, payloadBytes }: CorpusOptions): readonly Receipt[] {
  const faulty = faultyFrames(seed, OVERSIZE);
  const frameAt = frameSequence({ seed, connection: 0, poolSize: MOST_FRAMES, badRate, payloadBytes, faulty });
  const corpus: Receipt[] = [];
  let bytes = 0;
  while (corpus.length < MOST_FRAMES && bytes < MOST_BYTES) {
    const { data, isBinary, expected } = frameAt(corpus.length);
    // All oversize frames share their bytes.
    if (expected !== 'oversize') bytes += data.length;
    corpus.push({
      rawData: data,
      isBinary,
      connectionId: 'bench',
      sequence: corpus.length,
      timestamp: Date.now(),
      receivedAt: performance.now(),
    });
  }
  return corpus;
}
