import { catchError, filter, tap, throwError } from 'rxjs';
import { isRejected, type AnyFrame } from '../../../operators/frame.ts';
import { ensureStream, type StreamDeclaration } from '../../jetstream/streams/ensure-stream.ts';
import type { PublishNotice } from '../../jetstream/publish/publish-notice.ts';
import type { PublishTotals } from '../../jetstream/publish/publish-totals.ts';
import { toJetStream, type ToJetStreamOptions } from '../../jetstream/publish/to-jet-stream.ts';
import type { Companion, CompanionParts } from '../stream/companion.ts';
import { counted } from '../terminal/counted.ts';
import { messageOf } from '../terminal/message-of.ts';
import { engineError } from './engine-error.ts';
import type { NatsLink } from './nats-link.ts';

/** What is to be published, and how. */
export interface PublishWishes extends Pick<
  ToJetStreamOptions,
  'organizationId' | 'rejected' | 'maxInFlight' | 'holdBack'
> {
  readonly stream: StreamDeclaration;
}

/** With `holdBack`, room for what comes meanwhile: 10 s at 1,600 a second. */
const ROOM = 16_384;

/** What tells of the connection, and of nothing that happened: each ingester has its own, and no consumer wants them. */
const OWN_MESSAGES: ReadonlySet<string | undefined> = new Set([
  'keepalive',
  'channel.metadata',
  'channel.result',
  'v2.system.socket_closing',
]);

/**
 * **Publishes a stream on the command line to JetStream.** The streams there are made, or changed to what is wished, before it begins.
 *
 * @param totals - counts it
 * @throws UsageError where the streams are there, and would lose messages; NetworkError or AuthError where NATS does not do it
 */
export async function publishCompanion(
  link: NatsLink,
  { stream, ...options }: PublishWishes,
  totals: PublishTotals,
  { flow, log }: Pick<CompanionParts, 'flow' | 'log'>,
): Promise<Companion> {
  const connection = await link.open();
  try {
    const { name, prefix, partitions } = await ensureStream(connection, stream);
    log(`publishing to ${name}: ${counted(partitions, 'partition')}, subjects ${prefix}.>, NATS at ${link.servers}`);
  } catch (error) {
    await link.close();
    throw engineError(link.servers, error);
  }
  const notices = { next: (notice: PublishNotice) => log(inWords(notice)) };
  let taken = 0;
  const lost = () => taken - totals.published;
  return {
    through: (outcomes$) =>
      outcomes$.pipe(
        filter((outcome) => !isOwnMessage(outcome)),
        tap((outcome) => {
          if (options.rejected === true || !isRejected(outcome)) taken += 1;
        }),
        toJetStream({
          ...options,
          ...(options.holdBack && { highWaterMark: ROOM }),
          connection,
          stream: stream.name,
          flow,
          totals,
          notices,
        }),
        catchError((error: unknown) => throwError(() => engineError(link.servers, error))),
      ),
    close: () => link.close(),
    summary: () => [summaryLine(stream.name, totals, lost())],
    isWhole: () => lost() === 0,
  };
}

function isOwnMessage(outcome: AnyFrame): boolean {
  return outcome.kind === 'parsed' && OWN_MESSAGES.has(outcome.payloadType);
}

function inWords(notice: PublishNotice): string {
  return notice.type === 'stalled'
    ? `JetStream takes no messages, and they wait: ${messageOf(notice.cause)}`
    : `JetStream takes messages again, after ${(notice.after / 1_000).toFixed(1)} s`;
}

function summaryLine(stream: string, { published, duplicates, retries, refused }: PublishTotals, lost: number): string {
  const facts = [
    `published to ${stream}: ${counted(published, 'message')}`,
    `${counted(duplicates, 'double')} removed`,
    `${retries} retried`,
    `${refused} refused`,
  ];
  return [...facts, ...(lost === 0 ? [] : [`INCOMPLETE: ${counted(lost, 'frame')} not published`])].join(', ');
}
