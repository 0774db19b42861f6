import { deepStrictEqual } from 'node:assert/strict';
import { from } from 'rxjs';
import { genesysTypes } from 'rxframe/genesys';
import { checksum, decode, Meter, metrics, sizeGate, validate } from 'rxframe/operators';
import { MAX_BYTES, type NodeFrame } from './corpus.ts';
import { handFused } from './hand-fused.ts';

/** **Throws where the stages and the hand-fused function do not make the same of a frame**: they would not be comparable. */
export function mustAgree(frames: readonly NodeFrame[], maxBytes = MAX_BYTES): void {
  const meter = new Meter();
  const ours: unknown[] = [];
  from(frames)
    .pipe(sizeGate({ maxBytes }), decode(genesysTypes), validate(), checksum(), metrics(meter))
    .subscribe((outcome) => {
      const { sequence, payloadType, decodedData, checksumValid } = outcome;
      const { stage, reason } = outcome.kind === 'rejected' ? outcome : {};
      ours.push({ sequence, payloadType, decodedData, checksumValid, stage, reason });
    });

  const byHand: unknown[] = [];
  let accepted = 0;
  const hand = handFused({
    maxBytes,
    accept: () => (accepted += 1),
    log: ({ message: { sequence }, payloadType, decodedData, checksumValid, stage, reason }) =>
      byHand.push({ sequence, payloadType, decodedData, checksumValid, stage, reason }),
  });
  for (const frame of frames) hand.take(frame);

  deepStrictEqual(byHand, ours);
  const { frames: count, accepted: through, rejected, bytes, byType, byReason, latencyHistogram } = meter.snapshot();
  const { latencyHistogram: histogramByHand, ...counts } = hand.counts();
  deepStrictEqual(counts, { frames: count, accepted: through, rejected, bytes, byType, byReason });
  // The latencies are not the same, but each has its bucket.
  deepStrictEqual(total(histogramByHand.counts), total(latencyHistogram.counts));
  deepStrictEqual(accepted, through);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
