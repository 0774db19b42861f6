import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { Flow } from 'rxframe';
import { clientCredentials, notifications, notificationTypes, platformApi, topics } from 'rxframe/genesys';
import { accepted, decode, ofType, validate } from 'rxframe/operators';
import { startSimulator, type Simulator } from 'rxframe/simulator';
import { count, lastValueFrom, Subject, take, tap } from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { storeEvents, TABLE, type Sql } from '../../../examples/postgres/store-events.ts';
import { ROOT } from '../../docs/pages.ts';
import { UserFolder } from '../../docs/user-folder.ts';

const topic = topics.queue('0f3c7a31-9d20-4c5e-8f0e-3d7c5b1a2e90').conversations();

describe('the service of the examples that writes to PostgreSQL', () => {
  let db: PGlite;
  let simulator: Simulator;
  beforeAll(async () => {
    db = await PGlite.create();
  }, 60_000);
  afterAll(() => db.close());
  beforeEach(async () => {
    await db.query(`DROP TABLE IF EXISTS event`);
    await db.query(TABLE);
    simulator = await startSimulator({ notifications: {} });
  });
  afterEach(() => simulator.close());

  /** Runs the service until it has stored so many events; resolves with how many those were. */
  function stored(
    sql: Sql,
    events: number,
    flow = new Flow(),
    received: () => void = () => undefined,
  ): Promise<number> {
    const { apiUrl, loginUrl, clientId, clientSecret } = simulator;
    const token = clientCredentials({ loginUrl, clientId, clientSecret, scopes: [] });
    return lastValueFrom(
      notifications({ api: platformApi({ apiUrl, token }), topics: [topic], flow }).pipe(
        decode(notificationTypes),
        validate(),
        accepted(),
        ofType('v2.routing.queues.{id}.conversations'),
        tap(received),
        storeEvents(sql, flow, 1),
        take(events),
        count(),
      ),
    );
  }

  /** Publishes so many events as soon as so many instances listen. */
  async function publish(events: number, listening = 1): Promise<void> {
    const platform = simulator.notifications;
    await vi.waitUntil(() => platform.channels().filter(({ isConnected }) => isConnected).length === listening, 20_000);
    for (let nth = 0; nth < events; nth += 1) platform.publish(topic, { id: `\u0000 \ud800 ${nth}` });
  }

  const rows = async () => (await db.query<{ readonly n: number }>('SELECT count(*)::int AS n FROM event')).rows[0]?.n;

  it('ends with a row for each event that its two instances got', async () => {
    const folder = new UserFolder();
    folder.install('@electric-sql/pglite');
    const { code, stdout, stderr } = await folder.run('postgres/main.js');
    folder.remove();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const readme = readFileSync(`${ROOT}examples/postgres/README.md`, 'utf8');
    expect(stdout).toBe(/^```output\n(.*?)^```$/ms.exec(readme)?.[1]);
  });

  it('pauses the socket while the database is behind, and loses nothing', async () => {
    const EVENTS = 10_000;
    const flow = new Flow();
    let received = 0;
    const behind$ = new Subject<void>();
    const caughtUp = lastValueFrom(behind$, { defaultValue: undefined });
    const sql: Sql = { query: (text, parameters) => caughtUp.then(() => db.query(text, parameters)) };
    const all = stored(sql, EVENTS, flow, () => (received += 1));
    await publish(EVENTS);
    await vi.waitUntil(() => flow.held, 20_000);
    // What could have come by now, has.
    for (let trip = 0; trip < 20; trip += 1) await fetch(simulator.apiUrl);
    // At most what is in a packet of 64 KiB above the mark of 1,000.
    expect(received).toBeGreaterThanOrEqual(1_000);
    expect(received).toBeLessThan(1_500);
    behind$.complete();
    expect(await all).toBe(EVENTS);
    expect(flow.releases).toBeGreaterThan(0);
    expect(await rows()).toBe(EVENTS);
  });

  it('has a row for each event where one of two instances ends half-way', async () => {
    const both = Promise.all([stored(db, 1_000), stored(db, 2_000)]);
    await publish(2_000, 2);
    expect(await both).toEqual([1_000, 2_000]);
    expect(await rows()).toBe(2_000);
  });

  it('tries a write that failed again, and loses nothing', async () => {
    let failures = 3;
    const sql: Sql = {
      query: (text, parameters) =>
        failures-- > 0 ? Promise.reject(new Error('the database is restarting')) : db.query(text, parameters),
    };
    const all = stored(sql, 100);
    await publish(100);
    expect(await all).toBe(100);
    expect(await rows()).toBe(100);
  });

  it('fails where the database stays away', async () => {
    const failing = expect(stored({ query: () => Promise.reject(new Error('no such host')) }, 1)).rejects.toThrow(
      'no such host',
    );
    await publish(1);
    await failing;
  });
});
