import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OverflowError } from '../../operators/errors.ts';
import { isRejected } from '../../operators/frame.ts';
import { processWith } from '../../operators/process-with.ts';
import { reconnect } from '../../operators/reconnect.ts';
import { connect } from '../../src/connection/connect.ts';
import { startSimulator, type SentFrame } from '../../src/simulator/index.ts';
import { examine, WITH_FAULTS } from './examine.ts';
import { reach } from './reach.ts';
import { EMPTY, extend, SentTrails } from './trail.ts';

async function slowly<Frame>(frame: Frame): Promise<Frame> {
  await setTimeout(1);
  return frame;
}

describe('a slow consumer that can pause nothing', () => {
  it('ends the stream at the high-water mark with an OverflowError, and the connection with it', async () => {
    const trails = new SentTrails();
    const simulator = await startSimulator({ ...WITH_FAULTS, rate: Infinity, onSent: trails.add });
    let trail = EMPTY;
    const failure = await connect(reach(simulator))
      .pipe(reconnect(), examine(), processWith(slowly))
      .forEach((outcome) => {
        trail = extend(trail, outcome.rawData, isRejected(outcome) ? outcome.reason : 'accepted');
      })
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(OverflowError);
    // What came out until then is what came in, in order.
    expect(trails.hasBegunWith(0, trail)).toBe(true);
    await expect.poll(() => simulator.openSockets, { timeout: 20_000 }).toBe(0);
    expect(simulator.totals.connections).toBe(1);
    await simulator.close();
  });

  it('rejects what is too much where overflow says so, and gives each frame one outcome', async () => {
    const sent: SentFrame[] = [];
    const simulator = await startSimulator({
      ...WITH_FAULTS,
      rate: Infinity,
      frames: 5_000,
      onSent: (frame) => sent.push(frame),
    });
    const outcomes = new Map<number, string>();
    const results: number[] = [];
    let count = 0;
    await connect(reach(simulator))
      .pipe(reconnect(), examine(), processWith(slowly, { overflow: 'reject' }))
      .forEach((outcome) => {
        count += 1;
        outcomes.set(outcome.sequence, isRejected(outcome) ? outcome.reason : 'accepted');
        if (!isRejected(outcome)) results.push(outcome.sequence);
      });
    await simulator.close();

    const overflown = sent.filter(({ index }) => outcomes.get(index) === 'overflow');
    console.log(`overflow: ${overflown.length} of ${sent.length} frames rejected, ${results.length} taken`);
    // One each: as many as were sent, and none of them twice.
    expect(count).toBe(sent.length);
    expect(outcomes.size).toBe(sent.length);
    // Only good frames overflow: a bad one has its own reason, and is nothing to wait for.
    expect(new Set(overflown.map(({ expected }) => expected))).toEqual(new Set(['accepted']));
    for (const { index, expected } of sent) {
      if (outcomes.get(index) !== 'overflow') expect(outcomes.get(index), `frame ${index}`).toBe(expected);
    }
    expect(results).toEqual(results.toSorted((a, b) => a - b));
    expect(results.length).toBeGreaterThanOrEqual(256);
  });
});
