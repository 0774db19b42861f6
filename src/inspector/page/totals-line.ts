import type { Totals } from '../protocol.ts';
import { byId } from './by-id.ts';
import { bytes, integer } from './format.ts';

/** **The exact counts**: what came in is what was accepted and what was rejected. */
export function showTotals({ frames, accepted, rejected, bytes: byteCount }: Totals): void {
  const texts = {
    frames: integer(frames),
    accepted: integer(accepted),
    rejected: integer(rejected),
    bytes: bytes(byteCount),
  };
  const line = byId('totals');
  for (const [name, text] of Object.entries(texts)) {
    const place = line.querySelector(`[data-count="${name}"]`);
    if (place !== null) place.textContent = text;
  }
}
