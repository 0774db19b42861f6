import { beforeAll, describe, expect, it } from 'vitest';
import type { Account, Outcome } from './account.ts';
import { discrepancies } from './discrepancies.ts';
import { outcomeOf } from './outcome-of.ts';
import { runSchedule } from './run-schedule.ts';
import { randomSchedule } from './random-schedule.ts';
import { placedFrames } from './traffic.ts';

const SEED = 5;

/** Two connections: one that is cut behind 20 frames, and one that brings all. */
let right: Account;

beforeAll(async () => {
  const at = placedFrames(SEED, 0)[20]!.start;
  const plans = [[{ at, kind: 'fin' as const }]];
  right = await runSchedule({ seed: SEED, rate: null, plans, handoversAfter: [], leaveAfter: null });
});

/** The account with other outcomes. */
function withOutcomes(change: (outcomes: Outcome[]) => Outcome[]): Account {
  return { ...right, outcomes: change([...right.outcomes]) };
}

/** The account with another outcome at that place. */
function withOutcome(place: number, change: (outcome: Outcome) => Partial<Outcome>): Account {
  return withOutcomes((outcomes) => outcomes.with(place, { ...outcomes[place]!, ...change(outcomes[place]!) }));
}

function flipped({ rawData }: Outcome): Uint8Array {
  const bytes = Uint8Array.from(rawData);
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
}

describe('the check of a run', () => {
  it('agrees with what is right', () => {
    expect(right.outcomes.length).toBe(20 + 150);
    expect(discrepancies(right)).toEqual([]);
  });

  it.each<[string, () => Account, string]>([
    ['a lost outcome', () => withOutcomes((all) => all.toSpliced(7, 1)), 'attempt 0: outcome 7 is of another message'],
    [
      'a lost last outcome',
      () => withOutcomes((all) => all.slice(0, -1)),
      'attempt 1: message 149 was delivered and has no outcome',
    ],
    [
      'a loss before a cut',
      () => withOutcomes((all) => all.toSpliced(19, 1)),
      'attempt 0: message 19 was delivered and has no outcome',
    ],
    [
      'a doubled outcome',
      () => withOutcomes((all) => all.toSpliced(7, 0, all[7]!)),
      'attempt 0: outcome 8 is of another message',
    ],
    [
      'a doubled last outcome',
      () => withOutcomes((all) => [...all, all.at(-1)!]),
      'attempt 1: outcome 150 is of nothing that was delivered',
    ],
    [
      'two outcomes in the wrong order',
      () => withOutcomes((all) => all.with(7, all[8]!).with(8, all[7]!)),
      'attempt 0: outcome 7 is of another message',
    ],
    [
      'a changed byte',
      () => withOutcome(7, (outcome) => ({ rawData: flipped(outcome) })),
      'attempt 0: outcome 7 is of another message',
    ],
    [
      'text as binary',
      () => withOutcome(7, ({ isBinary }) => ({ isBinary: !isBinary })),
      'attempt 0: outcome 7 is of another message',
    ],
    ['a hole in the sequence', () => withOutcome(7, () => ({ sequence: 8 })), 'attempt 0: outcome 7 has sequence 8'],
    [
      'a wrong verdict',
      () => withOutcome(0, () => ({ verdict: 'unlike any' })),
      'attempt 0: message 0 must be accepted, and was unlike any',
    ],
    [
      'a copy where there is one connection',
      () => withOutcome(0, () => ({ verdict: 'duplicate' })),
      'attempt 0: message 0 must be accepted, and was duplicate',
    ],
    [
      'a copy of nothing',
      () => ({ ...withOutcome(0, () => ({ verdict: 'duplicate' })), overlapping: true }),
      'attempt 0: message 0 must be accepted, and was duplicate',
    ],
    [
      'an outcome of no connection',
      () => withOutcome(7, () => ({ connectionId: 'x' })),
      'an outcome is of connection x, which was never made',
    ],
    [
      'a connection that delivers after the next one',
      () => withOutcomes((all) => [...all.slice(0, 19), all[20]!, all[19]!, ...all.slice(21)]),
      'outcome 20 of all is of attempt 0, after one of a later attempt',
    ],
    [
      'a cut without a cause',
      () => ({
        ...right,
        states: right.states.map((s) =>
          s.status === 'closed' ? { status: s.status, connectionId: s.connectionId } : s,
        ),
      }),
      'attempt 0: it ended in order with 20 of 150 frames',
    ],
    [
      'an end that is not reported',
      () => ({ ...right, states: right.states.filter(({ status }) => status !== 'closed') }),
      'attempt 0: its end was reported 0 times',
    ],
    [
      'a failure that nothing is done about',
      () => ({ ...right, states: right.states.filter(({ status }) => status !== 'waiting') }),
      'the failure of connection',
    ],
    ['a meter that counts less', () => ({ ...right, meter: { ...right.meter, frames: 169 } }), 'the meter has'],
    [
      'an audit log with a hole',
      () => ({ ...right, audit: right.audit.toSpliced(7, 1) }),
      'the audit log has 169 records and lost 0; 170 outcomes came out',
    ],
    [
      'an audit log in another order',
      () => ({ ...right, audit: right.audit.toReversed() }),
      'the audit log has 170 records',
    ],
    ['what is left', () => ({ ...right, leftovers: ['1 × Timeout'] }), 'left: 1 × Timeout'],
  ])('notices %s', (_, wrong, said) => {
    expect(discrepancies(wrong()).map((text) => text.slice(0, said.length))).toContain(said);
  });

  it('knows what must become of a message as the simulator does', () => {
    for (const { data, isBinary, expected } of right.attempts[1]!.sent)
      expect(outcomeOf(data, isBinary)).toBe(expected);
  });

  it('is made on the schedule of the seed, the same each time', () => {
    expect(randomSchedule(11, 2)).toEqual(JSON.parse(JSON.stringify(randomSchedule(11, 2))));
    expect(randomSchedule(12, 2)).not.toEqual(randomSchedule(11, 2));
  });
});
