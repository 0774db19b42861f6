import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureStream, StreamChangeError, type StreamDeclaration } from '../../src/jetstream/index.ts';
import { NatsServer } from './nats-server.ts';

let server: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;

beforeAll(async () => {
  server = await NatsServer.start();
  connection = await connect({ servers: server.url });
  manager = await jetstreamManager(connection);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

const conflictsOf = async (declaration: StreamDeclaration): Promise<readonly string[]> => {
  const error: unknown = await ensureStream(connection, declaration).catch((refused: unknown) => refused);
  expect(error).toBeInstanceOf(StreamChangeError);
  expect((error as StreamChangeError).message).toContain((error as StreamChangeError).conflicts[0]);
  return (error as StreamChangeError).conflicts;
};

describe('ensureStream', () => {
  it('makes a stream for each partition, and one for dead letters', async () => {
    const layout = await ensureStream(connection, { name: 'NEW' });

    expect(layout).toStrictEqual({ name: 'NEW', prefix: 'genesys', partitions: 8, replicas: 1 });
    const { config } = await manager.streams.info('NEW-7');
    expect(config).toMatchObject({
      subjects: ['genesys.*.*.*.7'],
      storage: 'file',
      retention: 'limits',
      discard: 'old',
      num_replicas: 1,
      max_age: 7 * 86_400e9,
      max_bytes: -1,
      duplicate_window: 120e9,
    });
    const dead = await manager.streams.info('NEW-dead');
    expect(dead.config).toMatchObject({ subjects: ['genesys-dead.>'], max_age: 0, max_bytes: -1 });
    await Promise.all(['dead', 0, 1, 2, 3, 4, 5, 6, 7].map((suffix) => manager.streams.delete(`NEW-${suffix}`)));
  });

  it('makes what is declared, and is content with it', async () => {
    const declaration = {
      name: 'DECLARED',
      prefix: 'calls',
      partitions: 2,
      replicas: 1,
      storage: 'memory',
      maxAge: 60_000,
      maxBytes: 1_000_000,
      discard: 'new',
      duplicateWindow: 1_000,
    } as const;
    await ensureStream(connection, declaration);
    const made = await manager.streams.info('DECLARED-1');
    expect(made.config).toMatchObject({
      subjects: ['calls.*.*.*.1'],
      storage: 'memory',
      discard: 'new',
      max_age: 60e9,
      max_bytes: 1_000_000,
      duplicate_window: 1e9,
    });

    expect(await ensureStream(connection, declaration)).toStrictEqual({
      name: 'DECLARED',
      prefix: 'calls',
      partitions: 2,
      replicas: 1,
    });
    expect(await ensureStream(connection, { name: 'DECLARED' })).toStrictEqual({
      name: 'DECLARED',
      prefix: 'calls',
      partitions: 2,
      replicas: 1,
    });
    expect((await manager.streams.info('DECLARED-1')).config).toStrictEqual(made.config);
  });

  it('changes what loses nothing, and leaves alone what is not declared', async () => {
    await ensureStream(connection, {
      name: 'CHANGED',
      prefix: 'changed',
      partitions: 1,
      maxBytes: 1_000_000,
      discard: 'new',
    });
    await ensureStream(connection, { name: 'CHANGED', prefix: 'changed', maxAge: Infinity, duplicateWindow: 5_000 });

    const { config } = await manager.streams.info('CHANGED-0');
    expect(config).toMatchObject({ max_age: 0, duplicate_window: 5e9, max_bytes: 1_000_000, discard: 'new' });
  });

  it('gives a short-lived stream a window that is no longer than that', async () => {
    await ensureStream(connection, { name: 'SHORT', prefix: 'short', partitions: 1, maxAge: 10_000 });
    expect((await manager.streams.info('SHORT-0')).config.duplicate_window).toBe(10e9);
  });

  it('makes again what somebody has removed, and not in another number', async () => {
    await ensureStream(connection, { name: 'HOLED', prefix: 'holed', partitions: 3 });
    await manager.streams.delete('HOLED-1');
    expect(await ensureStream(connection, { name: 'HOLED' })).toMatchObject({ partitions: 3 });
    expect((await manager.streams.info('HOLED-1')).config.subjects).toStrictEqual(['holed.*.*.*.1']);

    await manager.streams.delete('HOLED-0');
    expect(await conflictsOf({ name: 'HOLED', prefix: 'holed', partitions: 2 })).toStrictEqual([
      'it has 3 partitions, not 2',
    ]);
    expect(await ensureStream(connection, { name: 'HOLED', prefix: 'holed', partitions: 3 })).toMatchObject({
      partitions: 3,
    });
  });

  it('shortens the window with the age of what is there', async () => {
    await ensureStream(connection, { name: 'AGED', prefix: 'aged', partitions: 1 });
    await ensureStream(connection, { name: 'AGED', maxAge: 10_000 });
    expect((await manager.streams.info('AGED-0')).config).toMatchObject({ max_age: 10e9, duplicate_window: 10e9 });
  });

  it('refuses what would lose messages or their order, and changes nothing', async () => {
    await ensureStream(connection, { name: 'KEPT', prefix: 'kept', partitions: 2 });
    await jetstream(connection).publish('kept.a.b.c.1', new Uint8Array(1_000));
    const before = await Promise.all([manager.streams.info('KEPT-0'), manager.streams.info('KEPT-1')]);

    expect(await conflictsOf({ name: 'KEPT', partitions: 4 })).toContain('it has 2 partitions, not 4');
    expect(await conflictsOf({ name: 'KEPT', partitions: 1 })).toContain('it has 2 partitions, not 1');
    expect(await conflictsOf({ name: 'KEPT', prefix: 'other' })).toContain('the prefix is kept, not other');
    expect(await conflictsOf({ name: 'KEPT', storage: 'memory' })).toContain(
      'the storage of KEPT-1 is file, not memory',
    );
    expect(await conflictsOf({ name: 'KEPT', maxBytes: 500 })).toStrictEqual([
      expect.stringMatching(/^KEPT-1 keeps \d+ bytes, more than the 500 declared$/),
    ]);
    expect(await conflictsOf({ name: 'KEPT', maxAge: 1, duplicateWindow: 1 })).toStrictEqual([
      expect.stringMatching(/^KEPT-1 keeps messages for .* s, longer than the 0.001 s declared$/),
    ]);

    const after = await Promise.all([manager.streams.info('KEPT-0'), manager.streams.info('KEPT-1')]);
    expect(after.map(({ config }) => config)).toStrictEqual(before.map(({ config }) => config));
  });

  it('shortens what an empty stream keeps', async () => {
    await ensureStream(connection, { name: 'EMPTY', prefix: 'empty', partitions: 1 });
    await ensureStream(connection, { name: 'EMPTY', maxAge: 200_000, maxBytes: 10_000 });
    expect((await manager.streams.info('EMPTY-0')).config).toMatchObject({ max_age: 200e9, max_bytes: 10_000 });
  });

  it.each([
    [{ name: '' }, RangeError, 'ensureStream: name must be 1 to 100 letters, digits, - and _, got ""'],
    [{ name: 'a.b' }, RangeError, 'ensureStream: name must be'],
    [{ name: 'A', prefix: 'a*' }, RangeError, 'ensureStream: prefix must be'],
    [{ name: 'A', partitions: 0 }, RangeError, 'ensureStream: partitions must be a positive integer'],
    [{ name: 'A', partitions: 257 }, RangeError, 'ensureStream: partitions must be at most 256'],
    [{ name: 'A', replicas: 2 }, RangeError, 'ensureStream: replicas must be one of 1, 3, 5'],
    [
      { name: 'A', maxAge: 10, duplicateWindow: 20 },
      RangeError,
      'ensureStream: duplicateWindow must be at most maxAge (10)',
    ],
    [{ name: 'A', retention: 'x' }, TypeError, 'ensureStream: there is no option "retention"'],
  ])('does not take %j', async (declaration, type, message) => {
    const error: unknown = await ensureStream(connection, declaration as StreamDeclaration).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toContain(message);
  });
});
