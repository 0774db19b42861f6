// Genesys Cloud's events into a PostgreSQL table: in batches, the socket paused while the database is behind, each event once.
import { setTimeout } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { Flow } from 'rxframe';
import { clientCredentials, notifications, notificationTypes, platformApi, topics } from 'rxframe/genesys';
import { accepted, decode, ofType, validate } from 'rxframe/operators';
import { startSimulator } from 'rxframe/simulator';
import { count, lastValueFrom, take } from 'rxjs';
import { storeEvents, TABLE } from './store-events.ts';

const EVENTS = 5_000;
const topic = topics.queue('0f3c7a31-9d20-4c5e-8f0e-3d7c5b1a2e90').conversations();

const simulator = await startSimulator({ notifications: {} });
const { apiUrl, loginUrl, clientId, clientSecret } = simulator;
const sql = new PGlite(process.argv[2]); // a folder; without one, in memory
await sql.query(TABLE);

/** Two instances of the service, so that one can be replaced: each gets every event. */
const instances = [new Flow(), new Flow()].map((flow) =>
  lastValueFrom(
    notifications({
      api: platformApi({ apiUrl, token: clientCredentials({ loginUrl, clientId, clientSecret, scopes: [] }) }),
      topics: [topic],
      flow,
    }).pipe(
      decode(notificationTypes),
      validate(),
      accepted(),
      ofType('v2.routing.queues.{id}.conversations'),
      storeEvents(sql, flow),
      take(EVENTS),
      count(),
    ),
  ),
);

// A burst, as soon as both listen.
while (simulator.notifications.channels().filter(({ isConnected }) => isConnected).length < 2) await setTimeout(10);
for (let nth = 0; nth < EVENTS; nth += 1) simulator.notifications.publish(topic, { id: `conversation-${nth}` });

const stored = await Promise.all(instances);
const { rows } = await sql.query<{ readonly count: number }>('SELECT count(*)::int AS count FROM event');
console.log(`${stored.join(' + ')} stored, ${rows[0]?.count} rows`);
await sql.close();
await simulator.close();
