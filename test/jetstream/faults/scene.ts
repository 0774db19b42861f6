import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { vi } from 'vitest';
import { ensureStream } from '../../../src/jetstream/streams/ensure-stream.ts';
import { groupLag } from '../../../src/jetstream/consume/group.ts';
import { mixSeeds, mulberry32, type Random } from '../../../src/simulator/random.ts';
import { FAULT_SEED } from '../../faults/seed.ts';
import { NatsServer } from '../nats-server.ts';
import { accountOf, storedEvents, type Account } from './account.ts';
import { connectForGood } from './connect-for-good.ts';
import { EventFeed } from './event-feed.ts';
import { Ingesters, type IngestersSettings } from './ingesters.ts';
import { firstTimes, overlaps, readWork, wasFrozen, type WorkDone } from './work-done.ts';
import { Workers, type WorkersSettings } from './workers.ts';

const STREAM = 'EVENTS';
/** Of members and leases, where nothing else is said, in milliseconds: the shortest that is allowed. */
export const TTL = 1_000;

/** What the workers have done. */
export interface WorkAccount extends Account {
  readonly work: readonly WorkDone[];
  /** How often something was worked on that had been worked on before. */
  readonly again: number;
  /** Works on one conversation, in two processes at once, where neither had stood still. */
  readonly overlaps: readonly (readonly [WorkDone, WorkDone])[];
  /** Those where one had. */
  readonly excused: number;
}

/** **A NATS server, two ingesters that get the same events, and the members of a group that work on them**, all processes. */
export class Scene {
  readonly server: NatsServer;
  readonly connection: NatsConnection;
  readonly feed: EventFeed;
  /** For what happens. The events have another one, so that what happens is the same for the same seed. */
  readonly random: Random = mulberry32(FAULT_SEED);
  readonly #folder = mkdtempSync(join(tmpdir(), 'rxframe-work-'));
  #ingesters: Ingesters | undefined;
  #workers: Workers | undefined;

  private constructor(server: NatsServer, connection: NatsConnection, feed: EventFeed) {
    this.server = server;
    this.connection = connection;
    this.feed = feed;
  }

  /** @param ttl - of members and leases, in milliseconds */
  static async start(partitions: number, ttl = TTL): Promise<Scene> {
    const server = await NatsServer.start();
    const connection = await connectForGood(server.url);
    await ensureStream(connection, { name: STREAM, partitions });
    // All go by its time to live.
    await new Kvm(connection).create('rxframe', { ttl });
    return new Scene(server, connection, await EventFeed.start(mulberry32(mixSeeds(FAULT_SEED, 1))));
  }

  get ingesters(): Ingesters {
    return this.#ingesters!;
  }

  get workers(): Workers {
    return this.#workers!;
  }

  async startIngesters(settings: Partial<IngestersSettings> = {}): Promise<void> {
    this.#ingesters = await Ingesters.start({
      server: this.server.url,
      feed: this.feed,
      stream: STREAM,
      highWaterMark: 8_192,
      holdBack: 3_000,
      ...settings,
    });
  }

  async startWorkers(count: number, settings: Partial<WorkersSettings> = {}): Promise<void> {
    this.#workers = await Workers.start(count, {
      server: this.server.url,
      stream: STREAM,
      file: join(this.#folder, 'work'),
      longest: 5,
      ackWait: 1_000,
      maxAckPending: 128,
      concurrency: 64,
      ...settings,
    });
  }

  /** Resolves once no more than so many messages wait for the workers, or are in hand. */
  async untilLeft(most: number): Promise<void> {
    await vi.waitFor(
      async () => {
        const { waiting, inHand } = await groupLag(this.connection, { stream: STREAM, group: 'workers' });
        if (waiting + inHand > most) throw new Error(`${waiting} messages wait, ${inHand} are in hand`);
      },
      { timeout: 60_000, interval: 100 },
    );
  }

  /** Once nothing more comes: whether the streams have what was sent. */
  async stored(): Promise<Account> {
    // While events come, those that hold back have something to publish.
    await this.ingesters.settled();
    this.feed.events.stop();
    await this.ingesters.settled();
    return accountOf(await storedEvents(this.connection, STREAM), this.feed.events.made);
  }

  /** Once nothing more comes, and all of it is stored: whether the workers have done it. They end. */
  async worked(): Promise<WorkAccount> {
    await this.untilLeft(0);
    await this.workers.endAll();
    const work = readWork(join(this.#folder, 'work'));
    const first = firstTimes(work);
    const together = overlaps(work);
    const unexcused = together.filter((pair) => !pair.some((done) => wasFrozen(done, this.workers.freezes)));
    return {
      ...accountOf(first, this.feed.events.made),
      work,
      again: work.length - first.length,
      overlaps: unexcused,
      excused: together.length - unexcused.length,
    };
  }

  async close(): Promise<void> {
    this.#workers?.end();
    this.#ingesters?.end();
    this.feed.close();
    await this.connection.close();
    await this.server.stop();
    rmSync(this.#folder, { recursive: true });
  }
}
