import { memo } from 'react';
import { map, ReplaySubject, share, timer } from 'rxjs';
import { board$, type Agent, type Board, type Queue } from './board.ts';
import { useObservable } from './use-observable.ts';

const NOTHING: Board = { isLive: false, queues: [], agents: [] };

/** The time, once a second. */
const now$ = timer(0, 1_000).pipe(
  map(() => Date.now()),
  share({ connector: () => new ReplaySubject(1) }),
);

export function Wallboard() {
  const { isLive, queues, agents } = useObservable(board$, NOTHING);
  return (
    <main data-live={isLive}>
      <header>
        <h1>Wallboard</h1>
        <p role="status">{isLive ? 'Live' : 'Connecting…'}</p>
      </header>
      <section aria-label="Queues" className="queues">
        {queues.map((queue) => (
          <QueueCard key={queue.id} queue={queue} />
        ))}
      </section>
      <section aria-label="Agents" className="agents">
        {agents.map((agent) => (
          <AgentRow key={agent.id} agent={agent} />
        ))}
      </section>
    </main>
  );
}

const QueueCard = memo(({ queue }: { readonly queue: Queue }) => {
  const waiting = total(queue, 'oWaiting');
  const free = total(queue, 'oOnQueueUsers IDLE');
  return (
    <article data-late={waiting !== undefined && free !== undefined && waiting > free}>
      <h2>{queue.name}</h2>
      <dl>
        <Figure label="waiting" value={waiting} />
        <Figure label="talking" value={total(queue, 'oInteracting')} />
        <Figure label="free" value={free} />
      </dl>
    </article>
  );
});

function Figure({ label, value }: { readonly label: string; readonly value: number | undefined }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value ?? '–'}</dd>
    </div>
  );
}

const STATUS: Readonly<Record<string, string>> = {
  IDLE: 'free',
  INTERACTING: 'talking',
  COMMUNICATING: 'on another call',
  NOT_RESPONDING: 'no answer',
  OFF_QUEUE: 'off queue',
};

const AgentRow = memo(({ agent: { name, status, since } }: { readonly agent: Agent }) => (
  <article data-status={status}>
    <h2>{name}</h2>
    <p>{status === undefined ? 'unknown' : (STATUS[status] ?? status)}</p>
    {since !== undefined && <Elapsed since={since} />}
  </article>
));

function Elapsed({ since }: { readonly since: number }) {
  const seconds = Math.max(0, Math.floor((useObservable(now$, since) - since) / 1_000));
  return (
    <time>
      {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, '0')}
    </time>
  );
}

/** The sum over media; undefined where nothing is known. */
function total({ counts = {} }: Queue, metric: string): number | undefined {
  const known = Object.entries(counts).filter(([name]) => name.startsWith(metric));
  return known.length === 0 ? undefined : known.reduce((sum, [, count]) => sum + count, 0);
}
