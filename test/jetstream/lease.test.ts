import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { Subscription } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { lease, type LeaseOptions } from '../../src/jetstream/sharing/lease.ts';
import { integerBetween, mulberry32, pick } from '../../src/simulator/random.ts';
import { FAULT_SEED } from '../faults/seed.ts';
import { machineTime, startProcess, type CoordinationProcess } from './coordination-process.ts';
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

/** Nothing of one test may hold a lease in the next. */
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

/** Takes part, and gives what was emitted. */
function take(connection: NatsConnection, key: string, options: Partial<LeaseOptions> = {}) {
  const emitted: boolean[] = [];
  const errors: unknown[] = [];
  const subscription = lease({ connection, key, id: 'a', ttl: TTL, ...options }).subscribe({
    next: (held) => emitted.push(held),
    error: (error: unknown) => errors.push(error),
  });
  each.add(subscription);
  return {
    emitted,
    errors,
    subscription,
    get held() {
      return emitted.at(-1) === true;
    },
  };
}

async function started(key: string, id: string): Promise<CoordinationProcess> {
  const process = await startProcess(server.url, { name: 'lease', key, id });
  each.add(() => process.child.kill('SIGKILL'));
  return process;
}

/** The revision of a key, 0 where it isn't there. */
async function revisionOf(connection: NatsConnection, key: string): Promise<number> {
  const entry = await (await new Kvm(connection).open('rxframe')).get(`lease.${key}`);
  return entry?.operation === 'PUT' ? entry.revision : 0;
}

/** Waits until the holder has renewed it so many times. */
async function renewals(key: string, count: number): Promise<void> {
  const connection = await connected();
  const seen = new Set<number>();
  await expect.poll(async () => seen.add(await revisionOf(connection, key)).size, WAIT).toBeGreaterThan(count);
}

describe('lease', () => {
  it('is had by one, and by the next soon after that one gives it back', async () => {
    const a = take(await connected(), 'turns');
    await expect.poll(() => a.held, WAIT).toBe(true);
    const b = take(await connected(), 'turns', { id: 'b' });
    await renewals('turns', 4);
    expect(b.emitted).toEqual([]);

    const at = performance.now();
    a.subscription.unsubscribe();
    await expect.poll(() => b.held, WAIT).toBe(true);
    expect(performance.now() - at).toBeLessThan(TTL * 0.7);
    expect(a.emitted).toEqual([true]);
    expect(b.emitted).toEqual([true]);
  });

  it('is not had by two of the same id', async () => {
    const first = take(await connected(), 'same-id');
    await expect.poll(() => first.held, WAIT).toBe(true);
    const second = take(await connected(), 'same-id');
    await renewals('same-id', 4);
    expect(second.emitted).toEqual([]);
  });

  it('is given back before the connection is drained', async () => {
    const connection = await connected();
    const a = take(connection, 'drained');
    await expect.poll(() => a.held, WAIT).toBe(true);
    a.subscription.unsubscribe();
    await connection.drain();
    expect(await revisionOf(await connected(), 'drained')).toBe(0);
  });

  it('is given back where it is unsubscribed from while a claim is under way', async () => {
    const relay = await Relay.to(server.url);
    each.add(() => relay.close());
    const witness = await connected();
    const a = take(await connected(relay.url), 'hasty');
    await expect.poll(() => a.held, WAIT).toBe(true);
    relay.mute();
    const first = await revisionOf(witness, 'hasty');
    await expect.poll(() => revisionOf(witness, 'hasty'), WAIT).toBeGreaterThan(first);
    // The engine has renewed it, and the answer is on its way.
    a.subscription.unsubscribe();
    relay.resume();
    await expect.poll(() => revisionOf(witness, 'hasty'), { ...WAIT, timeout: TTL / 2 }).toBe(0);
  });

  it('is taken from a holder that was killed, once the ttl is over', async () => {
    const holder = await started('killed', 'a');
    await holder.told.find(({ value }) => value === true);
    const b = take(await connected(), 'killed', { id: 'b' });
    await renewals('killed', 2);
    const at = performance.now();
    holder.child.kill('SIGKILL');
    await expect.poll(() => b.held, WAIT).toBe(true);
    const took = performance.now() - at;
    expect(took).toBeGreaterThan(TTL * 0.6);
    expect(took).toBeLessThan(TTL * 2);
  });

  it('is false as soon as a holder that stood still runs again', async () => {
    const holder = await started('frozen', 'a');
    await holder.told.find(({ value }) => value === true);
    const b = take(await connected(), 'frozen', { id: 'b' });
    holder.child.kill('SIGSTOP');
    await expect.poll(() => b.held, WAIT).toBe(true);
    expect(holder.told.items.map(({ value }) => value)).toEqual([true]);

    const at = machineTime();
    holder.child.kill('SIGCONT');
    const { at: toldAt } = await holder.told.find(({ value }) => value === false);
    expect(toldAt - at).toBeLessThan(TTL / 4);
    await renewals('frozen', 3);
    expect(holder.told.items.map(({ value }) => value)).toEqual([true, false]);
    expect(b.emitted).toEqual([true]);
  });

  it('is false in time where its holder takes long over the news that it has it', async () => {
    const connection = await connected();
    const emitted: { readonly held: boolean; readonly at: number }[] = [];
    const holder = lease({ connection, key: 'long', id: 'a', ttl: TTL }).subscribe((held) => {
      if (held && emitted.length === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TTL * 1.2);
      emitted.push({ held, at: performance.now() });
    });
    each.add(holder);
    await expect.poll(() => emitted.map(({ held }) => held), WAIT).toEqual([true, false]);
    expect(emitted[1]!.at - emitted[0]!.at).toBeLessThan(TTL / 4);
  });

  it.each(['cut', 'pause'] as const)(
    'is false before another one has it, where the way to the engine is gone (%s)',
    async (kind) => {
      const relay = await Relay.to(server.url);
      each.add(() => relay.close());
      const a = take(await connected(relay.url), kind);
      await expect.poll(() => a.held, WAIT).toBe(true);
      const b = take(await connected(), kind, { id: 'b' });
      relay[kind]();
      await expect.poll(() => b.held || !a.held, WAIT).toBe(true);
      expect(b.emitted).toEqual([]);
      await expect.poll(() => b.held, WAIT).toBe(true);
      expect(a.emitted).toEqual([true, false]);

      relay.mend();
      relay.resume();
      b.subscription.unsubscribe();
      await expect.poll(() => a.held, WAIT).toBe(true);
      expect(a.emitted).toEqual([true, false, true]);
      expect(b.emitted).toEqual([true]);
    },
  );

  it('is kept where the answer to a renewal is lost', async () => {
    const relay = await Relay.to(server.url);
    each.add(() => relay.close());
    const witness = await connected();
    const a = take(await connected(relay.url), 'lost-answer', { bucket: 'slow', ttl: 6000 });
    await expect.poll(() => a.held, WAIT).toBe(true);
    const kv = await new Kvm(witness).open('slow');
    const revision = async () => (await kv.get('lease.lost-answer'))?.revision;
    relay.mute();
    await expect.poll(revision, WAIT).toBe(2);
    relay.cut();
    relay.mend();
    await expect.poll(revision, WAIT).toBe(3);
    await expect.poll(revision, WAIT).toBe(4);
    expect(a.emitted).toEqual([true]);
  });

  it('is false while the engine stands still for longer than the ttl, and true when it goes on', async () => {
    const a = take(await connected(), 'stood-still');
    await expect.poll(() => a.held, WAIT).toBe(true);
    server.freeze();
    try {
      await expect.poll(() => a.held, WAIT).toBe(false);
    } finally {
      server.thaw();
    }
    await expect.poll(() => a.held, WAIT).toBe(true);
    expect(a.emitted).toEqual([true, false, true]);
  });

  it('stays with its holder where the engine is killed and started again', async () => {
    const a = take(await connected(), 'restarted', { bucket: 'longer', ttl: 6000 });
    await expect.poll(() => a.held, WAIT).toBe(true);
    const witness = await connected();
    const b = take(witness, 'restarted', { id: 'b', bucket: 'longer', ttl: 6000 });
    await server.kill();
    await server.restart();
    const kv = await new Kvm(witness).open('longer');
    await expect.poll(async () => (await kv.get('lease.restarted').catch(() => undefined))?.revision, WAIT).toBe(3);
    expect(a.emitted).toEqual([true]);
    expect(b.emitted).toEqual([]);
  });

  it('is taken when the engine comes back, where it was asked for while that was away', async () => {
    const connection = await connected();
    await server.kill();
    const a = take(connection, 'away', { bucket: 'away' });
    const until = performance.now() + TTL;
    // Nothing tells that some tries have failed but the clock.
    await expect.poll(() => performance.now() > until, WAIT).toBe(true);
    await server.restart();
    await expect.poll(() => a.held, WAIT).toBe(true);
    expect(a.errors).toEqual([]);
  });

  it('is taken again where the bucket was removed', async () => {
    const connection = await connected();
    const a = take(connection, 'removed', { bucket: 'removed' });
    await expect.poll(() => a.held, WAIT).toBe(true);
    await (await new Kvm(connection).open('removed')).destroy();
    await expect.poll(() => a.held, WAIT).toBe(false);
    await expect.poll(() => a.held, WAIT).toBe(true);
  });

  it('goes by the ttl of the bucket, where that is there already', async () => {
    const relay = await Relay.to(server.url);
    each.add(() => relay.close());
    await new Kvm(await connected()).create('shorter', { ttl: TTL });
    const a = take(await connected(relay.url), 'ttl', { bucket: 'shorter', ttl: 60_000 });
    await expect.poll(() => a.held, WAIT).toBe(true);
    const at = performance.now();
    relay.cut();
    await expect.poll(() => a.held, WAIT).toBe(false);
    expect(performance.now() - at).toBeLessThan(TTL * 1.5);
  });

  it('makes a bucket on disk, with the ttl', async () => {
    const connection = await connected();
    const a = take(connection, 'made', { bucket: 'made', ttl: 1234 });
    await expect.poll(() => a.held, WAIT).toBe(true);
    const { config } = await (await jetstreamManager(connection)).streams.info('KV_made');
    expect(config).toMatchObject({ storage: 'file', max_age: 1.234e9, max_msgs_per_subject: 1, num_replicas: 1 });
  });

  it('starts where two make the bucket at once, with different ttls', async () => {
    const takers = await Promise.all(
      [1000, 1100, 1200, 1300].map(async (ttl) => take(await connected(), `made-by-${ttl}`, { bucket: 'raced', ttl })),
    );
    await expect.poll(() => takers.every(({ held }) => held), WAIT).toBe(true);
  });

  describe('fails', () => {
    it('where the bucket keeps things for ever', async () => {
      const connection = await connected();
      await new Kvm(connection).create('eternal');
      const { errors, emitted } = take(connection, 'x', { bucket: 'eternal' });
      await expect.poll(() => errors, WAIT).toEqual([expect.any(RangeError)]);
      expect(String(errors[0])).toContain('The bucket eternal keeps what is written for ever');
      expect(emitted).toEqual([]);
    });

    it('where the engine refuses it', async () => {
      const closed = await NatsServer.start('accounts { A { users: [{ user: a, password: a }] } }\nno_auth_user: a');
      each.add(() => void closed.stop());
      const { errors } = take(await connected(closed.url), 'x');
      await expect.poll(() => errors, WAIT).toEqual([expect.objectContaining({ name: 'JetStreamNotEnabled' })]);
    });

    it('where the connection is closed, and says first that it has it no more', async () => {
      const connection = await connected();
      const { errors, emitted } = take(connection, 'closed');
      await expect.poll(() => emitted, WAIT).toEqual([true]);
      await connection.close();
      await expect.poll(() => errors, WAIT).toEqual([expect.objectContaining({ code: 'ERR_NETWORK' })]);
      expect(emitted).toEqual([true, false]);
    });

    it.each([
      [{ key: '' }, 'lease: key must be 1 to 250 letters, digits, - _ = / and dots between them, got ""'],
      [{ key: 'a..b' }, 'lease: key must be'],
      [{ key: 'a.*' }, 'lease: key must be'],
      [{ id: 'a b' }, 'lease: id must be'],
      [{ bucket: 'a.b' }, 'lease: bucket must be 1 to 100 letters, digits, - and _, got "a.b"'],
      [{ ttl: 999 }, 'lease: ttl must be at least 1000 ms, got 999'],
      [{ replicas: 6 }, 'lease: replicas must be one of 1, 2, 3, 4, 5, got 6'],
      [{ retries: 2 }, 'lease: there is no option "retries"'],
    ])('at the call, where an option is not allowed: %o', async (wrong, message) => {
      const options = { connection: await connected(), key: 'k', id: 'i', ...wrong } as LeaseOptions;
      expect(() => lease(options)).toThrow(message);
    });
  });

  it('is never had by two, whatever happens to takers, ways and engine', { timeout: 90_000 }, async () => {
    console.log(`seed ${FAULT_SEED}`);
    const random = mulberry32(FAULT_SEED);
    const relays = await Promise.all([server.url, server.url].map((url) => Relay.to(url)));
    for (const relay of relays) each.add(() => relay.close());
    const urls = [server.url, server.url, ...relays.map(({ url }) => url)];
    const ways = await Promise.all(urls.map((url) => connected(url)));

    const holders = new Set<number>();
    const overlaps: string[] = [];
    const holds: number[] = [];
    const start = (taker: number): Subscription =>
      lease({ connection: ways[taker % ways.length]!, key: 'contended', id: `taker-${taker}`, ttl: TTL }).subscribe(
        (held) => {
          if (held) {
            if (holders.size > 0) overlaps.push(`${taker} while ${[...holders].join()} has it`);
            holders.add(taker);
            holds.push(taker);
          } else holders.delete(taker);
        },
      );
    const takers = Array.from({ length: 12 }, (_, taker) => start(taker));
    each.add(() => takers.forEach((taker) => taker.unsubscribe()));
    const restart = (taker: number) => {
      holders.delete(taker);
      takers[taker]!.unsubscribe();
      takers[taker] = start(taker);
    };
    const events: (() => Promise<void> | void)[] = [
      () => restart(integerBetween(random, 0, takers.length - 1)),
      () => holders.forEach(restart),
      async () => {
        const relay = pick(random, relays);
        relay[pick(random, ['cut', 'pause', 'mute'] as const)]();
        await delay(integerBetween(random, 100, 1500));
        relay.resume();
        relay.cut();
        relay.mend();
      },
      () => pick(random, ways).reconnect(),
      async () => {
        server.freeze();
        await delay(integerBetween(random, 100, 1500));
        server.thaw();
      },
      async () => {
        await server.kill();
        await delay(integerBetween(random, 0, 1500));
        await server.restart();
      },
    ];
    for (const until = performance.now() + 20_000; performance.now() < until;) {
      await pick(random, events)();
      await delay(integerBetween(random, 0, 500));
    }
    expect(overlaps).toEqual([]);
    // It is had by one in the end, and was had by many.
    await vi.waitFor(() => expect(holders.size).toBe(1), WAIT);
    expect(new Set(holds).size).toBeGreaterThan(3);
  });
});
