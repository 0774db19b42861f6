import { tap } from 'rxjs';
import { decode } from '../../../operators/decode.ts';
import { Flow } from '../../../operators/flow.ts';
import { isRejected, type RawFrame } from '../../../operators/frame.ts';
import { reconnect } from '../../../operators/reconnect.ts';
import { validate } from '../../../operators/validate.ts';
import { connect } from '../../../src/connection/connect.ts';
import { PublishTotals } from '../../../src/jetstream/publish/publish-totals.ts';
import { toJetStream } from '../../../src/jetstream/publish/to-jet-stream.ts';
import { memory } from '../../faults/memory.ts';
import { connectForGood } from './connect-for-good.ts';
import { eventTypes } from './event-types.ts';
import type { IngesterTold } from './ingester-told.ts';

const tell = (told: IngesterTold) => process.send?.(told);
const connection = await connectForGood(process.env['SERVER']!);
const flow = new Flow();
const totals = new PublishTotals();
let isPublishing = false;
/** Received, and not stored. */
const inside = new Set<string>();
/** By mark: what was inside when it came, and still is. */
const marks = new Map<string, Set<string>>();

function came({ frameId, rawData, byteLength }: RawFrame): void {
  inside.add(frameId);
  // Events are longer.
  if (byteLength < 16) marks.set(Buffer.from(rawData).toString(), new Set(inside));
}

function left(frameId: string): void {
  inside.delete(frameId);
  for (const [mark, frames] of marks) {
    frames.delete(frameId);
    if (frames.size > 0) continue;
    marks.delete(mark);
    tell({ type: 'settled', mark });
  }
}

process.on('message', () => {
  tell({ type: 'measured', ...memory(), totals, held: flow.held, releases: flow.releases });
});

connect({
  url: process.env['FEED']!,
  flow,
  state: { next: ({ status }) => status === 'open' && tell({ type: 'open' }) },
})
  .pipe(
    reconnect(),
    tap(came),
    decode(eventTypes),
    validate(),
    toJetStream({
      connection,
      stream: process.env['STREAM']!,
      flow,
      totals,
      highWaterMark: Number(process.env['HIGH_WATER_MARK']),
      ackTimeout: 1_000,
      holdBack: Number(process.env['HOLD_BACK']),
    }),
  )
  .subscribe((outcome) => {
    if (!isRejected(outcome) && !isPublishing) {
      isPublishing = true;
      tell({ type: 'publishing' });
    }
    left(outcome.frameId);
  });
