import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { EMPTY, firstValueFrom, lastValueFrom, Subject, take, tap, throwError, timer, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyFrame, RawFrame } from '../../operators/frame.ts';
import {
  ackWith,
  ConsumeTotals,
  DeadLetterError,
  deliveryOf,
  ensureStream,
  fromJetStream,
  PublishTotals,
  toJetStream,
} from '../../src/jetstream/index.ts';
import { callFrame, text } from './calls.ts';
import { NatsServer } from './nats-server.ts';

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;

beforeEach(async () => {
  server = await NatsServer.start();
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  manager = await jetstreamManager(connection);
  await ensureStream(connection, { name: 'S', partitions: 1 });
});

afterEach(async () => {
  await connection.close();
  await server.stop();
});

const SUBJECT = 'genesys.a.b.c.0';

describe('messages under way', () => {
  /** Ten that are sent to a server that stands still. */
  async function underWay() {
    const source$ = new Subject<AnyFrame>();
    const totals = new PublishTotals();
    const ended = lastValueFrom(
      source$.pipe(toJetStream({ connection, stream: 'S', totals, ackTimeout: 600_000 }), toArray()),
    );
    source$.next(callFrame('a', 0));
    await expect.poll(() => totals.published).toBe(1);
    server.freeze();
    for (let n = 1; n <= 10; n += 1) source$.next(callFrame(`conversation-${n}`, n));
    expect(totals.inFlight).toBe(10);
    source$.complete();
    return { ended, totals };
  }

  it('are sent again as soon as a lost connection is back, however long an acknowledgement may take', async () => {
    const { ended, totals } = await underWay();
    await server.kill();
    await server.restart();

    expect(await ended).toHaveLength(11);
    expect(totals.published).toBe(11);
    expect((await manager.streams.info('S-0')).state.messages).toBe(11);
  });

  it('end with the connection, however long an acknowledgement may take', async () => {
    const { ended } = await underWay();
    const failed = expect(ended).rejects.toThrow(/closed/i);
    await connection.close();
    await failed;
  });
});

describe('a group', () => {
  const read = (options = {}) => fromJetStream({ connection, stream: 'S', group: 'g', ...options });

  it('keeps what takes longer than ackWait', async () => {
    await jetstream(connection).publish(SUBJECT, 'x');
    const totals = new ConsumeTotals();
    // Three times ackWait.
    const worked$ = read({ ackWait: 300, totals }).pipe(ackWith<RawFrame>(() => timer(900)));
    const frame = await firstValueFrom(worked$);

    expect(deliveryOf(frame)?.deliveryCount).toBe(1);
    expect(totals.redelivered).toBe(0);
  });

  it('takes the limits of who comes last', async () => {
    await jetstream(connection).publish(SUBJECT, 'x');
    const settings = async (options: object) => {
      await jetstream(connection).publish(SUBJECT, 'x');
      await firstValueFrom(read(options).pipe(ackWith<RawFrame>(() => EMPTY)));
      return (await manager.consumers.info('S-0', 'g')).config;
    };

    expect(await settings({ maxAckPending: 5, ackWait: 2_000 })).toMatchObject({ max_ack_pending: 5, ack_wait: 2e9 });
    expect(await settings({ maxAckPending: 7 })).toMatchObject({ max_ack_pending: 7, ack_wait: 30e9 });
  });

  it('tells empty messages apart', async () => {
    for (let n = 0; n < 5; n += 1) await jetstream(connection).publish(`genesys.a.b.key-${n}.0`, '');
    const keys = await lastValueFrom(
      read().pipe(
        ackWith<RawFrame>(() => EMPTY),
        take(5),
        tap((frame) => expect(text(frame)).toBe('')),
        toArray(),
      ),
    );
    expect(keys.map((frame) => deliveryOf(frame)?.key).sort()).toStrictEqual([
      'key-0',
      'key-1',
      'key-2',
      'key-3',
      'key-4',
    ]);
  });

  it('makes dead letters of messages that were published with conditions, which held then', async () => {
    const conditions = { expect: { streamName: 'S-0', lastSequence: 0 }, msgID: 'the one' };
    await jetstream(connection).publish(SUBJECT, 'x', conditions);
    const failing = () => throwError(() => new DeadLetterError('no'));
    const out = await firstValueFrom(read().pipe(ackWith<RawFrame>(failing)));

    expect(out).toMatchObject({ kind: 'rejected', reason: 'dead-letter' });
    const dead = await manager.streams.getMessage('S-dead', { seq: 1 });
    expect(dead?.header.get('Nats-Expected-Stream')).toBe('');
    expect(dead?.header.get('Rxframe-Dead-Message-Id')).toBe('the one');
  });
});
