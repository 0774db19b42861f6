import {
  catchError,
  concat,
  defer,
  identity,
  NEVER,
  noop,
  switchMap,
  tap,
  throwError,
  type MonoTypeOperatorFunction,
} from 'rxjs';
import { joinedBy } from '../../genesys/notifications/join-topics.ts';
import type { Topic } from '../../genesys/notifications/topics.ts';
import { members } from '../../jetstream/sharing/members.ts';
import type { PublishTotals } from '../../jetstream/publish/publish-totals.ts';
import { shard } from '../../jetstream/sharing/shard.ts';
import { managerOf, readLayout } from '../../jetstream/streams/stream-layout.ts';
import type { FlagValues } from '../arguments/flags.ts';
import type { NatsWishes } from '../arguments/nats-flags.ts';
import type { SOURCE_FLAGS } from '../arguments/source-flags.ts';
import { streamFromGenesys } from '../stream/stream-from-genesys.ts';
import type { StreamWishes } from '../stream/stream-outcomes.ts';
import { counted } from '../terminal/counted.ts';
import { engineError } from './engine-error.ts';
import { NatsLink } from './nats-link.ts';
import { publishCompanion, type PublishWishes } from './publish-companion.ts';

/** What {@link runIngest} is to do. */
export interface IngestWishes {
  readonly nats: NatsWishes;
  /** What this process is called among those of its group. */
  readonly id: string;
  readonly publish: PublishWishes;
  /** With whom the topics are shared, and how many have each; undefined: with nobody. */
  readonly sharing: { readonly group: string; readonly copies: number } | undefined;
  readonly totals: PublishTotals;
  readonly stream: StreamWishes;
}

/**
 * **Publishes a stream to JetStream until it is stopped**, and gives the exit code. In the end what was received is published and acknowledged.
 *
 * @param linked - is told of the connection to NATS before that is made
 * @throws UsageError where the configuration is not usable, or the streams would lose messages; the error that ended the stream
 */
export async function runIngest(
  flags: FlagValues<typeof SOURCE_FLAGS>,
  wishes: IngestWishes,
  linked: (link: Pick<NatsLink, 'isOpen'>) => void,
): Promise<number> {
  const { nats, id, publish, sharing, totals, stream } = wishes;
  let log: (text: string) => void = noop;
  const link = new NatsLink(nats, `rxframe ingest ${id}`, (text) => log(text));
  linked(link);

  const share: MonoTypeOperatorFunction<readonly Topic[]> = (topics$) =>
    defer(async () => {
      const connection = await link.open();
      // They are there: nothing streams before they are made.
      return { connection, ...(await readLayout(await managerOf(connection), publish.stream.name)) };
    }).pipe(
      switchMap(({ connection, replicas }) => {
        const { group = '', copies = 1 } = sharing ?? {};
        const members$ = members({ connection, group: `ingest-${group}`, id, replicas }).pipe(
          tap((ids) => log(`${counted(ids.length, 'member')} of ${group}: ${ids.join(', ')}`)),
        );
        return concat(topics$, NEVER).pipe(shard<Topic>({ members$, id, copies, key: joinedBy }));
      }),
      tap((own) => log(`${counted(own.length, 'topic')} of all for this one`)),
      catchError((error: unknown) => throwError(() => engineError(link.servers, error))),
    );

  return streamFromGenesys(
    'ingest',
    flags,
    {
      ...stream,
      companions: [
        ...stream.companions,
        // The last one: the others see an outcome when it is received.
        (parts) => {
          log = parts.log;
          return publishCompanion(link, publish, totals, parts);
        },
      ],
    },
    sharing === undefined ? identity : share,
  );
}
