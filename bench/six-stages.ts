import type { OperatorFunction } from 'rxjs';
import { genesysTypes } from 'rxframe/genesys';
import {
  accepted,
  checksum,
  decode,
  metrics,
  sizeGate,
  validate,
  type Meter,
  type ParsedFrame,
  type RawFrame,
} from 'rxframe/operators';

/** **The six stages**, as a user puts them together. */
export function sixStages(
  meter: Meter,
  maxBytes: number,
): OperatorFunction<RawFrame, ParsedFrame<typeof genesysTypes>> {
  return (frames$) =>
    frames$.pipe(sizeGate({ maxBytes }), decode(genesysTypes), validate(), checksum(), metrics(meter), accepted());
}
