import { from, pipe } from 'rxjs';
import {
  accepted,
  binaryType,
  decode,
  definePayloadTypes,
  jsonType,
  validate,
  type PayloadType,
  type PayloadTypes,
} from 'rxframe/operators';
import { nodeFrame, type NodeFrame } from '../../corpus.ts';
import type { Comparison } from '../comparison.ts';
import { collected } from './collected.ts';
import { interactionOfSize } from './interaction-of-size.ts';
import { through } from './through.ts';

const FRAMES = 3_000;
const FEW = 3;
const PAYLOAD_BYTES = 1_000;

/** A family of payload types, of which a matrix may have any number. */
interface Family {
  readonly name: string;
  readonly type: (index: number) => PayloadType<unknown>;
  readonly frame: (index: number, sequence: number) => NodeFrame;
}

const typeName = (index: number) => `interaction.update.${index}`;

const json: Family = {
  name: 'JSON types',
  type: () =>
    jsonType({
      type: 'object',
      properties: { id: { type: 'string' }, type: { type: 'string' }, routing: { type: 'object' } },
      required: ['id', 'type', 'routing'],
    }),
  frame: (index, sequence) => nodeFrame(interactionOfSize(PAYLOAD_BYTES, typeName(index)), false, sequence),
};

const byFirstByte: Family = {
  name: 'binary types, known by their first byte',
  type: (index) => binaryType({ firstByte: index }),
  frame: (index, sequence) => nodeFrame(Buffer.alloc(PAYLOAD_BYTES, index), true, sequence),
};

const byFunction: Family = {
  name: 'binary types, known by a function',
  type: (index) => binaryType({ recognises: (bytes) => bytes[0] === index && bytes[1] === index }),
  frame: byFirstByte.frame,
};

/** `decode` and `validate` with many types in the matrix, all of them in use, against three. */
export function matrixSizes(): Promise<Comparison[]> {
  return Promise.resolve([
    againstFew(json, 30),
    againstFew(json, 300),
    againstFew(byFirstByte, 30),
    againstFew(byFirstByte, 250),
    againstFew(byFunction, 30),
    againstFew(byFunction, 250),
  ]);
}

function againstFew(family: Family, many: number): Comparison {
  const name = `${many} ${family.name}, against ${FEW}`;
  const pass = (count: number) => {
    const frames = Array.from({ length: FRAMES }, (_, sequence) => family.frame(sequence % count, sequence));
    const stages = pipe(decode(matrix(family, count)), validate(), accepted());
    if (collected(from(frames).pipe(stages)).length !== FRAMES) throw new Error(`${name}: not all are accepted.`);
    return through(frames, stages);
  };
  return { name, frames: FRAMES, ours: pass(many), peer: pass(FEW) };
}

function matrix(family: Family, count: number): PayloadTypes {
  const rows = Array.from({ length: count }, (_, index) => [typeName(index), family.type(index)] as const);
  return definePayloadTypes(Object.fromEntries(rows));
}
