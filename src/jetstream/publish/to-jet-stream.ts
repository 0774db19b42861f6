import type { NatsConnection } from '@nats-io/transport-node';
import { Observable, type NextObserver, type OperatorFunction } from 'rxjs';
import { endingWith } from '../../../operators/ending-with.ts';
import type { Flow } from '../../../operators/flow.ts';
import { isRejected, type AnyFrame, type RejectedFrame } from '../../../operators/frame.ts';
import {
  callable,
  duration,
  durationOrZero,
  flag,
  knownOptions,
  optionError,
  positiveInteger,
  withMethod,
} from '../../../operators/options.ts';
import { reporter } from '../../../operators/reporter.ts';
import { conversationOf } from './conversation-of.ts';
import type { PublishNotice } from './publish-notice.ts';
import { PublishTotals } from './publish-totals.ts';
import { Publisher } from './publisher.ts';
import { checkedName } from '../streams/checked-name.ts';

/** Options of {@link toJetStream}. */
export interface ToJetStreamOptions {
  /** A connection of `@nats-io/transport-node`. It stays open; with `maxReconnectAttempts: -1` it comes back whenever the engine does. */
  readonly connection: NatsConnection;
  /** The name that `ensureStream` was given. */
  readonly stream: string;
  /** The second token of the subjects. @defaultValue none: `-` */
  readonly organizationId?: string;
  /**
   * What has to stay in order among itself, and comes to one partition: the fourth token of the subject. `undefined` for a frame that may
   * overtake all others; what is no text, or empty, counts as that. @defaultValue `conversationOf`
   */
  readonly key?: (frame: AnyFrame) => string | undefined;
  /**
   * What makes two frames the same event, in whatever process: the engine keeps one of them. Must be the same in all ingesters. Where it
   * gives no text, or an empty one, the default is taken.
   * @defaultValue the payload type's `identity`, else the SHA-256 of the payload
   */
  readonly messageId?: (frame: AnyFrame) => string;
  /** Publish rejected frames too. @defaultValue false: they pass at once */
  readonly rejected?: boolean;
  /** How many are sent and not acknowledged, at most. @defaultValue 512 */
  readonly maxInFlight?: number;
  /** With so many outcomes inside, the flow is held; with half of them it is released. @defaultValue 2,048 */
  readonly highWaterMark?: number;
  /** The one that the connection has: through it the socket is paused while the engine is slow or down. @defaultValue none */
  readonly flow?: Flow;
  /** How long an acknowledgement may take, in milliseconds, before the message is sent again. @defaultValue 5,000 */
  readonly ackTimeout?: number;
  /**
   * For how long nothing is sent after the first frame of a new connection, in milliseconds. **With several ingesters of the same topics** it is what
   * keeps the order of a key where one of them starts or connects again: what it gets first would otherwise overtake what came before it, and
   * is still inside another one. Longer than that one may be behind: 10,000 is enough for one that is healthy. Size `highWaterMark` for what
   * comes in that time. @defaultValue 0
   */
  readonly holdBack?: number;
  /** Counts what becomes of the outcomes. @defaultValue nothing */
  readonly totals?: PublishTotals;
  /** Told when the engine stops taking messages, and when it goes on. @defaultValue nobody */
  readonly notices?: NextObserver<PublishNotice>;
}

const OPTIONS = [
  'connection',
  'stream',
  'organizationId',
  'key',
  'messageId',
  'rejected',
  'maxInFlight',
  'highWaterMark',
  'flow',
  'ackTimeout',
  'holdBack',
  'totals',
  'notices',
];

/**
 * **Publishes each outcome to NATS JetStream, and lets it pass once the engine has it.** Stands after the stages.
 *
 *     in        --a-x-b----c--|          x: rejected, passes
 *     sent        a   b    c
 *     stored         a  b     c
 *     out       ----x-a-b----(c|)
 *
 * The subject is `PREFIX.{organizationId}.{payloadType}.{key}.{partition}`, the payload the bytes as received, `Nats-Msg-Id` what makes it the
 * event that it is: of the copies that several ingesters publish within the stream's duplicate window, one is kept. See `docs/jetstream.md` for
 * the headers.
 *
 * Of a key one message is under way at a time, so that its order holds whatever has to be sent again; keys overtake each other. A
 * message without acknowledgement is sent again until it has one: after 100 ms, doubling to 5 s. At `highWaterMark` the socket
 * is paused. The source's completion is passed on once all that is inside is stored; unsubscribing gives that up.
 *
 * What can never be stored leaves as a rejected frame, stage `to-jet-stream`, reason `too-large`.
 *
 * It fails with `StreamMissingError` where there is no such stream when it begins (one that is removed later is waited for), with `OverflowError` above `highWaterMark` where no socket can be
 * paused, and with the client's error where the connection is closed or must not publish.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function toJetStream<T extends AnyFrame>(options: ToJetStreamOptions): OperatorFunction<T, T | RejectedFrame> {
  const settings = check(options);
  return (source) =>
    new Observable((subscriber) => {
      const publisher = new Publisher<T>(settings, {
        next: (outcome) => subscriber.next(outcome),
        error: (error) => subscriber.error(error),
      });
      subscriber.add(() => publisher.stop());
      return source.pipe(endingWith(subscriber)).subscribe({
        next: (outcome) => {
          if (settings.rejected || !isRejected(outcome)) publisher.take(outcome);
          else subscriber.next(outcome);
        },
        error: (error: unknown) => publisher.end(() => subscriber.error(error)),
        complete: () => publisher.end(() => subscriber.complete()),
      });
    });
}

function check(options: ToJetStreamOptions) {
  knownOptions('toJetStream', options, OPTIONS);
  const { connection, stream, organizationId, flow, notices } = options;
  withMethod('toJetStream: connection', 'publish', connection);
  if (organizationId !== undefined && typeof organizationId !== 'string') {
    throw optionError('toJetStream: organizationId', 'a text', organizationId, true);
  }
  if (flow !== undefined) withMethod('toJetStream: flow', 'hold', flow);
  return {
    connection,
    stream: checkedName('toJetStream: stream', stream),
    organizationId,
    key: callable('toJetStream: key', options.key ?? conversationOf),
    messageId: options.messageId && callable('toJetStream: messageId', options.messageId),
    rejected: flag('toJetStream: rejected', options.rejected ?? false),
    maxInFlight: positiveInteger('toJetStream: maxInFlight', options.maxInFlight ?? 512),
    highWaterMark: positiveInteger('toJetStream: highWaterMark', options.highWaterMark ?? 2_048),
    flow,
    ackTimeout: duration('toJetStream: ackTimeout', options.ackTimeout ?? 5_000),
    holdBack: durationOrZero('toJetStream: holdBack', options.holdBack ?? 0),
    totals: options.totals ?? new PublishTotals(),
    report: reporter('toJetStream: notices', notices),
  };
}
