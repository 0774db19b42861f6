import { from } from 'rxjs';
import { genesysTypes } from 'rxframe/genesys';
import { accepted, decode, ofType, preselect, validate } from 'rxframe/operators';
import { corpus, nodeFrame, type NodeFrame } from '../../corpus.ts';
import type { Comparison } from '../comparison.ts';
import { collected } from './collected.ts';
import { through } from './through.ts';

/** A frame that nobody wants, taken out by `preselect`, against one that is decoded and validated. */
export async function unwanted(): Promise<Comparison[]> {
  const updates$ = from(await corpus()).pipe(
    decode(genesysTypes),
    validate(),
    accepted(),
    ofType('interaction.update'),
  );
  const updates = collected(updates$).map(({ rawData }, sequence) => nodeFrame(rawData as Buffer, false, sequence));
  return [
    comparison('a frame that nobody wants', updates),
    comparison('the same, the wanted name standing elsewhere in it', updates.map(withNameElsewhere)),
  ];
}

function comparison(name: string, updates: readonly NodeFrame[]): Comparison {
  const keepalives = preselect(genesysTypes, ['keepalive']);
  if (collected(from(updates).pipe(keepalives)).length > 0) throw new Error('preselect has kept what nobody wants.');
  return {
    name,
    frames: updates.length,
    ours: through(updates, keepalives),
    peer: through(updates, (frames$) => frames$.pipe(decode(genesysTypes), validate())),
  };
}

/** So that its bytes alone do not tell: its members have to be gone through. */
function withNameElsewhere({ rawData, sequence }: NodeFrame): NodeFrame {
  const update = JSON.parse(rawData.toString()) as object;
  return nodeFrame(Buffer.from(JSON.stringify({ ...update, note: 'keepalive' })), false, sequence);
}
