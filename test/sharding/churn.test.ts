import { describe, expect, it } from 'vitest';
import { mulberry32, uuid } from '../../src/simulator/random.ts';
import { FAULT_SEED } from '../faults/seed.ts';
import { Churn, type ChurnReport } from './churn.ts';

/** Seconds, as all times here. A death is known four thirds of the ttl later, at the latest. */
const DETECTION = (10 * 4) / 3;
const SUBSCRIBING = 2;
const LINGER = 10;
/** How long a topic is without a subscription, whose only subscriber died. */
const LONGEST_GAP = DETECTION + SUBSCRIBING;

const random = mulberry32(FAULT_SEED);
const TOPICS = Array.from({ length: 20_000 }, () => `v2.users.${uuid(random)}.presence`);
const POOL = Array.from({ length: 40 }, (_, i) => `ingest-${i}`);

/** The next change comes when this one is over: it is known, all are subscribed again, and nothing lingers. */
const oneByOne = () => DETECTION + SUBSCRIBING + LINGER;
/** About one a minute, as chance will have it: some come while another one isn't over. */
const byChance = () => -60 * Math.log(1 - random());

function churn(copies: number, changes: number, pause: () => number): ChurnReport {
  const times = { detection: DETECTION, subscribing: SUBSCRIBING, linger: LINGER };
  const report = new Churn({ topics: TOPICS, pool: POOL, copies, changes, pause, ...times, random }).run();
  console.log(`seed ${FAULT_SEED}, ${copies} copies, ${pause.name}: ${JSON.stringify(report)}`);
  return report;
}

/** As few topics move as there must, and no member has much more than another. */
function expectFair({ moved, balance }: ChurnReport): void {
  expect(moved.mean).toBeGreaterThan(0.97);
  expect(moved.mean).toBeLessThan(1.03);
  expect(moved.max).toBeLessThan(1.3);
  expect(balance.max).toBeLessThan(1.3);
}

describe('20,000 topics of about 20 members, who come, go and die', () => {
  it('are without a subscription for a while where the only one who had them died, and only then', () => {
    const report = churn(1, 250, oneByOne);
    expectFair(report);
    const { crashes, gaps } = report;
    expect(gaps.longest).toBeCloseTo(LONGEST_GAP, 6);
    expect(gaps.sum).toBeCloseTo(gaps.count * LONGEST_GAP, 0);
    // A twentieth of them, each time.
    expect((gaps.count * 20) / (crashes * TOPICS.length)).toBeGreaterThan(0.7);
    expect((gaps.count * 20) / (crashes * TOPICS.length)).toBeLessThan(1.4);
  });

  it('are never without one where two have each, and one at a time dies', () => {
    const report = churn(2, 1000, oneByOne);
    expectFair(report);
    expect(report.crashes).toBeGreaterThan(100);
    expect(report.gaps).toEqual({ count: 0, topics: 0, longest: 0, sum: 0 });
  });

  it('are seldom without one where two have each, and any number dies', () => {
    const report = churn(2, 250, byChance);
    expectFair(report);
    expect(report.gaps.sum / (TOPICS.length * report.duration)).toBeLessThan(0.001);
  });
});
