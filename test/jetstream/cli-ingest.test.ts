import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureStream } from '../../src/jetstream/index.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { folder, rxframe, type Command } from '../cli/run.ts';
import { environmentOf, handWritten, SECRET, simulated } from '../cli/server.ts';
import { NatsServer } from './nats-server.ts';

let nats: NatsServer;
let connection: NatsConnection;

beforeAll(async () => {
  nats = await NatsServer.start();
  connection = await connect({ servers: nats.url });
});

afterAll(async () => {
  await connection.close();
  await nats.stop();
});

/** How many messages the partitions of these streams have. */
async function stored(name: string, { partitions = 8, from = connection } = {}): Promise<number> {
  const { streams } = await jetstreamManager(from);
  const infos = await Promise.all(Array.from({ length: partitions }, (_, nth) => streams.info(`${name}-${nth}`)));
  return infos.reduce((sum, { state }) => sum + state.messages, 0);
}

/** The numbers of the summary. */
function summaryOf({ stderr }: Command) {
  const [, received] = /^(\d+) in = /m.exec(stderr) ?? [];
  const [, published, doubles] = /^published to \w+: (\d+) messages?, (\d+) doubles? removed, /m.exec(stderr) ?? [];
  return { received: Number(received), published: Number(published), doubles: Number(doubles) };
}

const ingest = (simulator: Simulator, args: readonly string[], url = nats.url) =>
  rxframe(['ingest', '--nats', url, ...args], { env: environmentOf(simulator) });

/** Streams with names and subjects of their own. */
const named = (name: string) => ['--stream', name, '--prefix', name.toLowerCase()];

describe.concurrent('ingest', () => {
  it('publishes each event once, though two of it publish all, and says what it has done', async () => {
    const keepalive = JSON.stringify({ type: 'keepalive' });
    const updates = Array.from({ length: 300 }, (_, n) =>
      JSON.stringify({ type: 'interaction.update', id: `conversation-${n % 7}`, routing: {}, n }),
    );
    const env = await handWritten((webSocket) => {
      for (const frame of [keepalive, ...updates, keepalive, 'no JSON']) webSocket.send(frame);
      webSocket.close(1000);
    });
    const args = ['ingest', '--nats', nats.url, ...named('TWICE'), '--org', 'acme', '--partitions', '4'];
    const commands = [rxframe(args, { env }), rxframe(args, { env })];
    expect(await Promise.all(commands.map(({ ended }) => ended))).toEqual([0, 0]);
    const [one, other] = commands.map(summaryOf);
    expect(one).toMatchObject({ received: 303, published: 300 });
    expect(other).toMatchObject({ received: 303, published: 300 });
    const count = await stored('TWICE', { partitions: 4 });
    expect(count).toBe(300);
    expect(one!.doubles + other!.doubles).toBe(300);
    expect(commands[0]?.stdout).toContain(`publishing to TWICE: 4 partitions, subjects twice.>, NATS at `);

    // No keepalives, and no rejected frames.
    const { streams } = await jetstreamManager(connection);
    const { state } = await streams.info('TWICE-0', { subjects_filter: '>' });
    for (const subject of Object.keys(state.subjects ?? {})) {
      expect(subject).toMatch(/^twice\.acme\.interaction%2Eupdate\.conversation-\d\.0$/);
    }
  });

  it('publishes rejected frames too, where that is wanted', async () => {
    const simulator = await simulated({ rate: Infinity, frames: 200, badRate: 0.3, oversizeBytes: 6_000 });
    const command = ingest(simulator, [...named('REJECTS'), '--partitions', '1', '--rejected']);
    expect(await command.ended).toBe(0);
    const { streams } = await jetstreamManager(connection);
    const message = await streams.getMessage('REJECTS-0', { last_by_subj: 'rejects.-.-.-.0' });
    expect(message?.header.get('Rxframe-Frame')).toMatch(/;rejected=(?:decode|size-gate)\//);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('publishes all that it has received before %s', async (signal) => {
    const simulator = await simulated({ rate: 3_000, poolSize: Infinity });
    const command = ingest(simulator, [...named(signal), '--audit-file', 'audit.ndjson']);
    await vi.waitFor(async () => expect(await stored(signal)).toBeGreaterThan(1_000), { timeout: 20_000 });
    command.child.kill(signal);
    expect(await command.ended).toBe(0);
    expect(command.stderr).not.toContain('INCOMPLETE');
    const { published, doubles } = summaryOf(command);
    expect(await stored(signal)).toBe(published - doubles);
  });

  it('ends in time where JetStream takes nothing more, with 1, and says how many frames were not published', async () => {
    const own = await NatsServer.start();
    const simulator = await simulated({ rate: 1_000, poolSize: Infinity });
    const command = ingest(simulator, ['--metrics-address', '0'], own.url);
    const [, metrics = ''] = await command.until('stdout', / metrics on (http:\S+)/);
    const seen = async (name: string) => {
      const text = await (await fetch(metrics)).text();
      return Number(new RegExp(`^rxframe_jetstream_${name}{stream="main"} (\\d+)`, 'm').exec(text)?.[1]);
    };
    await vi.waitFor(async () => expect(await seen('published_total')).toBeGreaterThan(100), { timeout: 40_000 });
    own.freeze();
    await vi.waitFor(async () => expect(await seen('waiting')).toBeGreaterThan(100), { timeout: 40_000 });
    const begin = performance.now();
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(1);
    expect(performance.now() - begin).toBeLessThan(8_000);
    expect(command.stderr).toMatch(/, 0 refused, INCOMPLETE: [1-9]\d* frames not published\n/);
    await own.stop();
  });

  it('loses nothing where the server is killed and comes back, is not ready meanwhile, and says so', async () => {
    const own = await NatsServer.start();
    const simulator = await simulated({ rate: 2_000, poolSize: Infinity });
    const command = ingest(simulator, ['--metrics-address', '127.0.0.1:0'], own.url);
    const [, url = ''] = await command.until('stdout', / metrics on (http:\S+)\/metrics/);
    const ready = async () => {
      const response = await fetch(`${url}/readyz`);
      return [response.status, await response.text()];
    };
    await vi.waitFor(async () => expect(await ready()).toEqual([200, 'open\n']), { timeout: 20_000 });
    await command.until('stdout', /frames\/s/);
    await own.kill();
    await vi.waitFor(async () => expect(await ready()).toEqual([503, 'NATS is not connected\n']), { timeout: 20_000 });
    await own.restart();
    await vi.waitFor(async () => expect(await ready()).toEqual([200, 'open\n']), { timeout: 20_000 });
    await command.until('stdout', / JetStream takes messages again, after /);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    expect(command.stdout).toMatch(/ JetStream takes no messages, and they wait: /);
    const { published, doubles } = summaryOf(command);
    const after = await connect({ servers: own.url });
    expect(await stored('GENESYS', { from: after })).toBe(published - doubles);
    await after.close();
    await own.stop();
  });

  it('loses nothing where the server refuses it for a while, and says so', async () => {
    const accepting = (password: string) => `authorization { user: me, password: ${password} }`;
    const own = await NatsServer.start(accepting(SECRET));
    const simulator = await simulated({ rate: 500, poolSize: Infinity });
    const env = { ...environmentOf(simulator), NATS_URL: own.url.replace('//', `//me:${SECRET}@`) };
    const refused = rxframe(['ingest'], { env });
    await refused.until('stdout', /frames\/s/);
    await own.kill();
    await own.restart(accepting('another'));
    await refused.until('stdout', / NATS refuses the connection, and is asked again: Authorization Violation\n/);
    // More often than the client would by itself.
    const log = () => own.log().then((text) => text.match(/authentication error/g)?.length ?? 0);
    await vi.waitFor(async () => expect(await log()).toBeGreaterThan(3), { timeout: 20_000 });
    await own.kill();
    await own.restart(accepting(SECRET));
    await refused.until('stdout', / JetStream takes messages again, after /);
    refused.child.kill('SIGTERM');
    expect(await refused.ended).toBe(0);
    expect(refused.stdout + refused.stderr).not.toContain(SECRET);
    await own.stop();
  });

  it('leaves streams that are there as they are, where messages would be lost, with 2', async () => {
    await ensureStream(connection, { name: 'THERE', prefix: 'there', partitions: 2 });
    const simulator = await simulated();
    const refused = ingest(simulator, [...named('THERE'), '--partitions', '4']);
    expect(await refused.ended).toBe(2);
    expect(refused.stderr).toContain("rxframe ingest: the streams of the name THERE can't be changed");
    expect(refused.stderr).toContain('it has 2 partitions, not 4');
    // Nothing has begun.
    expect(refused.stdout + refused.stderr).not.toMatch(/streaming from|0 in =/);

    const changed = ingest(simulator, [
      '--stream',
      'THERE',
      '--prefix',
      'there',
      '--max-age',
      '3600',
      '--max-frames',
      '5',
    ]);
    expect(await changed.ended).toBe(0);
    const { streams } = await jetstreamManager(connection);
    expect((await streams.info('THERE-1')).config).toMatchObject({ max_age: 3_600e9 });
    expect(changed.stderr).toContain('5 in = 5 accepted + 0 rejected\n');
  });

  it('shares the topics with others of its group, and takes over those of one that is gone', async () => {
    const simulator = await simulated({ notifications: {} });
    const chosen = Array.from({ length: 12 }, () => `v2.users.${randomUUID()}.presence`);
    const args = ['--notifications', '--group', 'g', '--copies', '1', ...chosen.flatMap((topic) => ['--topic', topic])];
    const member = (id: string) => ingest(simulator, [...named('SHARED'), ...args, '--id', id]);
    const a = member('a');
    await a.until('stdout', / 1 member of g: a\n[^]* 12 topics of all for this one\n/);
    const b = member('b');
    const subscribed = () =>
      simulator.notifications
        .channels()
        .filter(({ isConnected }) => isConnected)
        .flatMap(({ subscriptions }) => subscriptions);
    await a.until('stdout', / 2 members of g: a, b\n/);
    const [, ofB] = await b.until('stdout', / (\d+) topics? of all for this one\n/);
    expect(Number(ofB)).toBeGreaterThan(0);
    expect(Number(ofB)).toBeLessThan(12);
    await vi.waitFor(() => expect(new Set(subscribed())).toEqual(new Set(chosen)), { timeout: 20_000 });
    b.child.kill('SIGTERM');
    expect(await b.ended).toBe(0);
    await a.until('stdout', / 2 members of g: a, b\n[^]* 1 member of g: a\n/);
    await vi.waitFor(() => expect(new Set(subscribed())).toEqual(new Set(chosen)), { timeout: 20_000 });
    a.child.kill('SIGTERM');
    expect(await a.ended).toBe(0);
  });
});

describe.concurrent('ingest, where NATS does not let it', () => {
  it('ends with 1 where nobody listens', async () => {
    const command = rxframe(['ingest', '--simulate', '--nats', 'nats://127.0.0.1:1']);
    expect(await command.ended).toBe(1);
    expect(command.stderr).toBe(
      "rxframe ingest: NATS can't be reached at 127.0.0.1:1: ECONNREFUSED. --nats or NATS_URL says where it is.\n",
    );
  });

  it('ends with 1 where the server has no JetStream', async () => {
    const own = await NatsServer.start('no_auth_user: u\naccounts { A { users: [{ user: u, password: p }] } }');
    const command = rxframe(['ingest', '--simulate', '--nats', own.url]);
    expect(await command.ended).toBe(1);
    expect(command.stderr).toMatch(
      /^rxframe ingest: NATS at 127\.0\.0\.1:\d+ has no JetStream: start it with nats-server -js, .+\.\n$/,
    );
    await own.stop();
  });

  it('ends with 3 where it does not accept who we are, and shows no secret', async () => {
    const own = await NatsServer.start('authorization { user: me, password: right }');
    const env = { NATS_URL: own.url, NATS_USER: 'me', NATS_PASSWORD: SECRET };
    const refused = rxframe(['ingest', '--simulate'], { env });
    expect(await refused.ended).toBe(3);
    expect(refused.stderr).toMatch(/^rxframe ingest: Authentication failed: NATS at 127\.0\.0\.1:\d+ does not accept/);
    expect(refused.stdout + refused.stderr).not.toContain(SECRET);
    expect(refused.stderr).not.toContain('    at ');

    const url = own.url.replace('//', '//me:right@');
    const welcome = rxframe(['ingest', '--simulate', '--max-frames', '5'], { env: { NATS_URL: url } });
    expect(await welcome.ended).toBe(0);
    expect(welcome.stdout + welcome.stderr).not.toContain('right');
    await own.stop();
  });

  it.each([
    ['says nothing', '', 'NATS at HERE did not answer in time.'],
    [
      'speaks otherwise',
      'HTTP/1.1 400 \u001b[31m\r\n',
      'What answers at HERE does not talk as NATS does: unexpected response from server. --nats or NATS_URL says where NATS is.',
    ],
    ['closes', undefined, 'What answers at HERE closes the connection before it has said anything.'],
  ])('ends with 1 where what listens %s, and does not stay', async (_, words, message) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (words === undefined) socket.destroy();
      else socket.write(words);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const command = rxframe(['ingest', '--simulate', '--nats', `nats://${at}`]);
    // The server closes nothing.
    expect(await command.ended).toBe(1);
    expect(command.stderr).toBe(`rxframe ingest: ${message.replace('HERE', at)}\n`);
    server.close();
  });

  it('ends with 2 where the file of the credentials is none, and does not show it', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'my.creds'), SECRET);
    const command = rxframe(['ingest', '--simulate', '--nats-creds', 'my.creds'], { cwd });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain('--nats-creds: "my.creds" is no credentials file');
    expect(command.stderr).not.toContain(SECRET);
  });

  it('ends with 2 where the file of the credentials is not there', async () => {
    const command = rxframe(['ingest', '--simulate', '--nats-creds', 'no\u001b.creds']);
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain('--nats-creds: "no\\u001b.creds" can\'t be read (ENOENT)');
  });
});
