import { openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fromEvent, takeUntil } from 'rxjs';
import { decode } from '../../../operators/decode.ts';
import { isRejected } from '../../../operators/frame.ts';
import { validate } from '../../../operators/validate.ts';
import { ackWith } from '../../../src/jetstream/consume/ack-with.ts';
import { ConsumeTotals } from '../../../src/jetstream/consume/consume-totals.ts';
import { fromJetStream } from '../../../src/jetstream/consume/from-jet-stream.ts';
import { memory } from '../../faults/memory.ts';
import { connectForGood } from './connect-for-good.ts';
import { eventTypes } from './event-types.ts';
import { machineTime } from './machine-time.ts';
import type { WorkDone } from './work-done.ts';
import type { WorkerTold } from './worker-told.ts';

const env = process.env as Readonly<Record<string, string>>;
/** The longest that work takes, in milliseconds. */
const longest = Number(env['LONGEST']);
const tell = (told: WorkerTold) => process.send?.(told);
const file = openSync(env['FILE']!, 'a');
const connection = await connectForGood(env['SERVER']!);
const totals = new ConsumeTotals();
tell({ type: 'connected' });

process.on('message', () => tell({ type: 'measured', ...memory(), totals }));

/** The partitions are given back after the stream has completed. */
async function end(): Promise<void> {
  tell({ type: 'completed' });
  while (totals.partitions > 0) await delay(10);
  // Where the engine is away, nothing can be said to it.
  await connection.drain().catch(() => connection.close());
  tell({ type: 'done' });
  process.disconnect();
}

const frames$ = fromJetStream({
  connection,
  stream: env['STREAM']!,
  group: 'workers',
  ackWait: Number(env['ACK_WAIT']),
  maxAckPending: Number(env['MAX_ACK_PENDING']),
  totals,
}).pipe(takeUntil(fromEvent(process, 'SIGTERM')));

frames$
  .pipe(
    decode(eventTypes),
    validate(),
    ackWith(
      async (frame, { deliveryCount, messageId }) => {
        const from = machineTime();
        if (longest > 0) await delay(Math.random() * longest);
        const { id, n } = frame.decodedData;
        const done: WorkDone = { id, n, messageId, deliveryCount, pid: process.pid, from, to: machineTime() };
        writeSync(file, `${JSON.stringify(done)}\n`);
      },
      { concurrency: Number(env['CONCURRENCY']) },
    ),
  )
  .subscribe({
    next: (outcome) => {
      if (isRejected(outcome)) throw new Error(JSON.stringify(outcome.issues));
    },
    complete: () => void end(),
  });
