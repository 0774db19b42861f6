import type { Feed } from './feed.ts';
import type { JudgedFrame } from './judged-corpus.ts';

/** The frames of the corpus that a feed has, again and again. */
export function poolOf({ wellFormed }: Feed, corpus: readonly JudgedFrame[]): readonly JudgedFrame[] {
  return wellFormed === true ? corpus.filter(({ outcome }) => outcome !== 'invalid-utf8') : corpus;
}
