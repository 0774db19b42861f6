import { setTimeout } from 'node:timers/promises';
import { tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { Flow } from '../../operators/flow.ts';
import { isRejected } from '../../operators/frame.ts';
import { processWith } from '../../operators/process-with.ts';
import { reconnect } from '../../operators/reconnect.ts';
import { connect } from '../../src/connection/connect.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { examine, WITH_FAULTS } from './examine.ts';
import { reach } from './reach.ts';
import { EMPTY, extend, SentTrails, type Trail } from './trail.ts';

/** How many connections are cut, and what each has sent by then: more than the system's buffers hold. */
const CUTS = 3;
const FRAMES = 6_000;
const HIGH_WATER_MARK = 64;
/** More frames than there can be in one read of 64 KiB. */
const ONE_READ = 400;

describe('a slow consumer whose connections are cut while they are paused', () => {
  it('gets all that had arrived, in order, nothing twice, and never much at a time', async () => {
    const trails = new SentTrails();
    const flow = new Flow();
    let heldAtCuts = 0;
    const simulator = await startSimulator({
      ...WITH_FAULTS,
      rate: Infinity,
      frames: FRAMES,
      onSent(frame) {
        trails.add(frame);
        if (frame.connection === CUTS || frame.index < FRAMES - 1) return;
        if (flow.held) heldAtCuts += 1;
        simulator.dropAll();
      },
    });
    const failures: ConnectionState[] = [];
    const state = {
      next: (reported: ConnectionState) => {
        if (reported.status === 'closed' && reported.cause !== undefined) failures.push(reported);
      },
    };
    const received = new Map<string, number>();
    let waiting = 0;
    let mostWaiting = 0;
    const got = new Map<string, Trail>();
    await connect({ ...reach(simulator), flow, state })
      .pipe(
        reconnect({ initialDelay: 1 }),
        tap(({ connectionId }) => {
          received.set(connectionId, (received.get(connectionId) ?? 0) + 1);
          waiting += 1;
          mostWaiting = Math.max(mostWaiting, waiting);
        }),
        examine(),
        processWith(
          async (frame) => {
            await setTimeout(1);
            return frame;
          },
          { flow, concurrency: 8, highWaterMark: HIGH_WATER_MARK },
        ),
      )
      .forEach((outcome) => {
        waiting -= 1;
        const trail = got.get(outcome.connectionId) ?? EMPTY;
        got.set(
          outcome.connectionId,
          extend(trail, outcome.rawData, isRejected(outcome) ? outcome.reason : 'accepted'),
        );
      });
    await simulator.close();

    const counts = [...got.values()].map(({ count }) => count);
    console.log(
      `cuts of a slow consumer: ${heldAtCuts} of ${CUTS} while paused; got ${counts.join(', ')} of ${FRAMES} each, at most ${mostWaiting} at a time`,
    );
    expect(failures).toHaveLength(CUTS);
    expect(heldAtCuts).toBeGreaterThan(0);
    expect(counts).toHaveLength(CUTS + 1);
    expect(counts).toEqual([...received.values()]);
    expect(counts.at(-1)).toBe(FRAMES);
    expect(mostWaiting).toBeLessThan(HIGH_WATER_MARK + ONE_READ);
    for (const [connection, trail] of [...got.values()].entries()) {
      expect(trails.hasBegunWith(connection, trail), `connection ${connection}`).toBe(true);
    }
  });
});
