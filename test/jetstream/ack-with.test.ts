import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { EMPTY, lastValueFrom, of, Subject, take, takeUntil, throwError, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawFrame } from '../../operators/frame.ts';
import {
  ackWith,
  ConsumeTotals,
  DeadLetterError,
  ensureStream,
  fromJetStream,
  toJetStream,
  type ConsumeNotice,
  type FromJetStreamOptions,
} from '../../src/jetstream/index.ts';
import { callFrame, calls, parsed, rawFrame, text } from './calls.ts';
import { NatsServer } from './nats-server.ts';

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;

beforeAll(async () => {
  server = await NatsServer.start();
  connection = await connect({ servers: server.url });
  manager = await jetstreamManager(connection);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

let made = 0;
async function streams(frames$ = calls(0, 1)): Promise<string> {
  const name = `S${(made += 1)}`;
  await ensureStream(connection, { name, prefix: name.toLowerCase(), partitions: 2 });
  await lastValueFrom(frames$.pipe(toJetStream({ connection, stream: name, rejected: true })), {
    defaultValue: undefined,
  });
  return name;
}

const source = (stream: string, options: Partial<FromJetStreamOptions> = {}) =>
  parsed(fromJetStream({ connection, stream, group: 'g', ...options }));

describe('ackWith', () => {
  it('works on one frame of a conversation at a time, in order, and on several conversations side by side', async () => {
    const stream = await streams(calls(200, 10));
    const working = new Set<string>();
    const last = new Map<string, number>();
    let most = 0;
    const out = await lastValueFrom(
      source(stream).pipe(
        ackWith(async ({ decodedData: { conversationId, n } }) => {
          expect(working.has(conversationId)).toBe(false);
          expect(n).toBeGreaterThan(last.get(conversationId) ?? -1);
          working.add(conversationId);
          most = Math.max(most, working.size);
          await new Promise(setImmediate);
          last.set(conversationId, n);
          working.delete(conversationId);
        }),
        take(200),
        toArray(),
      ),
    );
    expect(new Set(out.map(text)).size).toBe(200);
    expect(most).toBeGreaterThan(3);
  });

  it('works on as many at a time as it may', async () => {
    const stream = await streams(calls(100, 50));
    let active = 0;
    let most = 0;
    await lastValueFrom(
      source(stream).pipe(
        ackWith(
          async () => {
            active += 1;
            most = Math.max(most, active);
            await new Promise(setImmediate);
            active -= 1;
          },
          { concurrency: 3 },
        ),
        take(100),
      ),
    );
    expect(most).toBe(3);
  });

  it('tries failed work again, with the frames behind it waiting', async () => {
    const stream = await streams(calls(6, 2));
    const notices: ConsumeNotice[] = [];
    const totals = new ConsumeTotals();
    const done: string[] = [];
    let failures = 0;
    await lastValueFrom(
      source(stream, { totals, notices: { next: (notice) => notices.push(notice) } }).pipe(
        ackWith((frame) => {
          if (frame.decodedData.n === 0 && failures < 1) {
            failures += 1;
            return throwError(() => new Error('not now'));
          }
          done.push(`${frame.decodedData.conversationId}/${frame.decodedData.n}`);
          return EMPTY;
        }),
        take(6),
      ),
    );
    expect(done.filter((one) => one.startsWith('conversation-0'))).toStrictEqual([
      'conversation-0/0',
      'conversation-0/2',
      'conversation-0/4',
    ]);
    expect(done.filter((one) => one.startsWith('conversation-1'))).toHaveLength(3);
    expect(done.slice(0, 3).every((one) => one.startsWith('conversation-1'))).toBe(true);
    expect(notices.filter(({ type }) => type === 'failed')).toMatchObject([
      { cause: new Error('not now'), delivery: { sequence: 1 } },
    ]);
    expect(totals).toMatchObject({ retries: 1, acknowledged: 6, deadLettered: 0, redelivered: 0 });
  });

  it('makes a dead letter of what failed maxDeliver times, and goes on behind it', async () => {
    const stream = await streams(calls(3, 1));
    const totals = new ConsumeTotals();
    const out = await lastValueFrom(
      source(stream, { totals, maxDeliver: 2 }).pipe(
        ackWith(({ decodedData: { n } }) => (n === 1 ? throwError(() => new Error('never.this > one')) : EMPTY)),
        take(3),
        toArray(),
      ),
    );
    expect(out[1]).toMatchObject({
      kind: 'rejected',
      stage: 'ack-with',
      reason: 'dead-letter',
      issues: [{ message: 'never.this > one' }],
    });
    expect(totals).toMatchObject({ retries: 1, deadLettered: 1, acknowledged: 3 });
    const dead = await manager.streams.getMessage(`${stream}-dead`, { seq: 1 });
    expect(dead?.subject).toBe(`${stream.toLowerCase()}-dead.g.-.call.conversation-0`);
    expect(JSON.parse(Buffer.from(dead?.data ?? []).toString())).toMatchObject({ n: 1 });
    const origin = dead?.header.get('Rxframe-Dead-Stream') ?? '';
    expect(origin).toMatch(/^S\d+-[01]:2$/);
    expect(dead?.header.get('Rxframe-Dead-Reason')).toBe('never%2Ethis%20%3E%20one');
    expect(dead?.header.get('Rxframe-Frame')).toContain(';sequence=1;connection=socket%2E1;type=call;');
    expect(dead?.header.get('Rxframe-Dead-Message-Id')).toMatch(/^.{44}$/);
  });

  it('makes a dead letter at once of what fails for good, and of what a stage has rejected', async () => {
    const stream = await streams(parsed(of(callFrame('a', 1), rawFrame('{"type":"call"'))));
    const totals = new ConsumeTotals();
    const out = await lastValueFrom(
      source(stream, { totals }).pipe(
        ackWith(() => throwError(() => new DeadLetterError('no such customer'))),
        take(2),
        toArray(),
      ),
    );
    expect(out.map((frame) => (frame.kind === 'rejected' ? frame.reason : '')).sort()).toStrictEqual([
      'dead-letter',
      'malformed-json',
    ]);
    expect(totals).toMatchObject({ retries: 0, deadLettered: 2, acknowledged: 2, inHand: 0 });
  });

  it('makes dead letters of what fails with anything at all, and of what is too large with its reason', async () => {
    const stream = await streams(calls(4, 4));
    connection.publish(`${stream.toLowerCase()}.a.b.c.0`, new Uint8Array(1_048_576));
    const thrown: readonly unknown[] = [
      undefined,
      Object.create(null),
      Object.assign(new Error(), { message: Symbol('m') }),
      Symbol('s'),
    ];
    let failures = 0;
    const totals = new ConsumeTotals();
    const out = await lastValueFrom(
      fromJetStream({ connection, stream, group: 'g', totals, maxDeliver: 1 }).pipe(
        ackWith<RawFrame>(() => throwError(() => thrown[(failures += 1) % thrown.length])),
        take(5),
        toArray(),
      ),
    );

    expect(out.every(({ kind }) => kind === 'rejected')).toBe(true);
    expect(totals).toMatchObject({ deadLettered: 5, acknowledged: 5 });
    const large = await manager.streams.getMessage(`${stream}-dead`, {
      last_by_subj: `${stream.toLowerCase()}-dead.g.a.b.c`,
    });
    expect(large?.data).toHaveLength(0);
    expect(large?.header.get('Rxframe-Dead-Stream')).toMatch(new RegExp(`^${stream}-0:\\d$`));
  });

  it('fails, and acknowledges nothing, where a dead letter must not be published', async () => {
    const stream = await streams(calls(1, 1));
    const drained = await connect({ servers: server.url });
    const totals = new ConsumeTotals();
    const work$ = new Subject<void>();
    const failed = lastValueFrom(
      fromJetStream({ connection: drained, stream, group: 'g', totals }).pipe(ackWith<RawFrame>(() => work$)),
    );
    await expect.poll(() => work$.observed).toBe(true);
    const closed = drained.drain();
    work$.error(new DeadLetterError('no such customer'));
    await expect(failed).rejects.toThrow(/drain/);
    await closed;

    expect(totals).toMatchObject({ deadLettered: 0, acknowledged: 0, inHand: 0 });
  });

  it('gives up a message that was delivered too often without being worked on', async () => {
    const stream = await streams(calls(1, 1));
    const hold = () =>
      fromJetStream({ connection, stream, group: 'g', maxDeliver: 1 }).pipe(ackWith<RawFrame>(() => new Subject()));
    const totals = new ConsumeTotals();
    const first = fromJetStream({ connection, stream, group: 'g', totals })
      .pipe(ackWith<RawFrame>(() => new Subject()))
      .subscribe();
    await expect.poll(() => totals.inHand).toBe(1);
    first.unsubscribe();
    const [out] = await lastValueFrom(hold().pipe(take(1), toArray()));

    expect(out).toMatchObject({ kind: 'rejected', reason: 'dead-letter' });
  });

  it('does not wait for frames that rest after a failure when it is drained', async () => {
    const stream = await streams(calls(4, 2));
    const stop$ = new Subject<void>();
    const totals = new ConsumeTotals();
    const drained = lastValueFrom(
      source(stream, { totals }).pipe(
        // eslint-disable-next-line rxjs-x/no-unsafe-takeuntil -- it drains what stands behind it
        takeUntil(stop$),
        ackWith(() => throwError(() => new Error('not now'))),
      ),
      { defaultValue: 'nothing' },
    );
    await expect.poll(() => totals.retries).toBe(2);
    stop$.next();

    expect(await drained).toBe('nothing');
    await expect.poll(() => totals.inHand).toBe(0);
    expect(totals.acknowledged).toBe(0);
  });

  it('unsubscribes from the work when it is unsubscribed from', async () => {
    const stream = await streams(calls(1, 1));
    const work$ = new Subject<void>();
    const reading = source(stream)
      .pipe(ackWith(() => work$))
      .subscribe();
    await expect.poll(() => work$.observed).toBe(true);
    reading.unsubscribe();
    expect(work$.observed).toBe(false);
  });

  it('fails on a frame that is not from fromJetStream', async () => {
    await expect(lastValueFrom(of(callFrame('a', 1)).pipe(ackWith(() => EMPTY)))).rejects.toThrow(
      'ackWith stands after fromJetStream: this frame is not from there',
    );
  });

  it('does not take a wrong option', () => {
    expect(() => ackWith('work' as never)).toThrow(TypeError);
    expect(() => ackWith(() => EMPTY, { concurrency: 0 })).toThrow('ackWith: concurrency must be a positive integer');
    expect(() => ackWith(() => EMPTY, { parallel: 2 } as never)).toThrow('there is no option "parallel"');
  });
});
