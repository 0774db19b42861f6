import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Subscription } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { members, type MembersOptions } from '../../src/jetstream/sharing/members.ts';
import { startProcess, type CoordinationProcess } from './coordination-process.ts';
import { NatsServer } from './nats-server.ts';
import { Relay } from './relay.ts';

/** Milliseconds. */
const TTL = 1000;
/** How states are waited for. */
const WAIT = { timeout: 20_000, interval: 10 };

let server: NatsServer;
let each = new Subscription();
const connections: NatsConnection[] = [];

beforeAll(async () => {
  server = await NatsServer.start();
});
afterAll(() => server.stop());

/** Nobody of one test may be a member in the next. */
afterEach(async () => {
  each.unsubscribe();
  each = new Subscription();
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
});

async function connected(url = server.url): Promise<NatsConnection> {
  const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  connections.push(connection);
  return connection;
}

/** Joins, and gives what was emitted. */
function join(connection: NatsConnection, group: string, id: string, options: Partial<MembersOptions> = {}) {
  const emitted: (readonly string[])[] = [];
  const errors: unknown[] = [];
  const subscription = members({ connection, group, id, ttl: TTL, ...options }).subscribe({
    next: (ids) => emitted.push(ids),
    error: (error: unknown) => errors.push(error),
  });
  each.add(subscription);
  return {
    emitted,
    errors,
    subscription,
    get seen() {
      return emitted.at(-1);
    },
  };
}

async function started(group: string, id: string): Promise<CoordinationProcess> {
  const process = await startProcess(server.url, { name: 'members', group, id });
  each.add(() => process.child.kill('SIGKILL'));
  return process;
}

/** Waits until a member's key has been written so many times more. */
async function heartbeats(group: string, id: string, count: number, bucket = 'rxframe'): Promise<void> {
  const kv = await new Kvm(await connected()).open(bucket);
  const seen = new Set<number | undefined>([undefined]);
  await expect
    .poll(async () => seen.add((await kv.get(`member.${group}.${id}`))?.revision).size, WAIT)
    .toBeGreaterThan(count + 2);
}

describe('members', () => {
  it('has all who are there from the first emission on, and each change after it', async () => {
    const connection = await connected();
    const a = join(connection, 'changes', 'a');
    await expect.poll(() => a.emitted, WAIT).toEqual([['a']]);
    const c = join(await connected(), 'changes', 'c');
    await expect.poll(() => c.emitted, WAIT).toEqual([['a', 'c']]);
    const b = join(await connected(), 'changes', 'b');
    await expect.poll(() => b.emitted, WAIT).toEqual([['a', 'b', 'c']]);
    c.subscription.unsubscribe();
    const all = [['a'], ['a', 'c'], ['a', 'b', 'c'], ['a', 'b']];
    await expect.poll(() => a.emitted, { ...WAIT, timeout: TTL / 2 }).toEqual(all);
    await heartbeats('changes', 'b', 4);
    expect(a.emitted).toEqual(all);
    expect(b.emitted).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b'],
    ]);
  });

  it('has all of many, from the first emission of the last one on', async () => {
    const connection = await connected();
    const ids = Array.from({ length: 20 }, (_, i) => `member-${10 + i}`);
    const joined = ids.slice(0, -1).map((id) => join(connection, 'many', id));
    await expect.poll(() => joined.every(({ seen }) => seen?.length === ids.length - 1), WAIT).toBe(true);
    const last = join(await connected(), 'many', ids.at(-1)!);
    await expect.poll(() => last.emitted, WAIT).toEqual([ids]);
  });

  it('keeps groups apart, and takes ids with dots', async () => {
    const connection = await connected();
    const a = join(connection, 'one', 'host-1.example/4711');
    const b = join(connection, 'two', 'two.a=b');
    const c = join(connection, 'two', 'two');
    await expect.poll(() => c.seen, WAIT).toEqual(['two', 'two.a=b']);
    await expect.poll(() => b.seen, WAIT).toEqual(['two', 'two.a=b']);
    expect(a.emitted).toEqual([['host-1.example/4711']]);
  });

  it('leaves before the connection is drained', async () => {
    const a = join(await connected(), 'drained', 'a');
    const connection = await connected();
    const b = join(connection, 'drained', 'b');
    await expect.poll(() => a.seen, WAIT).toEqual(['a', 'b']);
    b.subscription.unsubscribe();
    await connection.drain();
    await expect.poll(() => a.seen, { ...WAIT, timeout: TTL / 2 }).toEqual(['a']);
  });

  it('forgets one that was killed, when the ttl is over', async () => {
    const a = join(await connected(), 'killed', 'a');
    const b = await started('killed', 'b');
    await expect.poll(() => a.seen, WAIT).toEqual(['a', 'b']);
    await heartbeats('killed', 'b', 1);
    const at = performance.now();
    b.child.kill('SIGKILL');
    await expect.poll(() => a.seen, WAIT).toEqual(['a']);
    const took = performance.now() - at;
    expect(took).toBeGreaterThan(TTL * 0.6);
    expect(took).toBeLessThan(TTL * 1.8);
  });

  it('forgets one that stands still, which is a member again when it goes on, and never forgot the others', async () => {
    const a = join(await connected(), 'frozen', 'a');
    const b = await started('frozen', 'b');
    await expect.poll(() => a.seen, WAIT).toEqual(['a', 'b']);
    b.child.kill('SIGSTOP');
    await expect.poll(() => a.seen, WAIT).toEqual(['a']);
    b.child.kill('SIGCONT');
    await expect.poll(() => a.seen, WAIT).toEqual(['a', 'b']);
    await heartbeats('frozen', 'b', 4);
    expect(b.told.items.map(({ value }) => value)).toEqual([['a', 'b']]);
  });

  it('sees what it saw, while the engine is away for longer than the ttl and when it is back', async () => {
    const joined = await Promise.all(
      ['a', 'b', 'c'].map(async (id) => join(await connected(), 'restarted', id, { bucket: 'restarted' })),
    );
    await expect.poll(() => joined.every(({ seen }) => seen?.length === 3), WAIT).toBe(true);
    const before = joined.map(({ emitted }) => emitted.length);
    await server.kill();
    // Nothing tells that this time is over but the clock.
    const until = performance.now() + TTL * 1.5;
    await expect.poll(() => performance.now() > until, WAIT).toBe(true);
    await server.restart();
    for (const id of ['a', 'b', 'c']) await heartbeats('restarted', id, 3, 'restarted');
    expect(joined.map(({ emitted }) => emitted.length)).toEqual(before);
    // And it still sees who comes and goes.
    joined[2]!.subscription.unsubscribe();
    join(await connected(), 'restarted', 'd', { bucket: 'restarted' });
    await expect.poll(() => joined[0]!.seen, WAIT).toEqual(['a', 'b', 'd']);
  });

  it('sees what it saw while it is cut off, when the others have forgotten it', async () => {
    const relay = await Relay.to(server.url);
    each.add(() => relay.close());
    const a = join(await connected(), 'cut', 'a');
    const b = join(await connected(relay.url), 'cut', 'b');
    await expect.poll(() => a.seen, WAIT).toEqual(['a', 'b']);
    relay.cut();
    await expect.poll(() => a.seen, WAIT).toEqual(['a']);
    await heartbeats('cut', 'a', 4);
    relay.mend();
    await expect.poll(() => a.seen, WAIT).toEqual(['a', 'b']);
    await heartbeats('cut', 'b', 4);
    expect(a.emitted).toEqual([['a'], ['a', 'b'], ['a'], ['a', 'b']]);
    expect(b.emitted).toEqual([['a', 'b']]);
  });

  it('sees who comes after its watch was lost', async () => {
    const connection = await connected();
    const a = join(connection, 'watch', 'a', { bucket: 'watch' });
    await expect.poll(() => a.seen, WAIT).toEqual(['a']);
    const manager = await jetstreamManager(connection);
    for await (const { name } of manager.consumers.list('KV_watch')) await manager.consumers.delete('KV_watch', name);
    join(await connected(), 'watch', 'b', { bucket: 'watch' });
    await expect.poll(() => a.seen, { ...WAIT, timeout: TTL * 3 }).toEqual(['a', 'b']);
  });

  it('goes on where the bucket was removed', async () => {
    const connection = await connected();
    const a = join(connection, 'removed', 'a', { bucket: 'removed' });
    const b = join(connection, 'removed', 'b', { bucket: 'removed' });
    await expect.poll(() => a.seen, WAIT).toEqual(['a', 'b']);
    await (await new Kvm(connection).open('removed')).destroy();
    join(await connected(), 'removed', 'c', { bucket: 'removed' });
    await expect.poll(() => a.seen, WAIT).toEqual(['a', 'b', 'c']);
    await expect.poll(() => b.seen, WAIT).toEqual(['a', 'b', 'c']);
  });

  describe('where two have the same id', () => {
    it('fails for the second, and goes on for the first', async () => {
      const first = join(await connected(), 'twice', 'a');
      await expect.poll(() => first.seen, WAIT).toEqual(['a']);
      const second = join(await connected(), 'twice', 'a');
      await expect.poll(() => second.errors, WAIT).toHaveLength(1);
      expect(second.errors[0]).toMatchObject({
        name: 'IdInUseError',
        code: 'ERR_ID_IN_USE',
        group: 'twice',
        id: 'a',
        message: expect.stringContaining('Another process is the member a of the group twice.') as string,
      });
      expect(second.emitted).toEqual([]);
      await heartbeats('twice', 'a', 4);
      expect(first.errors).toEqual([]);
      expect(first.emitted).toEqual([['a']]);
    });

    it('waits for the ttl where the first was killed', async () => {
      const first = await started('again', 'a');
      await first.told.until(1);
      first.child.kill('SIGKILL');
      const second = join(await connected(), 'again', 'a');
      await expect.poll(() => second.emitted, WAIT).toEqual([['a']]);
      expect(second.errors).toEqual([]);
    });

    it('fails for one that stood still while the other took its place', async () => {
      const first = await started('replaced', 'a');
      await first.told.until(1);
      first.child.kill('SIGSTOP');
      const second = join(await connected(), 'replaced', 'a');
      await expect.poll(() => second.emitted, WAIT).toEqual([['a']]);
      first.child.kill('SIGCONT');
      await expect.poll(() => first.told.items.at(-1)?.error, WAIT).toBe('IdInUseError');
      await heartbeats('replaced', 'a', 4);
      expect(second.errors).toEqual([]);
    });
  });

  it('fails where the connection is closed', async () => {
    const connection = await connected();
    const { errors, emitted } = join(connection, 'closed', 'a');
    await expect.poll(() => emitted, WAIT).toEqual([['a']]);
    await connection.close();
    await expect.poll(() => errors, WAIT).toEqual([expect.objectContaining({ code: 'ERR_NETWORK' })]);
  });

  it.each([
    [{ group: 'a.b' }, 'members: group must be 1 to 250 letters, digits, - _ = /, got "a.b"'],
    [{ id: 'a b' }, 'members: id must be 1 to 250 letters, digits, - _ = / and dots between them, got "a b"'],
    [{ connection: {} }, 'members: connection must be an object with a method request(), got an object'],
    [{ ttl: 0.5 }, 'members: ttl must be at least 1000 ms, got 0.5'],
    [{ key: 'k' }, 'members: there is no option "key"'],
  ])('fails at the call, where an option is not allowed: %o', async (wrong, message) => {
    const options = { connection: await connected(), group: 'g', id: 'i', ...wrong } as MembersOptions;
    expect(() => members(options)).toThrow(message);
  });
});
