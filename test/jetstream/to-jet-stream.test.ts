import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager, type JetStreamManager, type StoredMsg } from '@nats-io/jetstream';
import { from, lastValueFrom, NEVER, of, Subject, tap, throwError, toArray, concat, type Observable } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../operators/decode.ts';
import { OverflowError } from '../../operators/errors.ts';
import { Flow } from '../../operators/flow.ts';
import { RawFrame, type AnyFrame, type RejectedFrame } from '../../operators/frame.ts';
import { validate } from '../../operators/validate.ts';
import {
  ensureStream,
  PublishTotals,
  StreamMissingError,
  toJetStream,
  type PublishNotice,
  type ToJetStreamOptions,
} from '../../src/jetstream/index.ts';
import { genesysTypes } from '../../src/genesys/payload-types.ts';
import { callFrame, calls, parsed, rawFrame, text } from './calls.ts';
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
/** Streams of their own for each test. */
async function streams(partitions = 1): Promise<string> {
  const name = `S${(made += 1)}`;
  await ensureStream(connection, { name, prefix: name.toLowerCase(), partitions });
  return name;
}

async function stored(stream: string): Promise<readonly StoredMsg[]> {
  const { state } = await manager.streams.info(stream);
  const messages: StoredMsg[] = [];
  for (let seq = 1; seq <= state.last_seq; seq += 1) {
    const message = await manager.streams.getMessage(stream, { seq });
    if (message !== null) messages.push(message);
  }
  return messages;
}

function publish<T extends AnyFrame>(source$: Observable<T>, options: Omit<ToJetStreamOptions, 'connection'>) {
  return lastValueFrom(source$.pipe(toJetStream<T>({ connection, ...options }), toArray()));
}

describe('toJetStream', () => {
  it('publishes the bytes as received, and what the frame is in subject and headers', async () => {
    const stream = await streams();
    const payload = '{ "type":"call",\n "conversationId" : "conversation.1", "n":1, "who":"Zoë" }';
    const out = await publish(parsed(of(rawFrame(payload, 41))), { stream, organizationId: 'org 1' });

    expect(out).toHaveLength(1);
    const [message] = await stored(`${stream}-0`);
    expect(message?.subject).toBe(`${stream.toLowerCase()}.org%201.call.conversation%2E1.0`);
    expect(Buffer.from(message?.data ?? [])).toStrictEqual(Buffer.from(payload));
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(payload))).toString('base64');
    expect(Object.fromEntries([...(message?.header ?? [])].map(([name, [value]]) => [name, value]))).toStrictEqual({
      'Nats-Msg-Id': digest,
      'Rxframe-Frame': `time=1750000000041;opcode=1;sequence=41;connection=socket%2E1;type=call;digest=sha-256:${digest}`,
    });
  });

  it('publishes binary frames, and those without a key to any partition', async () => {
    const stream = await streams(4);
    const media = (n: number) => rawFrame(Uint8Array.of(0x80, n, 1, 2, 3), n);
    const frames$ = of(...Array.from({ length: 40 }, (_, n) => media(n))).pipe(decode(genesysTypes), validate());
    await publish(frames$, { stream });

    const counts = await Promise.all([0, 1, 2, 3].map(async (p) => (await stored(`${stream}-${p}`)).length));
    expect(counts.reduce((sum, count) => sum + count)).toBe(40);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    const [message] = await stored(`${stream}-0`);
    expect(message?.subject).toBe(`${stream.toLowerCase()}.-.telephony%2Emedia.-.0`);
    expect(message?.header.get('Rxframe-Frame')).toMatch(/;opcode=2;.*;type=telephony%2Emedia;/);
  });

  it('lets each outcome out once, when it is stored, and keeps the order of a conversation', async () => {
    const stream = await streams(4);
    const totals = new PublishTotals();
    const out = await publish(calls(3_000, 40), { stream, totals, maxInFlight: 64, highWaterMark: 3_000 });

    expect(new Set(out.map(text)).size).toBe(3_000);
    expect(totals).toMatchObject({ published: 3_000, duplicates: 0, retries: 0, refused: 0, inFlight: 0, inside: 0 });
    let count = 0;
    for (const partition of [0, 1, 2, 3]) {
      const last = new Map<string, number>();
      for (const message of await stored(`${stream}-${partition}`)) {
        const { conversationId, n } = message.json<{ conversationId: string; n: number }>();
        expect(n).toBeGreaterThan(last.get(conversationId) ?? -1);
        last.set(conversationId, n);
        count += 1;
      }
    }
    expect(count).toBe(3_000);
  });

  it('has the engine remove the copy of another ingester', async () => {
    const stream = await streams(2);
    const totals = new PublishTotals();
    const [one, other] = await Promise.all([
      publish(calls(500, 20), { stream, totals }),
      publish(calls(500, 20), { stream, totals }),
    ]);

    expect([one.length, other.length]).toStrictEqual([500, 500]);
    expect(totals).toMatchObject({ published: 1_000, duplicates: 500 });
    expect((await stored(`${stream}-0`)).length + (await stored(`${stream}-1`)).length).toBe(500);
  });

  it('goes by messageId and key, where they are given', async () => {
    const stream = await streams();
    const n = (frame: AnyFrame) => (JSON.parse(text(frame)) as { n: number }).n;
    await publish(calls(10, 10), {
      stream,
      messageId: (frame) => `half.${Math.floor(n(frame) / 2)}`,
      key: () => 'all',
    });

    const messages = await stored(`${stream}-0`);
    expect(messages.map(({ header }) => header.get('Nats-Msg-Id'))).toStrictEqual([
      'half%2E0',
      'half%2E1',
      'half%2E2',
      'half%2E3',
      'half%2E4',
    ]);
    expect(messages[0]?.subject).toContain('.all.');
  });

  it('takes what is no text from key and messageId for none, and loses nothing by it', async () => {
    const stream = await streams();
    const totals = new PublishTotals();
    const nothing = [undefined, null, '', 5, {}] as unknown as readonly string[];
    const next = () => nothing[(asked += 1) % nothing.length] as string;
    let asked = 0;
    await publish(calls(10, 10), { stream, totals, key: next, messageId: next });

    expect(totals).toMatchObject({ published: 10, duplicates: 0 });
    expect((await stored(`${stream}-0`)).every(({ subject }) => subject.endsWith('.-.0'))).toBe(true);
  });

  it('lets rejected frames pass, and publishes them where it is told to', async () => {
    const stream = await streams();
    const mixed$ = () => parsed(of(callFrame('a', 1), rawFrame('{"type":"call"'), rawFrame('{"type":"other"}')));
    const reasons = (out: readonly (AnyFrame | RejectedFrame)[]) =>
      out.map((outcome) => (outcome.kind === 'rejected' ? outcome.reason : outcome.kind)).sort();

    expect(reasons(await publish(mixed$(), { stream }))).toStrictEqual(['malformed-json', 'parsed', 'unknown-type']);
    expect(await stored(`${stream}-0`)).toHaveLength(1);
    expect(reasons(await publish(mixed$(), { stream, rejected: true }))).toStrictEqual([
      'malformed-json',
      'parsed',
      'unknown-type',
    ]);
    const messages = await stored(`${stream}-0`);
    expect(messages.map(({ header }) => header.get('Rxframe-Frame').split(';')[6] ?? '').sort()).toStrictEqual([
      '',
      'rejected=decode/malformed-json',
      'rejected=decode/unknown-type',
    ]);
  });

  it('rejects what the engine can never take, and goes on', async () => {
    const stream = await streams();
    const large = JSON.stringify({ type: 'call', conversationId: 'a', n: 1, pad: 'x'.repeat(1_048_576) });
    const totals = new PublishTotals();
    const out = await publish(parsed(of(rawFrame(large), callFrame('a', 2))), { stream, totals });

    expect(out[0]).toMatchObject({ kind: 'rejected', stage: 'to-jet-stream', reason: 'too-large' });
    expect(out[1]).toMatchObject({ kind: 'parsed' });
    expect(totals).toMatchObject({ published: 1, refused: 1, inside: 0 });
  });

  it('rejects thousands in a row', async () => {
    const small = await NatsServer.start('max_payload: 4200');
    const narrow = await connect({ servers: small.url });
    await ensureStream(narrow, { name: 'SMALL', partitions: 1 });
    const flow = new Flow();
    flow.attach({ pause: () => undefined, resume: () => undefined });
    const totals = new PublishTotals();
    const frames$ = from(Array.from({ length: 20_000 }, (_, n) => rawFrame('x'.repeat(200), n)));
    await lastValueFrom(frames$.pipe(toJetStream({ connection: narrow, stream: 'SMALL', flow, totals })));

    expect(totals).toMatchObject({ refused: 20_000, inside: 0 });
    await narrow.close();
    await small.stop();
  });

  it('rejects what is too large for the stream', async () => {
    const stream = await streams();
    const { config } = await manager.streams.info(`${stream}-0`);
    await manager.streams.update(`${stream}-0`, { ...config, max_msg_size: 1_000 });
    const large = JSON.stringify({ type: 'call', conversationId: 'a', n: 1, pad: 'x'.repeat(1_000) });
    const out = await publish(parsed(of(rawFrame(large), callFrame('a', 2))), { stream });

    expect(out.map(({ kind }) => kind)).toStrictEqual(['rejected', 'parsed']);
  });

  it('fails where there is no such stream', async () => {
    await expect(publish(calls(1, 1), { stream: 'NOWHERE' })).rejects.toBeInstanceOf(StreamMissingError);
  });

  it('fails where the connection is closed', async () => {
    const stream = await streams();
    const closed = await connect({ servers: server.url });
    const failed = lastValueFrom(concat(calls(1, 1), NEVER).pipe(toJetStream({ connection: closed, stream })));
    await closed.close();
    await expect(failed).rejects.toThrow(/clos|drain/i);
  });

  it('fails where the client gives up connecting again', async () => {
    const own = await NatsServer.start();
    const other = await connect({ servers: own.url, maxReconnectAttempts: 2, reconnectTimeWait: 50 });
    await ensureStream(other, { name: 'GONE', prefix: 'gone', partitions: 1 });
    const source$ = new Subject<AnyFrame>();
    let out = 0;
    const ended = lastValueFrom(
      source$.pipe(
        toJetStream({ connection: other, stream: 'GONE' }),
        tap(() => (out += 1)),
      ),
    );
    const failed = expect(ended).rejects.toThrow('closed connection');
    source$.next(callFrame('a', 0));
    await expect.poll(() => out).toBe(1);
    await own.kill();
    source$.next(callFrame('a', 1));
    await other.closed();
    source$.next(callFrame('a', 2));
    await failed;
    await own.stop();
  });

  it('fails where the connection is closed while frames are held back', async () => {
    const stream = await streams();
    const closed = await connect({ servers: server.url });
    const totals = new PublishTotals();
    const source$ = new Subject<AnyFrame>();
    const failed = lastValueFrom(source$.pipe(toJetStream({ connection: closed, stream, totals, holdBack: 50 })));
    source$.next(callFrame('a', 0));
    await expect.poll(() => totals.published).toBe(1);
    const { rawData, isBinary, sequence, timestamp, receivedAt } = callFrame('a', 1);
    source$.next(new RawFrame({ rawData, isBinary, connectionId: 'socket.2', sequence, timestamp, receivedAt }));
    await closed.close();
    await expect(failed).rejects.toThrow(/clos/i);
  });

  it('goes on in streams that were removed, and made again with other partitions', async () => {
    const stream = await streams(2);
    const totals = new PublishTotals();
    const source$ = new Subject<AnyFrame>();
    const ended = lastValueFrom(source$.pipe(toJetStream({ connection, stream, totals })));
    source$.next(callFrame('a', 0));
    await expect.poll(() => totals.published).toBe(1);
    await manager.streams.delete(`${stream}-0`);
    await manager.streams.delete(`${stream}-1`);
    for (let n = 1; n <= 20; n += 1) source$.next(callFrame(`conversation-${n}`, n));
    await expect.poll(() => totals.retries).toBe(20);
    await ensureStream(connection, { name: stream, prefix: stream.toLowerCase(), partitions: 1 });
    source$.complete();
    await ended;

    expect(await stored(`${stream}-0`)).toHaveLength(20);
  });

  it('is not troubled by what others on its connection must not publish', async () => {
    const strict = await NatsServer.start(
      `authorization { users = [{ user: u, password: p, permissions: { publish: { deny: ["secret"] } } }] }`,
    );
    const shared = await connect({ servers: strict.url, user: 'u', pass: 'p' });
    await ensureStream(shared, { name: 'SHARED', partitions: 1 });
    const totals = new PublishTotals();
    const source$ = new Subject<AnyFrame>();
    const ended = lastValueFrom(source$.pipe(toJetStream({ connection: shared, stream: 'SHARED', totals })));
    source$.next(callFrame('a', 0));
    await expect.poll(() => totals.published).toBe(1);
    shared.publish('secret');
    for (let n = 1; n <= 100; n += 1) source$.next(callFrame(`conversation-${n}`, n));
    source$.complete();
    await ended;

    expect(totals).toMatchObject({ published: 101, retries: 0 });
    await shared.close();
    await strict.stop();
  });

  it('holds the flow at the high-water mark, and releases it', async () => {
    const stream = await streams();
    const flow = new Flow();
    const pauses: string[] = [];
    const out: AnyFrame[] = [];
    flow.attach({
      pause: () => pauses.push('pause'),
      resume: () => pauses.push(`resume with ${20 - out.length} inside`),
    });
    const publishing = concat(calls(20, 1), NEVER)
      .pipe(toJetStream({ connection, stream, flow, highWaterMark: 8 }))
      .subscribe((outcome) => out.push(outcome));
    await expect.poll(() => out.length).toBe(20);
    publishing.unsubscribe();

    expect(pauses).toStrictEqual(['pause', 'resume with 5 inside']);
  });

  it('fails above the high-water mark where nothing can be paused', async () => {
    const stream = await streams();
    await expect(publish(calls(20, 1), { stream, highWaterMark: 8 })).rejects.toBeInstanceOf(OverflowError);
  });

  it('gives up what is inside when it is unsubscribed from, and releases the flow', async () => {
    const stream = await streams();
    const flow = new Flow();
    flow.attach({ pause: () => undefined, resume: () => undefined });
    const totals = new PublishTotals();
    const source$ = new Subject<AnyFrame>();
    const subscription = source$.pipe(toJetStream({ connection, stream, flow, totals, highWaterMark: 2 })).subscribe();
    source$.next(callFrame('a', 1));
    source$.next(callFrame('a', 2));
    expect(flow.held).toBe(true);
    subscription.unsubscribe();

    expect(flow.held).toBe(false);
    expect(totals).toMatchObject({ inside: 0, inFlight: 0 });
    expect(source$.observed).toBe(false);
  });

  it('passes the error of the source on, after what came before it', async () => {
    const stream = await streams();
    const out: string[] = [];
    const source$ = concat(
      calls(3, 1),
      throwError(() => new Error('the source')),
    );
    const failure = await new Promise((resolve) => {
      source$
        .pipe(toJetStream({ connection, stream }))
        .subscribe({ next: (frame) => out.push(text(frame)), error: resolve });
    });
    expect(out).toHaveLength(3);
    expect(failure).toStrictEqual(new Error('the source'));
  });

  it('passes on what key and messageId throw', async () => {
    const stream = await streams();
    const failing = () => {
      throw new Error('mine');
    };
    await expect(publish(calls(1, 1), { stream, key: failing })).rejects.toThrow('mine');
    await expect(publish(calls(1, 1), { stream, messageId: failing })).rejects.toThrow('mine');
  });

  it('sends again what an engine that stood still has not acknowledged, and stores it once', async () => {
    const stream = await streams();
    const notices: PublishNotice[] = [];
    const source$ = new Subject<AnyFrame>();
    const out: AnyFrame[] = [];
    const options = { stream, ackTimeout: 100, notices: { next: (notice: PublishNotice) => notices.push(notice) } };
    const ended = lastValueFrom(
      source$.pipe(
        toJetStream({ connection, ...options }),
        tap((outcome) => out.push(outcome)),
      ),
    );
    source$.next(callFrame('a', 0));
    await expect.poll(() => out.length).toBe(1);
    server.freeze();
    for (let n = 1; n < 50; n += 1) source$.next(callFrame(`conversation-${n % 5}`, n));
    await expect.poll(() => notices.length).toBeGreaterThan(0);
    server.thaw();
    source$.complete();
    await ended;

    expect(out).toHaveLength(50);
    expect(notices.map(({ type }) => type)).toStrictEqual(['stalled', 'resumed']);
    const ids = (await stored(`${stream}-0`)).map(({ header }) => header.get('Nats-Msg-Id'));
    expect(ids).toHaveLength(50);
    expect(new Set(ids).size).toBe(50);
  });

  it('holds back what a new connection brings, and nothing of a connection that it knows', async () => {
    const stream = await streams();
    const source$ = new Subject<AnyFrame>();
    const out: number[] = [];
    const began = performance.now();
    const ended = lastValueFrom(
      source$.pipe(
        toJetStream({ connection, stream, holdBack: 300 }),
        tap(() => out.push(performance.now() - began)),
      ),
    );
    source$.next(callFrame('a', 1));
    await expect.poll(() => out.length).toBe(1);
    const first = performance.now() - began;
    source$.next(callFrame('b', 2));
    await expect.poll(() => out.length).toBe(2);
    source$.complete();
    await ended;

    expect(out[0]).toBeGreaterThanOrEqual(299);
    expect((out[1] ?? 0) - first).toBeLessThan(300);
  });

  it('keeps nothing for a connection that is lost, and goes on when it is back', async () => {
    const stream = await streams();
    const totals = new PublishTotals();
    const notices: PublishNotice[] = [];
    const source$ = new Subject<AnyFrame>();
    const options = { connection, stream, totals, notices: { next: (notice: PublishNotice) => notices.push(notice) } };
    const ended = lastValueFrom(source$.pipe(toJetStream(options)));
    source$.next(callFrame('a', 0));
    await expect.poll(() => totals.published).toBe(1);
    await server.kill();
    for (let n = 1; n <= 500; n += 1) source$.next(callFrame(`conversation-${n}`, n));
    await expect.poll(() => notices.length).toBeGreaterThan(0);
    const { retries } = totals;
    await expect.poll(() => totals.retries).toBeGreaterThan(retries + 2);
    expect(totals).toMatchObject({ published: 1, inFlight: 0, inside: 500 });
    await server.restart();
    source$.complete();
    await ended;

    expect(totals).toMatchObject({ published: 501, duplicates: 0, inside: 0 });
    expect(notices.map(({ type }) => type)).toStrictEqual(['stalled', 'resumed']);
    expect(await stored(`${stream}-0`)).toHaveLength(501);
  });

  it('fails where it must not publish', async () => {
    const stream = await streams();
    const strict = await NatsServer.start(
      `authorization { users = [{ user: u, password: p, permissions: { publish: { allow: ["$JS.API.>", "KV.>"] } } }] }`,
    );
    const denied = await connect({ servers: strict.url, user: 'u', pass: 'p' });
    await ensureStream(denied, { name: stream, partitions: 1 });
    const failed = lastValueFrom(concat(calls(1, 1), NEVER).pipe(toJetStream({ connection: denied, stream })));
    await expect(failed).rejects.toThrow(/permission/i);
    await denied.close();
    await strict.stop();
  });

  it.each([
    [{ stream: 'a b' }, RangeError, 'toJetStream: stream must be'],
    [{ stream: 'A', maxInFlight: 0 }, RangeError, 'toJetStream: maxInFlight must be a positive integer'],
    [{ stream: 'A', ackTimeout: -1 }, RangeError, 'toJetStream: ackTimeout must be'],
    [{ stream: 'A', key: 'id' }, TypeError, 'toJetStream: key must be a function'],
    [{ stream: 'A', organizationId: 5 }, TypeError, 'toJetStream: organizationId must be a text'],
    [{ stream: 'A', subject: 'x' }, TypeError, 'toJetStream: there is no option "subject"'],
    [{ stream: 'A', connection: {} }, TypeError, 'toJetStream: connection must be an object with a method publish()'],
  ])('does not take %j', (options, type, message) => {
    const call = () => toJetStream({ connection, ...options } as ToJetStreamOptions);
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });
});
