import { setTimeout } from 'node:timers/promises';
import { Flow } from '../../operators/flow.ts';
import { isRejected } from '../../operators/frame.ts';
import { processWith } from '../../operators/process-with.ts';
import { reconnect } from '../../operators/reconnect.ts';
import { connect } from '../../src/connection/connect.ts';
import { examine } from './examine.ts';
import { memory, type Memory } from './memory.ts';
import { ownAddress, reach } from './reach.ts';
import { EMPTY, extend, type Trail } from './trail.ts';

/** What the slow consumer tells each second, and once more when the stream has completed. */
export interface SlowConsumerReport extends Memory, Trail {
  /** How often the socket was resumed. */
  readonly releases: number;
  readonly completed: boolean;
}

/** How long a frame takes, in milliseconds, until the parent tells us to hurry. */
let pause = Number(process.env['PAUSE']);
process.once('message', () => (pause = 0));

const flow = new Flow();
let trail = EMPTY;
const report = (completed: boolean) => {
  const told: SlowConsumerReport = { ...memory(), ...trail, releases: flow.releases, completed };
  process.send?.(told);
};
const each = setInterval(report, 1_000, false);

// Each pause is longer than the heartbeat needs to take a connection for dead.
await connect({ ...reach(ownAddress()), flow, heartbeat: { interval: 2_000, timeout: 2_000 } })
  .pipe(
    reconnect(),
    examine(),
    processWith(
      async (frame) => {
        if (pause > 0) await setTimeout(pause);
        return frame;
      },
      { flow, highWaterMark: 2_048 },
    ),
  )
  .forEach((outcome) => {
    trail = extend(trail, outcome.rawData, isRejected(outcome) ? outcome.reason : 'accepted');
  });

clearInterval(each);
report(true);
process.disconnect();
