import { integerBetween, mixSeeds, mulberry32, pick, type Random } from '../../../src/simulator/random.ts';
import type { Fault, Plan, Schedule } from './fault.ts';
import { HEAD, placedFrames, type PlacedFrame } from './traffic.ts';

/** Some of the bytes that a connection brings are behind this. */
const FAR = 120_000;

/** **The schedule of a seed**: the same seed, the same schedule. */
export function randomSchedule(seed: number, handovers = 0): Schedule {
  const random = mulberry32(mixSeeds(seed, handovers));
  let connections = 0;
  const plan = (): Plan => {
    const kind = random();
    if (kind < 0.08) return 'refused';
    if (kind < 0.16) return 'reset';
    // Where an earlier attempt did not get through, it is the headers of other frames: any bytes, then.
    const frames = placedFrames(seed, connections++);
    const hindrances = Array.from({ length: integerBetween(random, 0, 3) }, () => hindrance(random, frames));
    return [...hindrances, end(random)];
  };
  return {
    seed,
    rate: pick(random, [null, 2_000]),
    plans: Array.from({ length: integerBetween(random, 3, 6) }, plan),
    handoversAfter: Array.from({ length: handovers }, () => integerBetween(random, 1, 250)),
    leaveAfter: random() < 0.25 ? integerBetween(random, 1, 250) : null,
  };
}

/** A byte: in the answer to the upgrade, or more often among the frames, the nearer the likelier. */
function place(random: Random): number {
  return random() < 0.15 ? integerBetween(random, 0, HEAD) : HEAD + Math.floor(random() ** 2 * FAR);
}

/** What a connection may survive. */
function hindrance(random: Random, frames: readonly PlacedFrame[]): Fault {
  const at = place(random);
  switch (pick(random, ['stall', 'delay', 'throttle', 'fragment', 'corrupt', 'corrupt-header'] as const)) {
    case 'stall':
      return { at, kind: 'stall', ms: integerBetween(random, 1, 80) };
    case 'delay':
      return { at, kind: 'delay', bytes: integerBetween(random, 1, 100_000), ms: integerBetween(random, 1, 20) };
    case 'throttle': {
      const bytes = integerBetween(random, 1, 10_000);
      return { at, kind: 'throttle', bytes, bytesPerSecond: integerBetween(random, 50_000, 200_000) };
    }
    case 'fragment':
      return { at, kind: 'fragment', bytes: integerBetween(random, 1, 400) };
    case 'corrupt':
      return { at, kind: 'corrupt', flip: 2 ** integerBetween(random, 0, 7) };
    case 'corrupt-header': {
      const { start, header } = pick(random, frames.slice(0, 40));
      const byte = start + integerBetween(random, 0, header - 1);
      return { at: byte, kind: 'corrupt', flip: 2 ** integerBetween(random, 0, 7) };
    }
  }
}

/** What no connection survives, or none at all. */
function end(random: Random): Fault {
  const at = place(random);
  const kind = pick(random, ['fin', 'rst', 'rst', 'dead'] as const);
  return kind === 'dead' ? { at, kind, way: pick(random, ['to-client', 'to-server', 'both']) } : { at, kind };
}
