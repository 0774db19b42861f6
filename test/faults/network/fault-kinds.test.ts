import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import type { Account, Outcome } from './account.ts';
import { discrepancies } from './discrepancies.ts';
import type { Fault, Plan } from './fault.ts';
import { runSchedule, type RunOptions } from './run-schedule.ts';
import { HEAD, placedFrames, TRAFFIC } from './traffic.ts';

const SEED = 3;
const FRAMES = placedFrames(SEED, 0);
const LAST = FRAMES.at(-1)!;

/** In the middle of the 21st frame: 20 frames are whole before it. */
const IN_FRAME = FRAMES[20]!.start + 100;
/** Behind the 20th frame. */
const BETWEEN = FRAMES[20]!.start;

interface Story {
  readonly account: Account;
  /** The states of the first attempt, and what was reported next. */
  readonly states: readonly ConnectionState[];
  /** What came out of the first attempt. */
  readonly outcomes: readonly Outcome[];
  readonly cause: unknown;
  readonly attempts: number;
}

/** No clock of the client's takes part: what happens depends on the bytes alone, however slow the machine is. */
const PATIENT: RunOptions = { connect: { heartbeat: false, handshakeTimeout: 10_000 } };
const WATCHFUL: RunOptions = { connect: { heartbeat: { interval: 100, timeout: 150 }, handshakeTimeout: 10_000 } };

/** Lets one attempt after the other meet its plan, and the last one none; all must agree. */
async function meet(plans: readonly Plan[], options = PATIENT, leaveAfter: number | null = null): Promise<Story> {
  const account = await runSchedule({ seed: SEED, rate: null, plans, handoversAfter: [], leaveAfter }, options);
  expect(discrepancies(account)).toEqual([]);
  const { states, attempts } = account;
  const next = states.findIndex(({ status }, place) => status === 'connecting' && place > 0);
  const first = next < 0 ? states : states.slice(0, next);
  const closed = first.find((state) => state.status === 'closed');
  return {
    account,
    states: first,
    outcomes: account.outcomes.filter(({ connectionId }) => connectionId === closed?.connectionId),
    cause: closed?.cause,
    attempts: attempts.length,
  };
}

const statuses = (states: readonly ConnectionState[]) => states.map(({ status }) => status);
const waiting = (states: readonly ConnectionState[]) =>
  states.flatMap((state) => (state.status === 'waiting' ? [state.failure] : []));

const silence = { code: 'ERR_TIMEOUT', during: 'heartbeat', timeout: 150 };

describe('a connection that is cut', () => {
  it.each(['fin', 'rst'] as const)('by %s within a frame ends with 1006, and without that frame', async (kind) => {
    const { states, cause, outcomes, account } = await meet([[{ at: IN_FRAME, kind }]]);
    expect(statuses(states)).toEqual(['connecting', 'open', 'closed', 'waiting']);
    expect(waiting(states)).toEqual(['transient']);
    expect(cause).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1006 });
    expect(outcomes).toHaveLength(20);
    expect(account.outcomes).toHaveLength(20 + TRAFFIC.frames);
    expect(account.end).toBe('complete');
  });

  it.each(['fin', 'rst'] as const)('by %s between two frames brings all frames before', async (kind) => {
    const { cause, outcomes } = await meet([[{ at: BETWEEN, kind }]]);
    expect(cause).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1006 });
    expect(outcomes).toHaveLength(20);
  });

  it.each(['fin', 'rst'] as const)('by %s within the answer to the upgrade never opens', async (kind) => {
    const { states, cause } = await meet([[{ at: HEAD - 1, kind }]]);
    expect(statuses(states)).toEqual(['connecting', 'closed', 'waiting']);
    expect(waiting(states)).toEqual(['transient']);
    expect(cause).toMatchObject({ code: 'ERR_NETWORK' });
  });
});

describe('a connection that is refused', () => {
  it('is tried again with backoff until it is made', async () => {
    const { cause, account, attempts } = await meet(['refused', 'refused', 'refused']);
    expect(cause).toMatchObject({ code: 'ERR_NETWORK', cause: { code: 'ECONNREFUSED' } });
    const waits = account.states.flatMap((state) => (state.status === 'waiting' ? [state] : []));
    expect(waits).toMatchObject([1, 2, 3].map((attempt) => ({ attempt, failure: 'transient' })));
    expect(waits.every(({ delay, attempt }) => delay <= 5 * 2 ** (attempt - 1))).toBe(true);
    expect(attempts).toBe(4);
    expect(account.outcomes).toHaveLength(TRAFFIC.frames);
  });

  it('by a reset in place of a connection counts as the network too', async () => {
    const { states, cause } = await meet(['reset']);
    expect(cause).toMatchObject({ code: 'ERR_NETWORK', cause: { code: 'ECONNRESET' } });
    expect(waiting(states)).toEqual(['transient']);
  });
});

describe('a connection that falls silent', () => {
  it.each([
    ['stalls for longer than the heartbeat waits', { at: IN_FRAME, kind: 'stall', ms: 5_000 }],
    ['is dead towards the client', { at: IN_FRAME, kind: 'dead', way: 'to-client' }],
    ['is dead both ways', { at: IN_FRAME, kind: 'dead', way: 'both' }],
  ] satisfies [string, Fault][])('and %s is given up by the heartbeat', async (_, fault) => {
    const { states, cause, outcomes } = await meet([[fault]], WATCHFUL);
    expect(cause).toMatchObject(silence);
    expect(waiting(states)).toEqual(['transient']);
    expect(outcomes).toHaveLength(20);
  });

  it('and is dead towards the server is given up once nothing comes of itself', async () => {
    const { cause, outcomes } = await meet([[{ at: BETWEEN, kind: 'dead', way: 'to-server' }]], {
      ...WATCHFUL,
      simulator: { script: [{ connection: 0, at: 40, stall: Infinity }] },
    });
    expect(cause).toMatchObject(silence);
    expect(outcomes).toHaveLength(40);
  });

  it.each([0, HEAD - 1])(
    'after %i bytes of the answer to the upgrade is given up when the handshake takes too long',
    async (at) => {
      const { states, cause } = await meet([[{ at, kind: 'dead', way: 'to-client' }]], {
        connect: { heartbeat: false, handshakeTimeout: 300 },
      });
      expect(statuses(states)).toEqual(['connecting', 'closed', 'waiting']);
      expect(cause).toMatchObject({ code: 'ERR_TIMEOUT', during: 'handshake', timeout: 300 });
    },
  );

  it('for a shorter time than the heartbeat waits goes on as if nothing had been', async () => {
    const { account, attempts } = await meet([[{ at: IN_FRAME, kind: 'stall', ms: 200 }]], {
      connect: { heartbeat: { interval: 100, timeout: 5_000 } },
    });
    expect(attempts).toBe(1);
    expect(account.outcomes).toHaveLength(TRAFFIC.frames);
  });

  it('can be left, and its socket is let go after closeTimeout', async () => {
    const left = await meet([[{ at: BETWEEN, kind: 'dead', way: 'both' }]], PATIENT, 20);
    expect(statuses(left.states)).toEqual(['connecting', 'open', 'closing', 'closed']);
    expect(left.cause).toBeUndefined();
    expect(left.outcomes).toHaveLength(20);
    expect(left.account.end).toBe('complete');
  });
});

describe('a connection that is slow', () => {
  it.each([
    ['that delays each piece', { at: 0, kind: 'delay', bytes: LAST.end, ms: 20 }],
    ['of single bytes, from the answer to the upgrade on', { at: 0, kind: 'fragment', bytes: FRAMES[4]!.start + 1 }],
  ] satisfies [string, Fault][])('%s brings all, in order', async (_, fault) => {
    const { account, attempts } = await meet([[fault]]);
    expect(attempts).toBe(1);
    expect(account.outcomes).toHaveLength(TRAFFIC.frames);
  });

  it('of so many bytes a second brings all, no faster', async () => {
    const began = performance.now();
    const throttle: Fault = { at: 0, kind: 'throttle', bytes: 50_000, bytesPerSecond: 100_000 };
    const { account, attempts } = await meet([[throttle]]);
    expect(performance.now() - began).toBeGreaterThan(400);
    expect(attempts).toBe(1);
    expect(account.outcomes).toHaveLength(TRAFFIC.frames);
  });
});

describe('a connection that alters bytes', () => {
  /** A text frame that is well as it was sent. */
  const healthy = () => FRAMES[20]!;

  it('in a payload delivers another message, and costs that message alone: WebSocket has no checksum', async () => {
    const { account, attempts, outcomes } = await meet([[{ at: healthy().end - 1, kind: 'corrupt', flip: 0x01 }]]);
    expect(attempts).toBe(1);
    expect(outcomes).toHaveLength(TRAFFIC.frames);
    const wrong = outcomes.flatMap(({ rawData, verdict }, place) =>
      account.attempts[0]!.sent[place]!.data.equals(rawData) ? [] : [[place, verdict]],
    );
    expect(wrong).toEqual([[20, 'malformed-json']]);
  });

  it('in the opcode is closed with 1002, as a breach of the protocol', async () => {
    const { states, cause, outcomes } = await meet([[{ at: healthy().start, kind: 'corrupt', flip: 0x40 }]]);
    expect(cause).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1002 });
    expect(waiting(states)).toEqual(['protocol']);
    expect(outcomes).toHaveLength(20);
  });

  it('is told as that breach also where the closing handshake is never answered', async () => {
    const { start, end } = healthy();
    const faults: Fault[] = [
      { at: start, kind: 'corrupt', flip: 0x40 },
      { at: end, kind: 'dead', way: 'both' },
    ];
    const { cause } = await meet([faults], { connect: { heartbeat: { interval: 50, timeout: 50 } } });
    expect(cause).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1002 });
  });

  it('in a length that is then over maxPayload is closed with 1009', async () => {
    const place = FRAMES.findIndex(({ header }) => header === 10);
    const { states, cause, outcomes } = await meet([[{ at: FRAMES[place]!.start + 6, kind: 'corrupt', flip: 0x01 }]]);
    expect(cause).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1009 });
    expect(waiting(states)).toEqual(['protocol']);
    expect(outcomes).toHaveLength(place);
  });

  it('in the answer to the upgrade never opens', async () => {
    const { states, cause } = await meet([[{ at: HEAD - 10, kind: 'corrupt', flip: 0x01 }]]);
    expect(statuses(states)).toEqual(['connecting', 'closed', 'waiting']);
    expect(cause).toMatchObject({ code: 'ERR_NETWORK', cause: { message: 'Invalid Sec-WebSocket-Accept header' } });
  });
});

it('the same schedule gives the same outcomes and the same failures', async () => {
  const plans: Plan[] = [
    [{ at: IN_FRAME, kind: 'rst' }],
    [
      { at: 400, kind: 'corrupt', flip: 4 },
      { at: 30_000, kind: 'fin' },
    ],
    'refused',
    [
      { at: 5_000, kind: 'corrupt', flip: 0x20 },
      { at: 50_000, kind: 'fragment', bytes: 100 },
      { at: 60_000, kind: 'rst' },
    ],
  ];
  const told = async () => {
    const { account } = await meet(plans);
    return [
      account.outcomes.map(({ rawData, verdict }) => `${Buffer.from(rawData).toString('base64')} ${verdict}`),
      account.states.map((state) => [state.status, 'cause' in state && (state.cause as { code: string }).code]),
      account.states.map((state) => 'delay' in state && state.delay),
    ];
  };
  expect(await told()).toEqual(await told());
});
