import { from, lastValueFrom, toArray } from 'rxjs';
import { genesysTypes } from 'rxframe/genesys';
import { accepted, decode, validate } from 'rxframe/operators';
import { nodeFrame } from '../corpus.ts';
import { interactionOfSize } from '../in-process/contests/interaction-of-size.ts';
import type { Interaction } from './interaction.ts';

/** Of so many conversations the frames are, in turn. */
const CONVERSATIONS = 5_000;
const FIRST_AT = 1_700_000_000_000;

/** **Frames of interaction updates of that size, decoded and validated**, no two of them alike. */
export function parsedFrames(count: number, bytes: number): Promise<readonly Interaction[]> {
  const payload = interactionOfSize(bytes);
  const id = payload.indexOf('"id":"') + '"id":"'.length;
  const at = payload.indexOf(String(FIRST_AT));
  const frames = Array.from({ length: count }, (_, sequence) => {
    const own = Buffer.from(payload);
    own.write(String(sequence % CONVERSATIONS).padStart(8, '0'), id, 'latin1');
    own.write(String(FIRST_AT + sequence), at, 'latin1');
    return nodeFrame(own, false, sequence);
  });
  return lastValueFrom(from(frames).pipe(decode(genesysTypes), validate(), accepted(), toArray()));
}
