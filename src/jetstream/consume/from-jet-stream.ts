import type { NatsConnection } from '@nats-io/transport-node';
import { Observable, type NextObserver } from 'rxjs';
import type { RawFrame } from '../../../operators/frame.ts';
import {
  duration,
  knownOptions,
  oneOf,
  optionError,
  positiveInteger,
  positiveIntegerOrInfinity,
  withMethod,
} from '../../../operators/options.ts';
import { reporter } from '../../../operators/reporter.ts';
import { ConsumeTotals } from './consume-totals.ts';
import { GroupReading } from './group-reading.ts';
import type { From } from './group.ts';
import type { ConsumeNotice } from './consume-notice.ts';
import { checkedName } from '../streams/checked-name.ts';

/** Options of {@link fromJetStream}. */
export interface FromJetStreamOptions {
  /** A connection of `@nats-io/transport-node`. It stays open; with `maxReconnectAttempts: -1` it comes back whenever the engine does. */
  readonly connection: NatsConnection;
  /** The name that `ensureStream` was given. */
  readonly stream: string;
  /** The group: its members share the messages, and its place in the stream outlives them. Letters, digits, `-` and `_`. */
  readonly group: string;
  /** This member of the group, unlike all others. @defaultValue a random one */
  readonly id?: string;
  /**
   * Where a new group begins: at the first message that there is, at those that come from now on, at those stored since `time` (milliseconds since
   * the epoch), or at a place in the stream, where there is one partition. A group that is there must have begun there. @defaultValue where the group is; a new one at `'first'`
   */
  readonly from?: From;
  /** How many messages of a partition may be in hand. @defaultValue 256 */
  readonly maxAckPending?: number;
  /**
   * For how long the engine waits for a member that has died, in milliseconds, before another one gets its messages. Work that takes longer
   * is told to the engine. @defaultValue 30,000
   */
  readonly ackWait?: number;
  /** After how many deliveries, work tried again included, a message becomes a dead letter; `Infinity`: never. @defaultValue 10 */
  readonly maxDeliver?: number;
  /** Only frames of these payload types; all others are acknowledged unread. @defaultValue all */
  readonly payloadTypes?: readonly string[];
  /** Counts what becomes of the messages. @defaultValue nothing */
  readonly totals?: ConsumeTotals;
  /** Told what else happens: partitions that come and go, work that failed. @defaultValue nobody */
  readonly notices?: NextObserver<ConsumeNotice>;
}

const OPTIONS = [
  'connection',
  'stream',
  'group',
  'id',
  'from',
  'maxAckPending',
  'ackWait',
  'maxDeliver',
  'payloadTypes',
  'totals',
  'notices',
];

/**
 * **The frames that {@link toJetStream} has published, as they were received**, for the same stages; {@link ackWith} stands at the end.
 *
 *     stored         a--b--c--d--
 *     out            a--b-----c-d--        at most maxAckPending in hand
 *     acknowledged    a-----b-----c-d
 *
 * Each subscription is a member of the group. Its members share the partitions, one member to a partition at a time, and share anew
 * when one comes or goes, or dies. The frames of a key (a conversation) come in their order, whoever reads them: who takes a partition over
 * begins once the engine has delivered again all that was not acknowledged.
 *
 * A frame comes at least once: what was not acknowledged when a process died comes again.
 *
 * It never completes. `takeUntil(stop$)` in front of `ackWith` ends it gracefully. While the engine is down it waits. It fails with
 * `StreamMissingError` where there is no such stream, with `GroupError` where the group began elsewhere or is deleted, and with the client's error where
 * the connection is closed or must not read.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function fromJetStream(options: FromJetStreamOptions): Observable<RawFrame> {
  const settings = check(options);
  return new Observable((subscriber) => {
    const reading = new GroupReading(settings, subscriber);
    return () => reading.close();
  });
}

function check(options: FromJetStreamOptions) {
  knownOptions('fromJetStream', options, OPTIONS);
  const { connection, from, payloadTypes, notices } = options;
  withMethod('fromJetStream: connection', 'publish', connection);
  if (typeof from === 'object') checkStart(from);
  else if (from !== undefined) oneOf('fromJetStream: from', ['first', 'new'], from);
  if (payloadTypes !== undefined && !Array.isArray(payloadTypes)) {
    throw optionError('fromJetStream: payloadTypes', 'an array of names', payloadTypes, true);
  }
  return {
    connection,
    stream: checkedName('fromJetStream: stream', options.stream),
    group: checkedName('fromJetStream: group', options.group),
    id: checkedName('fromJetStream: id', options.id ?? crypto.randomUUID()),
    from,
    maxAckPending: positiveInteger('fromJetStream: maxAckPending', options.maxAckPending ?? 256),
    ackWait: duration('fromJetStream: ackWait', options.ackWait ?? 30_000),
    maxDeliver: positiveIntegerOrInfinity('fromJetStream: maxDeliver', options.maxDeliver ?? 10),
    payloadTypes: payloadTypes && new Set(payloadTypes),
    totals: options.totals ?? new ConsumeTotals(),
    report: reporter('fromJetStream: notices', notices),
  };
}

/** The last moment of the year 9999: the engine takes years of four digits. */
const LATEST = 253_402_300_799_999;

function checkStart(from: Exclude<From, string>): void {
  knownOptions('fromJetStream: from', from, ['time', 'sequence']);
  if ('sequence' in from) positiveInteger('fromJetStream: from.sequence', from.sequence);
  else if (!(from.time >= 0 && from.time <= LATEST)) {
    throw optionError(
      'fromJetStream: from.time',
      `milliseconds since the epoch, at most ${LATEST}`,
      from.time,
      typeof from.time !== 'number',
    );
  }
}
