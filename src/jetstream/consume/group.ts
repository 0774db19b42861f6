import {
  AckPolicy,
  DeliverPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { isNotFound } from '../streams/is-not-found.ts';
import { GroupError } from './group-error.ts';
import { checkedName } from '../streams/checked-name.ts';
import { managerOf, readLayout, streamOf, type StreamLayout } from '../streams/stream-layout.ts';

/** Where a new group begins to read. */
export type From = 'first' | 'new' | { readonly time: number } | { readonly sequence: number };

/** What the durable consumers of a group are to be. */
export interface GroupSettings {
  readonly group: string;
  /** Undefined: wherever the group is; at the first message, where there is none yet. */
  readonly from: From | undefined;
  readonly maxAckPending: number;
  readonly ackWait: number;
}

/** Makes the group's durable consumer of each partition, where it is not there; and sees that it is as wanted. @throws GroupError */
export async function ensureGroup(
  manager: JetStreamManager,
  layout: StreamLayout,
  settings: GroupSettings,
): Promise<void> {
  const { group, from, maxAckPending, ackWait } = settings;
  const wanted = { max_ack_pending: maxAckPending, ack_wait: nanos(ackWait) };
  const start = startOf(from ?? 'first');
  for (let partition = 0; partition < layout.partitions; partition += 1) {
    const stream = streamOf(layout.name, partition);
    const { config } =
      (await consumerInfo(manager, stream, group)) ??
      (await manager.consumers.add(stream, {
        durable_name: group,
        ack_policy: AckPolicy.Explicit,
        ...start,
        ...wanted,
      }));
    if (from !== undefined && !beginsAt(config, start)) {
      throw new GroupError(
        group,
        `the group ${group} of ${layout.name} is there already and began elsewhere (${config.deliver_policy}): read with another group, or delete this one`,
      );
    }
    if (config.max_ack_pending !== wanted.max_ack_pending || config.ack_wait !== wanted.ack_wait) {
      await manager.consumers.update(stream, group, { ...config, ...wanted });
    }
  }
}

/** How far a group is behind. */
export interface GroupLag {
  /** Messages that the group has not been given yet. */
  readonly waiting: number;
  /** Messages that some member has in hand. */
  readonly inHand: number;
}

/** **How far a group is behind**, as the engine sees it. @throws StreamMissingError; GroupError where there is no such group */
export async function groupLag(
  connection: NatsConnection,
  of: { readonly stream: string; readonly group: string },
): Promise<GroupLag> {
  const infos = await groupInfos(connection, 'groupLag', of);
  return {
    waiting: infos.reduce((sum, { num_pending: waiting }) => sum + waiting, 0),
    inHand: infos.reduce((sum, { num_ack_pending: inHand }) => sum + inHand, 0),
  };
}

/** **Deletes a group**: its place in the stream is forgotten, the messages stay. Members that read fail. @throws StreamMissingError; GroupError where there is no such group */
export async function deleteGroup(
  connection: NatsConnection,
  of: { readonly stream: string; readonly group: string },
): Promise<void> {
  const infos = await groupInfos(connection, 'deleteGroup', of);
  const manager = await managerOf(connection);
  await Promise.all(infos.map(({ stream_name: stream, name }) => manager.consumers.delete(stream, name)));
}

async function groupInfos(
  connection: NatsConnection,
  where: string,
  { stream, group }: { readonly stream: string; readonly group: string },
): Promise<readonly ConsumerInfo[]> {
  checkedName(`${where}: stream`, stream);
  checkedName(`${where}: group`, group);
  const manager = await managerOf(connection);
  const { partitions } = await readLayout(manager, stream);
  const infos = await Promise.all(
    Array.from({ length: partitions }, (_, partition) => consumerInfo(manager, streamOf(stream, partition), group)),
  );
  const found = infos.filter((info) => info !== undefined);
  if (found.length === 0) throw new GroupError(group, `there is no group ${group} of ${stream}`);
  return found;
}

async function consumerInfo(
  manager: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

type Start = Pick<ConsumerConfig, 'deliver_policy' | 'opt_start_seq' | 'opt_start_time'>;

function startOf(from: From): Start {
  if (from === 'first') return { deliver_policy: DeliverPolicy.All };
  if (from === 'new') return { deliver_policy: DeliverPolicy.New };
  if ('time' in from) {
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(from.time).toISOString() };
  }
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.sequence };
}

function beginsAt(config: ConsumerConfig, start: Start): boolean {
  return (
    config.deliver_policy === start.deliver_policy &&
    config.opt_start_seq === start.opt_start_seq &&
    timeOf(config.opt_start_time) === timeOf(start.opt_start_time)
  );
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : new Date(text).getTime();
}
