import { randomUUID } from 'node:crypto';
import { AckPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { EMPTY, filter, firstValueFrom, lastValueFrom, skip, Subject, take, type OperatorFunction } from 'rxjs';
import { genesysTypes } from 'rxframe/genesys';
import { ackWith, deleteGroup, fromJetStream, type ConsumeNotice } from 'rxframe/jetstream';
import { decode, validate, type RawFrame } from 'rxframe/operators';
import { interactionUpdate } from '../hand-schemas.ts';
import type { Stopwatch } from './stopwatch.ts';
import { PARTITIONS, STREAM, streamOf } from './streams.ts';

/** How many messages of a partition may be in hand: the default of `fromJetStream`. */
const IN_HAND = 256;

/** Reads and acknowledges so many frames as a new group. Its stopwatch runs while it reads. */
export type Consumer = (connection: NatsConnection, count: number, stopwatch: Stopwatch) => Promise<void>;

/** What consumes the frames, by name; the plain ones use the client alone. */
export const consumers = {
  ours: ours(ackWith(() => EMPTY)),
  plain: plain((message) => message.ack()),
  /** Reads what a frame is made of, too. */
  'plain, with the headers': plain((message) => {
    readHeaders(message);
    message.ack();
  }),
  'ours, decoded and validated': ours((frames$) =>
    frames$.pipe(
      decode(genesysTypes),
      validate(),
      ackWith(() => EMPTY),
    ),
  ),
  'plain, with the headers, decoded and validated': plain((message) => {
    readHeaders(message);
    if (!interactionUpdate(message.json())) throw new Error('All frames are valid.');
    message.ack();
  }),
} as const satisfies Record<string, Consumer>;

/** The name of a consumer. */
export type ConsumerName = keyof typeof consumers;

/** What a frame is made of, besides its payload. */
function readHeaders({ headers }: JsMsg): void {
  const [time, opcode, sequence, connection] = (headers?.get('Rxframe-Frame') ?? '').split(';');
  if (time === undefined || opcode === undefined || sequence === undefined || connection === undefined) {
    throw new Error('Each message says what its frame was.');
  }
}

function ours(pipeline: OperatorFunction<RawFrame, unknown>): Consumer {
  return async (connection, count, stopwatch) => {
    const group = randomUUID();
    const notices$ = new Subject<ConsumeNotice>();
    const begun$ = notices$.pipe(filter(({ type }) => type === 'assigned'));
    const ended$ = notices$.pipe(filter(({ type }) => type === 'revoked'));
    const running = begun$.pipe(take(1)).subscribe(() => stopwatch.start());
    const allEnded = firstValueFrom(ended$.pipe(skip(PARTITIONS - 1)));
    await lastValueFrom(
      fromJetStream({ connection, stream: STREAM, group, maxAckPending: IN_HAND, notices: notices$ }).pipe(
        pipeline,
        take(count),
      ),
    );
    stopwatch.stop();
    running.unsubscribe();
    await allEnded;
    await deleteGroup(connection, { stream: STREAM, group });
  };
}

function plain(settle: (message: JsMsg) => void): Consumer {
  return async (connection, count, stopwatch) => {
    const group = randomUUID();
    const manager = await jetstreamManager(connection);
    const { consumers: opened } = jetstream(connection);
    const all = await Promise.all(
      Array.from({ length: PARTITIONS }, async (_, partition) => {
        await manager.consumers.add(streamOf(partition), {
          durable_name: group,
          ack_policy: AckPolicy.Explicit,
          max_ack_pending: IN_HAND,
        });
        return opened.get(streamOf(partition), group);
      }),
    );
    let left = count;
    let finish = (): void => undefined;
    let fail: (error: Error) => void = () => undefined;
    const finished = new Promise<void>((resolve, reject) => ([finish, fail] = [resolve, reject]));
    const callback = (message: JsMsg) => {
      try {
        settle(message);
      } catch (error) {
        // The client would only stop.
        fail(error as Error);
      }
      left -= 1;
      if (left === 0) finish();
    };
    stopwatch.start();
    const reading = await Promise.all(all.map((consumer) => consumer.consume({ max_messages: IN_HAND, callback })));
    await finished;
    stopwatch.stop();
    for (const messages of reading) messages.stop();
    await deleteGroup(connection, { stream: STREAM, group });
  };
}
