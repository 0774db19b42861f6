import { pipe, type OperatorFunction } from 'rxjs';
import { checksum } from '../../operators/checksum.ts';
import { decode } from '../../operators/decode.ts';
import type { RawFrame, RejectedFrame } from '../../operators/frame.ts';
import type { ParsedFrame } from '../../operators/payload-types.ts';
import { sizeGate } from '../../operators/size-gate.ts';
import { validate } from '../../operators/validate.ts';
import { genesysTypes } from '../../src/genesys/payload-types.ts';

/** For the simulator: one frame in a hundred has a fault, of any kind. */
export const WITH_FAULTS = { badRate: 0.01, oversizeBytes: 8 * 1024 };

/** The stages that give each of those frames the outcome that the simulator expects. */
export function examine(): OperatorFunction<RawFrame, ParsedFrame<typeof genesysTypes> | RejectedFrame> {
  return pipe(sizeGate({ maxBytes: 6 * 1024 }), decode(genesysTypes), validate(), checksum());
}
