import { inspect } from 'node:util';
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import {
  EMPTY,
  filter,
  firstValueFrom,
  lastValueFrom,
  merge,
  Subject,
  take,
  takeUntil,
  tap,
  toArray,
  type Observable,
  NEVER,
} from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyFrame, RawFrame } from '../../operators/frame.ts';
import {
  ackWith,
  ConsumeTotals,
  deleteGroup,
  deliveryOf,
  ensureStream,
  fromJetStream,
  GroupError,
  groupLag,
  StreamMissingError,
  toJetStream,
  type ConsumeNotice,
  type FromJetStreamOptions,
} from '../../src/jetstream/index.ts';
import { calls, text } from './calls.ts';
import { NatsServer } from './nats-server.ts';

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;

beforeAll(async () => {
  server = await NatsServer.start();
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  manager = await jetstreamManager(connection);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

let made = 0;
/** Streams of their own for each test, with so many events of ten conversations. */
async function streams(partitions: number, count: number): Promise<string> {
  const name = `S${(made += 1)}`;
  await ensureStream(connection, { name, prefix: name.toLowerCase(), partitions });
  await add(name, count);
  return name;
}

async function add(stream: string, count: number): Promise<void> {
  if (count > 0) await lastValueFrom(calls(count, 10).pipe(toJetStream({ connection, stream, highWaterMark: count })));
}

/** All frames, acknowledged. */
const read = (options: Omit<FromJetStreamOptions, 'connection'>) =>
  fromJetStream({ connection, ...options }).pipe(ackWith<RawFrame>(() => EMPTY));

const all = (frames$: Observable<AnyFrame>, count: number) => lastValueFrom(frames$.pipe(take(count), toArray()));

describe('fromJetStream', () => {
  it('brings the frames as they were received', async () => {
    const stream = await streams(2, 40);
    const sent = await lastValueFrom(calls(40, 10).pipe(toArray()));
    const got = await all(read({ stream, group: 'g' }), 40);

    const facts = (frame: AnyFrame) => {
      const { frameId, connectionId, sequence, timestamp, isBinary, byteLength } = frame;
      return { frameId, connectionId, sequence, timestamp, isBinary, byteLength, text: text(frame) };
    };
    const bySequence = (one: AnyFrame, other: AnyFrame) => one.sequence - other.sequence;
    expect([...got].sort(bySequence).map(facts)).toStrictEqual([...sent].sort(bySequence).map(facts));
  });

  it('says of each frame what delivered it', async () => {
    const stream = await streams(1, 1);
    const before = Date.now();
    const frame = await firstValueFrom(read({ stream, group: 'g' }));

    expect(deliveryOf(frame)).toMatchObject({
      stream: `${stream}-0`,
      partition: 0,
      sequence: 1,
      deliveryCount: 1,
      subject: `${stream.toLowerCase()}.-.call.conversation-0.0`,
      organizationId: undefined,
      payloadType: 'call',
      key: 'conversation-0',
      messageId: expect.stringMatching(/^.{44}$/) as string,
    });
    expect(Math.abs((deliveryOf(frame)?.storedAt ?? 0) - before)).toBeLessThan(60_000);
  });

  it('says it to a log, and nothing of the connection or its password', async () => {
    const stream = await streams(1, 1);
    const own = await connect({ servers: server.url, user: 'somebody', pass: 'S3CRET' });
    const frame = await firstValueFrom(
      fromJetStream({ connection: own, stream, group: 'g' }).pipe(ackWith<RawFrame>(() => EMPTY)),
    );
    const delivery = deliveryOf(frame);
    await own.close();

    expect(JSON.parse(JSON.stringify(delivery))).toMatchObject({ sequence: 1, key: 'conversation-0' });
    expect(inspect([delivery, frame], { depth: null })).not.toContain('S3CRET');
    expect(JSON.stringify([delivery, frame])).not.toContain('S3CRET');
  });

  it('takes what somebody else has published', async () => {
    const stream = await streams(1, 0);
    await jetstream(connection).publish(`${stream.toLowerCase()}.a.b.c.0`, 'hello');
    await jetstream(connection).publish(`${stream.toLowerCase()}.a.b.c.0`, '');
    const [hello, empty] = await all(read({ stream, group: 'g' }), 2);

    expect(hello).toMatchObject({ kind: 'raw', isBinary: false, connectionId: `${stream}-0`, sequence: 1 });
    expect(empty).toMatchObject({ byteLength: 0, sequence: 2 });
  });

  it('takes what has headers that the client cannot read, or says nonsense of its frame', async () => {
    const stream = await streams(1, 0);
    const subject = `${stream.toLowerCase()}.a.b.c.0`;
    const hostile = [
      'Bad Name: x',
      'Rxframe-Frame: time=1.2.3;opcode=1;sequence=1;connection=x;',
      `Rxframe-Frame: time=${'9'.repeat(20)};opcode=1;sequence=1;connection=x;`,
      `Rxframe-Frame: time=1;opcode=1;sequence=${'9'.repeat(20)};connection=x;`,
    ];
    for (const line of hostile) {
      const encode = () => Buffer.from(`NATS/1.0\r\n${line}\r\n\r\n`);
      connection.publish(subject, 'x', { headers: { encode } as unknown as MsgHdrs });
    }
    const frames = await all(read({ stream, group: 'g' }), hostile.length);

    expect(frames.map(({ connectionId }) => connectionId)).toStrictEqual(hostile.map(() => `${stream}-0`));
    expect(frames.map(({ sequence }) => sequence)).toStrictEqual([1, 2, 3, 4]);
    expect(deliveryOf(frames[0] as AnyFrame)?.messageId).toBeUndefined();
  });

  it('goes on where the group is, and starts other groups anew', async () => {
    const stream = await streams(1, 10);
    await all(read({ stream, group: 'one' }), 4);
    const rest = await all(read({ stream, group: 'one' }), 6);
    const other = await all(read({ stream, group: 'other' }), 10);

    expect(rest.map(({ sequence }) => sequence)).toStrictEqual([4, 5, 6, 7, 8, 9]);
    expect(other.map(({ sequence }) => sequence)).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('begins at a sequence, a time, or what is new', async () => {
    const stream = await streams(1, 10);
    const fifth = await manager.streams.getMessage(`${stream}-0`, { seq: 5 });
    const time = Math.floor(fifth?.time.getTime() ?? 0);
    const first = async (from: FromJetStreamOptions['from'], group: string) =>
      deliveryOf(await firstValueFrom(read({ stream, group, ...(from !== undefined && { from }) })))?.sequence;

    expect(await first(undefined, 'a')).toBe(1);
    expect(await first('first', 'b')).toBe(1);
    expect(await first({ sequence: 7 }, 'c')).toBe(7);
    expect(await first({ time }, 'd')).toBeLessThanOrEqual(5);
    const isReady$ = new Subject<ConsumeNotice>();
    const onlyNew = firstValueFrom(read({ stream, group: 'e', from: 'new', notices: isReady$ }));
    await firstValueFrom(isReady$);
    await add(stream, 12);
    expect(deliveryOf(await onlyNew)?.sequence).toBe(11);
  });

  it('does not let a group begin elsewhere than it did', async () => {
    const stream = await streams(2, 5);
    await all(read({ stream, group: 'g', from: 'first' }), 5);
    await expect(firstValueFrom(read({ stream, group: 'g', from: 'new' }))).rejects.toBeInstanceOf(GroupError);
    await expect(firstValueFrom(read({ stream, group: 'h', from: { sequence: 1 } }))).rejects.toThrow('2 partitions');
  });

  it('fails where there is no such stream', async () => {
    await expect(firstValueFrom(read({ stream: 'NOWHERE', group: 'g' }))).rejects.toBeInstanceOf(StreamMissingError);
  });

  it('has at most maxAckPending of a partition in hand', async () => {
    const stream = await streams(2, 200);
    const totals = new ConsumeTotals();
    const got: AnyFrame[] = [];
    const reading = fromJetStream({ connection, stream, group: 'g', maxAckPending: 5, totals })
      .pipe(ackWith<RawFrame>((frame) => (got.push(frame), NEVER), { concurrency: 100 }))
      .subscribe();
    // Of a conversation one is worked on; with ten of them, and ten in hand, some have more than one in hand.
    await expect.poll(() => totals.inHand).toBe(10);
    expect(await groupLag(connection, { stream, group: 'g' })).toStrictEqual({ waiting: 190, inHand: 10 });
    reading.unsubscribe();
    await expect.poll(() => totals.inHand).toBe(0);
    expect(totals).toMatchObject({ received: 10, acknowledged: 0 });
  });

  it('acknowledges other payload types unread', async () => {
    const stream = await streams(1, 5);
    const prefix = stream.toLowerCase();
    await jetstream(connection).publish(`${prefix}.a.wanted%2Etype.c.0`, 'x');
    const totals = new ConsumeTotals();
    const [frame] = await all(read({ stream, group: 'g', payloadTypes: ['wanted.type'], totals }), 1);

    expect(text(frame as never)).toBe('x');
    expect(totals).toMatchObject({ received: 1, acknowledged: 6 });
  });

  it('shares the partitions with the other members, one to each, and anew when one goes', async () => {
    const stream = await streams(8, 0);
    const owner = new Map<number, string>();
    const seen = new Map<string, number>();
    const member = (id: string) => {
      const notices$ = new Subject<ConsumeNotice>();
      notices$.subscribe((notice) => {
        if (notice.type === 'assigned') {
          expect(owner.get(notice.partition)).toBe(undefined);
          owner.set(notice.partition, id);
        } else if (notice.type === 'revoked') {
          expect(owner.get(notice.partition)).toBe(id);
          owner.delete(notice.partition);
        }
      });
      return read({ stream, group: 'g', id, notices: notices$ }).pipe(tap(() => seen.set(id, (seen.get(id) ?? 0) + 1)));
    };
    const counts = () => ['a', 'b', 'c'].map((id) => [...owner.values()].filter((one) => one === id).length);

    const a = member('a').subscribe();
    await expect.poll(counts).toStrictEqual([8, 0, 0]);
    const b = member('b').subscribe();
    await expect.poll(counts, { timeout: 10_000 }).toStrictEqual([4, 4, 0]);
    const c = member('c').subscribe();
    await expect.poll(() => counts().sort().join(), { timeout: 10_000 }).toBe('2,3,3');
    await add(stream, 300);
    await expect.poll(() => [...seen.values()].reduce((sum, one) => sum + one, 0)).toBe(300);
    expect(seen.size).toBeGreaterThan(1);
    a.unsubscribe();
    c.unsubscribe();
    await expect.poll(counts, { timeout: 10_000 }).toStrictEqual([0, 8, 0]);
    b.unsubscribe();
    await expect.poll(() => owner.size).toBe(0);
  });

  it('gives what was in hand to the next member, in order, long before ackWait is over', async () => {
    const stream = await streams(1, 50);
    const held = fromJetStream({ connection, stream, group: 'g' })
      .pipe(ackWith<RawFrame>(({ sequence }) => (sequence < 7 ? EMPTY : NEVER)))
      .subscribe();
    await expect.poll(() => groupLag(connection, { stream, group: 'g' })).toStrictEqual({ waiting: 0, inHand: 43 });
    held.unsubscribe();
    const rest = await all(read({ stream, group: 'g' }), 43);

    const byConversation = new Map<number, number>();
    for (const { sequence } of rest) {
      expect(sequence).toBeGreaterThan(byConversation.get(sequence % 10) ?? -1);
      byConversation.set(sequence % 10, sequence);
    }
    expect(rest.map(({ sequence }) => sequence).sort((a, b) => a - b)[0]).toBe(7);
  });

  it('is drained by takeUntil: what is worked on is finished, the rest is for the next', async () => {
    const stream = await streams(1, 30);
    const stop$ = new Subject<void>();
    const gates: Subject<void>[] = [];
    const done: number[] = [];
    const drained = lastValueFrom(
      fromJetStream({ connection, stream, group: 'g' }).pipe(
        // eslint-disable-next-line rxjs-x/no-unsafe-takeuntil -- it drains what stands behind it
        takeUntil(stop$),
        ackWith<RawFrame>(
          () => {
            const gate$ = new Subject<void>();
            gates.push(gate$);
            return gate$;
          },
          { concurrency: 4 },
        ),
        tap(({ sequence }) => done.push(sequence)),
      ),
    );
    await expect.poll(() => gates.length).toBe(4);
    stop$.next();
    for (const gate$ of gates) gate$.complete();
    await drained;

    expect(done).toHaveLength(4);
    const rest = await all(read({ stream, group: 'g' }), 26);
    expect([...done, ...rest.map(({ sequence }) => sequence)].sort((a, b) => a - b)).toStrictEqual([
      ...Array(30).keys(),
    ]);
  });

  it('tells when all is given back: then the connection may be closed, and the next member begins at once', async () => {
    const stream = await streams(2, 20);
    const own = await connect({ servers: server.url });
    const totals = new ConsumeTotals();
    const closed$ = new Subject<ConsumeNotice>();
    const isClosed = firstValueFrom(closed$.pipe(filter(({ type }) => type === 'closed')));
    const reading = fromJetStream({ connection: own, stream, group: 'g', totals, notices: closed$ })
      .pipe(ackWith<RawFrame>(() => NEVER))
      .subscribe();
    await expect.poll(() => totals.inHand).toBe(20);
    reading.unsubscribe();
    await isClosed;
    await own.close();

    const began = performance.now();
    const got = await all(read({ stream, group: 'g' }), 20);
    expect(got.map((frame) => deliveryOf(frame)?.deliveryCount)).toStrictEqual(Array(20).fill(2));
    // The lease alone would have lasted for 10 s, and ackWait for 30.
    expect(performance.now() - began).toBeLessThan(8_000);
  });

  it('tells what was filtered out before ackWith, and makes it a dead letter in the end', async () => {
    const stream = await streams(1, 3);
    const notices: ConsumeNotice[] = [];
    const totals = new ConsumeTotals();
    const reading = fromJetStream({
      connection,
      stream,
      group: 'g',
      ackWait: 200,
      maxDeliver: 2,
      totals,
      notices: { next: (notice) => notices.push(notice) },
    }).subscribe();
    await expect.poll(() => totals.deadLettered, { timeout: 10_000 }).toBe(3);
    reading.unsubscribe();

    expect(notices.filter(({ type }) => type === 'unsettled').length).toBeGreaterThanOrEqual(3);
    const { state } = await manager.streams.info(`${stream}-dead`);
    expect(state.messages).toBe(3);
  });

  it('fails where the group is deleted while it is read', async () => {
    const stream = await streams(1, 3);
    const failed = lastValueFrom(read({ stream, group: 'g' }));
    await expect
      .poll(() => groupLag(connection, { stream, group: 'g' }).catch(() => undefined))
      .toStrictEqual({ waiting: 0, inHand: 0 });
    await deleteGroup(connection, { stream, group: 'g' });

    await expect(failed).rejects.toThrow('the group g of');
    await expect(groupLag(connection, { stream, group: 'g' })).rejects.toBeInstanceOf(GroupError);
  });

  it('fails where the connection is closed', async () => {
    const stream = await streams(1, 3);
    const closed = await connect({ servers: server.url });
    const got: AnyFrame[] = [];
    const failed = lastValueFrom(
      fromJetStream({ connection: closed, stream, group: 'g' }).pipe(
        ackWith<RawFrame>(() => EMPTY),
        tap((frame) => got.push(frame)),
      ),
    );
    await expect.poll(() => got.length).toBe(3);
    await closed.close();
    await expect(failed).rejects.toThrow();
  });

  it('goes on by itself after the server was killed', async () => {
    const stream = await streams(2, 20);
    const got: AnyFrame[] = [];
    const reading = merge(read({ stream, group: 'g' }), read({ stream, group: 'g' })).subscribe((frame) =>
      got.push(frame),
    );
    await expect.poll(() => got.length).toBe(20);
    await server.kill();
    await server.restart();
    await add(stream, 60);
    await expect.poll(() => new Set(got.map(({ sequence }) => sequence)).size, { timeout: 20_000 }).toBe(60);
    reading.unsubscribe();
  });

  it.each([
    [{ group: 'a b' }, RangeError, 'fromJetStream: group must be'],
    [{ group: undefined }, TypeError, 'fromJetStream: group must be'],
    [{ id: '' }, RangeError, 'fromJetStream: id must be'],
    [{ from: 'last' }, RangeError, 'fromJetStream: from must be one of "first", "new"'],
    [{ from: { sequence: 0 } }, RangeError, 'fromJetStream: from.sequence must be a positive integer'],
    [{ from: { time: 8.64e15 } }, RangeError, 'fromJetStream: from.time must be milliseconds'],
    [{ from: { time: -1 } }, RangeError, 'fromJetStream: from.time must be milliseconds'],
    [{ from: { time: 'now' } }, TypeError, 'fromJetStream: from.time must be milliseconds'],
    [{ from: { date: 1 } }, TypeError, 'fromJetStream: from: there is no option "date"'],
    [{ maxAckPending: 0 }, RangeError, 'fromJetStream: maxAckPending'],
    [{ ackWait: 0 }, RangeError, 'fromJetStream: ackWait'],
    [{ maxDeliver: 0 }, RangeError, 'fromJetStream: maxDeliver'],
    [{ payloadTypes: 'a' }, TypeError, 'fromJetStream: payloadTypes must be an array'],
    [{ filter: 'a' }, TypeError, 'fromJetStream: there is no option "filter"'],
  ])('does not take %j', (options, type, message) => {
    const call = () => fromJetStream({ connection, stream: 'A', group: 'g', ...options } as FromJetStreamOptions);
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });
});
