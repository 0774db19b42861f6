import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import {
  knownOptions,
  oneOf,
  optionError,
  positiveInteger,
  positiveIntegerOrInfinity,
} from '../../../operators/options.ts';
import { checkedName } from './checked-name.ts';
import { StreamChangeError } from './stream-change-error.ts';
import {
  countPartitions,
  deadLetterPrefix,
  deadLetterStream,
  findLayout,
  managerOf,
  partitionSubject,
  streamInfo,
  streamOf,
  type StreamLayout,
} from './stream-layout.ts';

/** What the streams are to be: see {@link ensureStream}. */
export interface StreamDeclaration {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** The first token of all subjects. @defaultValue `'genesys'` */
  readonly prefix?: string;
  /**
   * How many streams the messages are spread over, by their key: so many members of a group can work at a time. It can't be changed later,
   * because a key's messages would be in two streams. @defaultValue 8, or what is there
   */
  readonly partitions?: number;
  /** On how many servers each message is kept: 1, 3 or 5. @defaultValue 1, or what is there */
  readonly replicas?: 1 | 3 | 5;
  /** @defaultValue `'file'` */
  readonly storage?: 'file' | 'memory';
  /** For how long messages are kept, in milliseconds; `Infinity`: for ever. @defaultValue 7 days, or what is there */
  readonly maxAge?: number;
  /** How many bytes each partition keeps; `Infinity`: as many as the server has room for. @defaultValue `Infinity`, or what is there */
  readonly maxBytes?: number;
  /**
   * What happens at `maxBytes`: the oldest messages are removed, or new ones are refused, so that publishers wait, and pause their
   * sockets. @defaultValue `'old'`, or what is there
   */
  readonly discard?: 'old' | 'new';
  /**
   * For how long the engine knows the ids of messages, in milliseconds: a second copy within this time is removed. It holds them in
   * memory. @defaultValue 120,000, or what is there
   */
  readonly duplicateWindow?: number;
}

const OPTIONS = [
  'name',
  'prefix',
  'partitions',
  'replicas',
  'storage',
  'maxAge',
  'maxBytes',
  'discard',
  'duplicateWindow',
];

const DAY = 86_400_000;

/**
 * **Makes the streams that {@link toJetStream} publishes to, or changes them to what is declared.**
 *
 * There is a stream for each partition, `NAME-0`, `NAME-1`, …, with the subjects `PREFIX.*.*.*.0`, and one for dead letters, `NAME-dead`, with
 * the subjects `PREFIX-dead.>`, which keeps them until they are removed.
 *
 * What is not declared stays as it is. A change that would lose messages, or their order, is refused: another prefix, storage or number of
 * partitions; a shorter `maxAge` or fewer `maxBytes` than what is kept now needs.
 *
 * @throws StreamChangeError where the change is refused
 * @throws TypeError or RangeError where the declaration makes no sense
 * @throws the engine's error, where it does not answer, or refuses: not enough servers for the replicas, …
 */
export async function ensureStream(connection: NatsConnection, declaration: StreamDeclaration): Promise<StreamLayout> {
  const declared = check(declaration);
  const { name } = declared;
  const manager = await managerOf(connection);
  const found = await findLayout(manager, name);
  const prefix = declared.prefix ?? found?.prefix ?? 'genesys';
  const partitions = declared.partitions ?? found?.partitions ?? 8;
  const config = configOf(declared);

  const wanted = new Map<string, StreamConfigPart>();
  for (let partition = 0; partition < partitions; partition += 1) {
    wanted.set(streamOf(name, partition), { ...config, subjects: [partitionSubject(prefix, partition)] });
  }
  const { num_replicas, storage } = config;
  wanted.set(deadLetterStream(name), {
    ...(num_replicas !== undefined && { num_replicas }),
    ...(storage !== undefined && { storage }),
    subjects: [`${deadLetterPrefix(prefix)}.>`],
  });

  // Where the first is not there, others may be: somebody stopped half-way, or removed it.
  const count = found?.partitions ?? (await countPartitions(manager, name, prefix));
  const conflicts: string[] = [];
  if (found !== undefined && found.prefix !== prefix) conflicts.push(`the prefix is ${found.prefix}, not ${prefix}`);
  const isOther = found === undefined ? count > partitions : count !== partitions;
  if (isOther) conflicts.push(`it has ${count} partitions, not ${partitions}`);
  const present = new Map<string, StreamInfo>();
  for (const [stream, part] of wanted) {
    const info = await streamInfo(manager, stream);
    if (info === undefined) continue;
    present.set(stream, info);
    conflicts.push(...changeConflicts(stream, info, part));
  }
  if (conflicts.length > 0) throw new StreamChangeError(name, conflicts);
  // The first partition last: by it the others see that all are there.
  for (const [stream, part] of [...wanted].reverse()) {
    const defaults = stream === deadLetterStream(name) ? { ...DEFAULTS, max_age: 0 } : DEFAULTS;
    await make(manager, stream, present.get(stream), part, defaults);
  }
  return { name, prefix, partitions, replicas: declared.replicas ?? found?.replicas ?? DEFAULTS.num_replicas };
}

/** The part of a stream's configuration that is declared. */
type StreamConfigPart = Partial<StreamConfig> & Pick<StreamConfig, 'subjects'>;

function check(declaration: StreamDeclaration): StreamDeclaration {
  knownOptions('ensureStream', declaration, OPTIONS);
  const { name, prefix, partitions, replicas, storage, maxAge, maxBytes, discard, duplicateWindow } = declaration;
  checkedName('ensureStream: name', name);
  if (prefix !== undefined) checkedName('ensureStream: prefix', prefix);
  if (partitions !== undefined && positiveInteger('ensureStream: partitions', partitions) > 256) {
    throw optionError('ensureStream: partitions', 'at most 256', partitions);
  }
  if (replicas !== undefined) oneOf('ensureStream: replicas', [1, 3, 5], replicas);
  if (storage !== undefined) oneOf('ensureStream: storage', ['file', 'memory'], storage);
  if (maxAge !== undefined) positiveIntegerOrInfinity('ensureStream: maxAge', maxAge);
  if (maxBytes !== undefined) positiveIntegerOrInfinity('ensureStream: maxBytes', maxBytes);
  if (discard !== undefined) oneOf('ensureStream: discard', ['old', 'new'], discard);
  if (duplicateWindow !== undefined) {
    positiveInteger('ensureStream: duplicateWindow', duplicateWindow);
    if (maxAge !== undefined && duplicateWindow > maxAge) {
      throw optionError('ensureStream: duplicateWindow', `at most maxAge (${maxAge})`, duplicateWindow);
    }
  }
  return declaration;
}

function configOf({ replicas, storage, maxAge, maxBytes, discard, duplicateWindow }: StreamDeclaration) {
  return {
    ...(replicas !== undefined && { num_replicas: replicas }),
    ...(storage !== undefined && { storage: storage === 'file' ? StorageType.File : StorageType.Memory }),
    ...(maxAge !== undefined && { max_age: maxAge === Infinity ? 0 : nanos(maxAge) }),
    ...(maxBytes !== undefined && { max_bytes: maxBytes === Infinity ? -1 : maxBytes }),
    ...(discard !== undefined && { discard: discard === 'old' ? DiscardPolicy.Old : DiscardPolicy.New }),
    ...(duplicateWindow !== undefined && { duplicate_window: nanos(duplicateWindow) }),
  };
}

/** What a new stream has where nothing is declared. */
const DEFAULTS = {
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  num_replicas: 1,
  max_age: nanos(7 * DAY),
  discard: DiscardPolicy.Old,
  duplicate_window: nanos(120_000),
};

async function make(
  manager: JetStreamManager,
  stream: string,
  present: StreamInfo | undefined,
  config: StreamConfigPart,
  defaults: typeof DEFAULTS,
): Promise<void> {
  if (present !== undefined) {
    const isSame = Object.entries(config).every(
      ([key, value]) => JSON.stringify(present.config[key as keyof StreamConfig]) === JSON.stringify(value),
    );
    if (!isSame) await manager.streams.update(stream, withinAge({ ...present.config, ...config }));
    return;
  }
  await manager.streams.add({ name: stream, ...withinAge({ ...defaults, ...config }) });
}

/** The engine wants its window within the age. */
function withinAge<T extends Pick<StreamConfig, 'max_age' | 'duplicate_window'>>(config: T): T {
  const { max_age: age, duplicate_window: window } = config;
  return age > 0 && window > age ? { ...config, duplicate_window: age } : config;
}

/** What of a change to one stream would lose messages. */
function changeConflicts(stream: string, { config, state }: StreamInfo, wanted: StreamConfigPart): string[] {
  const conflicts: string[] = [];
  const { storage, max_age: maxAge = config.max_age, max_bytes: maxBytes = config.max_bytes } = wanted;
  if (JSON.stringify(config.subjects) !== JSON.stringify(wanted.subjects)) {
    conflicts.push(`${stream} has the subjects ${config.subjects.join(', ')}, not ${wanted.subjects.join(', ')}`);
  }
  if (storage !== undefined && storage !== config.storage) {
    conflicts.push(`the storage of ${stream} is ${config.storage}, not ${storage}`);
  }
  if (maxBytes >= 0 && state.bytes > maxBytes) {
    conflicts.push(`${stream} keeps ${state.bytes} bytes, more than the ${maxBytes} declared`);
  }
  const oldest = Date.now() - new Date(state.first_ts).getTime();
  if (maxAge > 0 && state.messages > 0 && oldest > maxAge / 1e6) {
    conflicts.push(
      `${stream} keeps messages for ${Math.round(oldest / 1_000)} s, longer than the ${maxAge / 1e9} s declared`,
    );
  }
  return conflicts;
}
