import { corpus, MAX_BYTES, type NodeFrame } from '../corpus.ts';
import { handFused } from '../hand-fused.ts';

/** A frame of the corpus, and what is made of it. */
export interface JudgedFrame {
  readonly frame: NodeFrame;
  /** Accepted, or the reason why not. */
  readonly outcome: string;
}

/** The corpus, judged by the hand-fused function, which the stages must agree with. */
export async function judgedCorpus(): Promise<readonly JudgedFrame[]> {
  const outcomes: string[] = [];
  const hand = handFused({
    maxBytes: MAX_BYTES,
    accept: () => undefined,
    log: ({ reason = 'accepted' }) => outcomes.push(reason),
  });
  const frames = await corpus();
  for (const frame of frames) hand.take(frame);
  return frames.map((frame, index) => ({ frame, outcome: outcomes[index] as string }));
}
