import type { ConnectionState } from 'rxframe';
import { notifications, notificationTypes, platformApi, topicId, topics } from 'rxframe/genesys';
import { accepted, decode, validate, type ParsedFrame } from 'rxframe/operators';
import {
  animationFrameScheduler,
  auditTime,
  combineLatest,
  defer,
  distinctUntilChanged,
  map,
  ReplaySubject,
  retry,
  scan,
  share,
  startWith,
  Subject,
  switchMap,
  timer,
  type Observable,
} from 'rxjs';
import { fromFetch } from 'rxjs/fetch';

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** What our server says: where the platform is, and whom to show. */
export interface Session {
  readonly apiUrl: string;
  readonly queues: readonly Named[];
  readonly agents: readonly Named[];
}

/** A queue with the last count of each metric, such as `oWaiting voice`; none until the platform tells it. */
export interface Queue extends Named {
  readonly counts?: Readonly<Record<string, number>>;
}

/** An agent, and what he or she does, since when. */
export interface Agent extends Named {
  readonly status?: string;
  readonly since?: number;
}

export interface Board {
  readonly isLive: boolean;
  readonly queues: readonly Queue[];
  readonly agents: readonly Agent[];
}

/**
 * The board, a new one at most with each frame that the screen shows. All components share one connection, which outlives
 * the last of them by a second: what is mounted again (React's strict mode does that) finds it open.
 */
export const board$: Observable<Board> = fromFetch('/session', {
  selector: (response) => response.json() as Promise<Session>,
}).pipe(
  switchMap(boardOf),
  retry({ delay: (error) => (console.warn(error), timer(5_000)) }),
  auditTime(0, animationFrameScheduler),
  share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: () => timer(1_000) }),
);

function boardOf({ apiUrl, queues, agents }: Session): Observable<Board> {
  return defer(() => {
    const state = new Subject<ConnectionState>();
    const rows$ = notifications({
      // The secret of the OAuth client stays on our server, which gives out tokens.
      api: platformApi({ apiUrl, token: async () => (await fetch('/token', { method: 'POST' })).text() }),
      topics: [
        ...queues.map(({ id }) => topics.queue(id).observations()),
        ...agents.map(({ id }) => topics.user(id).routingStatus()),
      ],
      state,
    }).pipe(decode(notificationTypes), validate(), accepted(), scan(told, { queues, agents }));
    return combineLatest([isLive(state), rows$.pipe(startWith({ queues, agents }))]).pipe(
      map(([isLive, rows]) => ({ isLive, ...rows })),
    );
  });
}

/** Whether a connection is open: of two, during a handover, either. */
function isLive(state$: Observable<ConnectionState>): Observable<boolean> {
  const open = new Set<string>();
  return state$.pipe(
    map((state) => {
      if (state.status === 'open') open.add(state.connectionId);
      if (state.status === 'closed') open.delete(state.connectionId);
      return open.size > 0;
    }),
    startWith(false),
    distinctUntilChanged(),
  );
}

type Rows = Omit<Board, 'isLive'>;

/** The rows after an event. Those that it is not about stay the same objects, so that React leaves them alone. */
function told(rows: Rows, { payloadType, decodedData }: ParsedFrame<typeof notificationTypes>): Rows {
  switch (payloadType) {
    case 'v2.users.{id}.routingStatus': {
      const { status, startTime } = decodedData.eventBody.routingStatus ?? {};
      const news = { status: status ?? 'OFF_QUEUE', since: Date.parse(startTime ?? '') };
      return { ...rows, agents: changed(rows.agents, topicId(decodedData.topicName), () => news) };
    }
    case 'v2.analytics.queues.{id}.observations': {
      const { group, data } = decodedData.eventBody;
      const news: Record<string, number> = {};
      for (const { metric, qualifier, stats } of data?.flatMap(({ metrics }) => metrics ?? []) ?? []) {
        news[`${metric} ${qualifier ?? group?.mediaType}`] = stats?.count ?? 0;
      }
      const withNews = ({ counts }: Queue) => ({ counts: { ...counts, ...news } });
      return { ...rows, queues: changed(rows.queues, topicId(decodedData.topicName), withNews) };
    }
    default:
      return rows;
  }
}

function changed<Row extends Named>(rows: readonly Row[], id: string | undefined, change: (row: Row) => Partial<Row>) {
  return rows.map((row) => (row.id === id ? { ...row, ...change(row) } : row));
}
