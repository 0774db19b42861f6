import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { AudioFrame } from './audio-frame.ts';
import { deriveAudio } from './derive-audio.ts';
import { PCMU_LEVELS } from './pcmu.ts';

/**
 * **Makes 16-bit linear samples of μ-law ones**: what recognisers and most tools want. `decodedData` has the low byte of each
 * sample first, and `int16(frame)` gives the samples as numbers. A frame that is L16 already passes as it is, the same object.
 *
 *     in     --p--p--l--|        p: PCMU    l: L16
 *     toL16  --l--l--l--|
 *
 * The levels are those of ITU-T G.711, by a table: nothing is lost, and nothing is gained in quality.
 */
export function toL16(): MonoTypeOperatorFunction<AudioFrame> {
  return map((frame) =>
    frame.format === 'L16' ? frame : deriveAudio(frame, linear(frame.decodedData), { format: 'L16' }),
  );
}

/** Byte by byte, so that the order is the same on every machine. */
function linear(codes: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(codes.length * 2);
  let at = 0;
  for (const code of codes) {
    const level = PCMU_LEVELS[code] as number;
    bytes[at] = level;
    bytes[at + 1] = level >> 8;
    at += 2;
  }
  return bytes;
}
