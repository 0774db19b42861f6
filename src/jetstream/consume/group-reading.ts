import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { firstValueFrom, map, switchMap, type Subscriber, type Subscription } from 'rxjs';
import type { RawFrame } from '../../../operators/frame.ts';
import { assignPartitions } from './assign-partitions.ts';
import type { ConsumeTotals } from './consume-totals.ts';
import { deadLetterHeaders, deadReasonHeaders } from './dead-letter-headers.ts';
import { GroupError } from './group-error.ts';
import { ensureGroup, type GroupSettings } from './group.ts';
import type { HeldDelivery } from './held-delivery.ts';
import type { ConsumeNotice } from './consume-notice.ts';
import { isNotFound } from '../streams/is-not-found.ts';
import { isTooLarge } from '../streams/is-too-large.ts';
import { lease } from '../sharing/lease.ts';
import { members } from '../sharing/members.ts';
import { PartitionReader } from './partition-reader.ts';
import { PartitionTurn } from './partition-turn.ts';
import { linkOf } from '../streams/link-of.ts';
import { persist } from '../streams/persist.ts';
import { deadLetterPrefix, managerOf, readLayout, streamOf, type StreamLayout } from '../streams/stream-layout.ts';
import { subjectToken } from '../streams/subject-token.ts';

/** The options of `fromJetStream`, checked, with their defaults. */
export interface ReadingSettings extends GroupSettings {
  readonly connection: NatsConnection;
  readonly stream: string;
  /** Of this member. */
  readonly id: string;
  readonly maxDeliver: number;
  readonly payloadTypes: ReadonlySet<string> | undefined;
  readonly totals: ConsumeTotals;
  readonly report: (notice: ConsumeNotice) => void;
}

/** **One subscription of `fromJetStream`: a member of the group**, and the partitions that it reads. */
export class GroupReading {
  readonly #settings: ReadingSettings;
  readonly #subscriber: Subscriber<RawFrame>;
  readonly #client: JetStreamClient;
  readonly #membership: Subscription;
  /** By partition: those that this member has, and those that it is giving up. */
  readonly #turns = new Map<number, PartitionTurn>();
  readonly #ending = new Map<number, Promise<void>>();
  #mine: readonly number[] = [];
  #isStalled = false;

  constructor(settings: ReadingSettings, subscriber: Subscriber<RawFrame>) {
    this.#settings = settings;
    this.#subscriber = subscriber;
    const { connection, stream, group, id } = settings;
    this.#client = jetstream(connection);
    this.#membership = this.#persist(() => this.#prepare())
      .pipe(
        switchMap((layout) =>
          // The length keeps the names apart.
          members({ connection, group: `${stream.length}-${stream}-${group}`, id, replicas: layout.replicas }).pipe(
            map((present) => ({ layout, mine: assignPartitions(layout.partitions, present).get(id) ?? [] })),
          ),
        ),
      )
      .subscribe({
        next: ({ layout, mine }) => {
          this.#mine = mine;
          this.#reconcile(layout);
        },
        error: (error: unknown) => subscriber.error(error),
      });
  }

  /** Takes nothing more. A partition stays this member's until all that is worked on is settled. */
  close(): void {
    this.#membership.unsubscribe();
    this.#mine = [];
    for (const partition of this.#turns.keys()) this.#end(partition);
    void this.#closed();
  }

  /** Tells when nothing is left to be said to the engine. */
  async #closed(): Promise<void> {
    const { connection, report } = this.#settings;
    await Promise.all(this.#ending.values());
    await connection.flush().catch(() => undefined);
    report({ type: 'closed' });
  }

  async #prepare(): Promise<StreamLayout> {
    const { connection, stream, from, group } = this.#settings;
    const manager = await managerOf(connection);
    const layout = await readLayout(manager, stream);
    if (typeof from === 'object' && 'sequence' in from && layout.partitions > 1) {
      throw new GroupError(
        group,
        `${stream} has ${layout.partitions} partitions, each with its own sequence: give from a time`,
      );
    }
    await ensureGroup(manager, layout, this.#settings);
    return layout;
  }

  #persist<T>(ask: () => Promise<T>) {
    return persist(
      async () => {
        const answer = await ask();
        this.#isStalled = false;
        return answer;
      },
      (cause) => {
        if (!this.#isStalled) this.#settings.report({ type: 'stalled', cause });
        this.#isStalled = true;
      },
    );
  }

  #reconcile(layout: StreamLayout): void {
    for (const partition of this.#turns.keys()) {
      if (!this.#mine.includes(partition)) this.#end(partition, () => this.#reconcile(layout));
    }
    for (const partition of this.#mine) if (!this.#turns.has(partition)) this.#begin(partition, layout);
  }

  #begin(partition: number, layout: StreamLayout): void {
    const { connection, stream, group, id } = this.#settings;
    const lease$ = lease({ connection, key: `${stream}/${group}/${partition}`, id, replicas: layout.replicas });
    const read = () => {
      const reader = this.#reader(partition, layout);
      return { reader, started$: this.#persist(() => reader.start()) };
    };
    this.#turns.set(partition, new PartitionTurn(lease$, read, (error) => this.#subscriber.error(error)));
  }

  #end(partition: number, ended = (): void => undefined): void {
    const turn = this.#turns.get(partition);
    if (turn === undefined || this.#ending.has(partition)) return;
    const ending = turn.end().then(() => {
      this.#turns.delete(partition);
      this.#ending.delete(partition);
      ended();
    });
    this.#ending.set(partition, ending);
  }

  #reader(partition: number, { name, prefix }: StreamLayout): PartitionReader {
    const { connection, group } = this.#settings;
    const open = () => this.#client.consumers.get(streamOf(name, partition), group);
    return new PartitionReader({
      ...this.#settings,
      partition,
      link: () => linkOf(connection),
      open,
      handOut: (frame) => this.#subscriber.next(frame),
      deadLetter: (delivery, why) => this.#deadLetter(delivery, deadLetterPrefix(prefix), why),
      missing: () => {
        const error = new GroupError(group, `the group ${group} of ${name} was deleted`);
        open().catch((cause: unknown) => {
          if (isNotFound(cause)) this.#subscriber.error(error);
        });
      },
    });
  }

  async #deadLetter(delivery: HeldDelivery, prefix: string, why: string): Promise<void> {
    const { group, totals } = this.#settings;
    const { organizationId, payloadType, key, messageId, stream, sequence, message } = delivery;
    const subject = [prefix, group, ...[organizationId, payloadType, key].map(subjectToken)].join('.');
    const msgID = `${group}:${messageId ?? `${stream}:${sequence}`}`;
    const publish = async () => {
      // What was left to somebody else meanwhile is not dead.
      if (delivery.isOver) return false;
      try {
        await this.#client.publish(subject, message.data, { msgID, headers: deadLetterHeaders(delivery, why) });
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        // The message is in its stream still.
        const short = { msgID: `${group}:${stream}:${sequence}`, headers: deadReasonHeaders(delivery, why) };
        await this.#client.publish(subject, undefined, short);
      }
      return true;
    };
    try {
      if (await firstValueFrom(this.#persist(publish))) totals.deadLettered += 1;
    } catch (error) {
      // It never will be: the next member that reads it has to.
      delivery.giveBack();
      this.#subscriber.error(error);
    }
  }
}
