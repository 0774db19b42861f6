import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureStream, toJetStream } from '../../src/jetstream/index.ts';
import { folder, lines, rxframe, run, MAIN } from '../cli/run.ts';
import { SECRET } from '../cli/server.ts';
import { calls } from './calls.ts';
import { NatsServer } from './nats-server.ts';

let nats: NatsServer;
let connection: NatsConnection;
const closing: (() => void)[] = [];

beforeAll(async () => {
  nats = await NatsServer.start();
  connection = await connect({ servers: nats.url });
});

afterAll(async () => {
  for (const close of closing) close();
  await connection.close();
  await nats.stop();
});

/** An event as `calls` makes them. */
interface Call {
  readonly type: string;
  readonly conversationId: string;
  readonly n: number;
}

const call = (line: string) => (JSON.parse(line) as { readonly data: Call }).data;
const numbers = (found: readonly Call[]) => found.map(({ n }) => n).sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Whether the events of each conversation are in their order. */
function areInOrder(found: readonly Call[]): boolean {
  const last = new Map<string, number>();
  return found.every(({ conversationId, n }) => {
    const before = last.get(conversationId) ?? -1;
    last.set(conversationId, n);
    return before < n;
  });
}

/** Streams of their own with so many events of ten conversations. */
async function filled(name: string, count: number): Promise<void> {
  await ensureStream(connection, { name, prefix: name.toLowerCase(), partitions: 4 });
  await add(name, count);
}

async function add(stream: string, count: number): Promise<void> {
  await lastValueFrom(calls(count, 10).pipe(toJetStream({ connection, stream, highWaterMark: count })));
}

const consume = (stream: string, args: readonly string[], env: Record<string, string> = {}, cwd = folder()) =>
  rxframe(['consume', '--nats', nats.url, '--stream', stream, '--group', 'g', ...args], { env, cwd });

/** The subjects and payloads of the dead letters of a stream. */
async function deadLetters(stream: string): Promise<{ subject: string; call: Call }[]> {
  const { streams } = await jetstreamManager(connection);
  const { state } = await streams.info(`${stream}-dead`);
  const messages = await Promise.all(
    upTo(state.messages).map((nth) => streams.getMessage(`${stream}-dead`, { seq: nth + 1 })),
  );
  return messages.flatMap((message) =>
    message === null ? [] : { subject: message.subject, call: message.json<Call>() },
  );
}

/** How many messages the members of the group were given. */
async function handedOut(stream: string): Promise<number> {
  const { consumers } = await jetstreamManager(connection);
  const infos = await Promise.all(upTo(4).map((nth) => consumers.info(`${stream}-${nth}`, 'g').catch(() => undefined)));
  return infos.reduce((sum, info) => sum + (info?.delivered.stream_seq ?? 0), 0);
}

/** A webhook that answers as the test says, and what it has got. */
async function webhook(answer: (got: Call, response: ServerResponse, times: number) => void) {
  const got: Call[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const times = new Map<number, number>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const event = JSON.parse(body) as Call;
      got.push(event);
      headers.push(request.headers);
      times.set(event.n, (times.get(event.n) ?? 0) + 1);
      answer(event, response, times.get(event.n) ?? 0);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got, headers };
}

describe.concurrent('consume', () => {
  it('writes each frame as a line of JSON, those of a conversation in their order, and begins where the group is', async () => {
    await filled('LINES', 100);
    const first = consume('LINES', ['--max-frames', '60']);
    expect(await first.ended).toBe(0);
    expect(lines(first.stdout)).toHaveLength(60);
    expect(JSON.parse(lines(first.stdout)[0]!)).toMatchObject({
      connectionId: 'socket.1',
      outcome: 'accepted',
      checksum: 'none',
      timestamp: expect.stringMatching(/^2025-06-15T/) as unknown,
      data: { type: 'call' },
    });
    expect(first.stderr).toContain('\n60 in = 60 accepted + 0 rejected\n60 messages acknowledged, ');

    const second = consume('LINES', ['--max-frames', '40']);
    expect(await second.ended).toBe(0);
    const all = [...lines(first.stdout), ...lines(second.stdout)].map(call);
    expect(numbers(all)).toEqual(upTo(100));
    expect(areInOrder(all)).toBe(true);
  });

  it('hands only frames of the types that are wanted out, and begins at a time', async () => {
    await filled('TYPES', 20);
    const others = consume('TYPES', ['--type', 'interaction.update', '--duration', '1.5']);
    expect(await others.ended).toBe(0);
    expect(others.stderr).toMatch(/ reads partitions 0, 1, 2, 3\n/);
    expect(others.stdout).toBe('');
    expect(others.stderr).toContain('0 in = 0 accepted + 0 rejected\n20 messages acknowledged, ');
    const from = new Date(Date.now() - 60_000).toISOString();
    const wanted = rxframe([
      'consume',
      '--nats',
      nats.url,
      '--stream',
      'TYPES',
      '--group',
      'other',
      '--type',
      'call',
      '--from',
      from,
      '--max-frames',
      '20',
    ]);
    expect(await wanted.ended).toBe(0);
    expect(numbers(lines(wanted.stdout).map(call))).toEqual(upTo(20));
  });

  it('ends with 0 where the reader goes, and what it did not take stays', async () => {
    // More than a pipe has room for.
    await filled('HEAD', 2_000);
    const args = `consume --nats ${nats.url} --stream HEAD --group g`;
    const shell = run('bash', [
      '-c',
      `"${process.execPath}" "${MAIN}" ${args} 2>/dev/null | head -5; echo \${PIPESTATUS[0]} >code`,
    ]);
    await shell.ended;
    const taken = lines(shell.stdout).map(call);
    expect(taken).toHaveLength(5);
    const rest = consume('HEAD', ['--duration', '3']);
    expect(await rest.ended).toBe(0);
    // A pipe has room for some that nobody reads then.
    const found = lines(rest.stdout).map(call);
    expect(found.length).toBeLessThanOrEqual(1_995);
    expect(areInOrder([...taken, ...found])).toBe(true);
  });

  it('ends in time where nobody reads stdout, leaves the group in order, and says what is missing', async () => {
    // More than a pipe has room for.
    await filled('UNREAD', 2_000);
    const args = ['consume', '--nats', nats.url, '--stream', 'UNREAD', '--group', 'g'];
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder(), stdio: ['ignore', 'pipe', 'pipe'] });
    closing.push(() => child.kill('SIGKILL'));
    const said = text(child.stderr);
    await vi.waitFor(async () => expect((await handedOut('UNREAD')) > 100).toBe(true), { timeout: 20_000 });
    const begin = performance.now();
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(performance.now() - begin).toBeLessThan(7_900);
    child.stdout.destroy();
    expect(await said).toMatch(/\n\d+ in = [^]* messages acknowledged, [^]*stdout: INCOMPLETE: /);
    expect(code).toBe(1);
  });

  it('runs a command for each frame, those of a conversation one after the other, and makes a dead letter of what fails', async () => {
    await filled('EXEC', 30);
    const cwd = folder();
    const script = 'read -r call; case $call in *\'"n":7}\'*) exit 9;; esac; echo "$RXFRAME_KEY $call" >>done';
    const command = consume('EXEC', ['--exec', script, '--max-deliver', '2', '--max-frames', '30'], {}, cwd);
    expect(await command.ended).toBe(0);
    const done = lines(readFileSync(join(cwd, 'done'), 'utf8')).map((line) => {
      const [key, json = ''] = line.split(/ (.*)/);
      const found = JSON.parse(json) as Call;
      expect(key).toBe(found.conversationId);
      return found;
    });
    expect(numbers(done)).toEqual(upTo(30).filter((n) => n !== 7));
    expect(areInOrder(done)).toBe(true);
    expect(command.stderr).toMatch(/ message \d+ of EXEC-\d: the command ended with exit code 9: again in \d\.\d s\n/);
    expect(command.stderr).toMatch(/ message \d+ of EXEC-\d: the command ended with exit code 9: a dead letter\n/);
    expect(command.stderr).toMatch(/\n30 messages acknowledged, \d+ redelivered, 1 retried, 1 dead letter, /);
    expect(await deadLetters('EXEC')).toEqual([
      { subject: 'exec-dead.g.-.call.conversation-7', call: { type: 'call', conversationId: 'conversation-7', n: 7 } },
    ]);
  });

  it('posts each frame to a webhook, again where that can’t, and makes a dead letter at once of what it refuses', async () => {
    await filled('HOOK', 30);
    const { url, got, headers } = await webhook(({ n }, response, times) => {
      if (n === 3 && times === 1) response.writeHead(503, { 'retry-after': '1' }).end();
      else response.writeHead(n === 5 ? 422 : 204).end();
    });
    const authorization = `Bearer ${SECRET}`;
    const command = consume('HOOK', ['--webhook', url, '--max-frames', '30'], {
      RXFRAME_WEBHOOK_AUTHORIZATION: authorization,
    });
    expect(await command.ended).toBe(0);
    expect(numbers(got)).toEqual([...upTo(30), 3].sort((a, b) => a - b));
    const ids = new Set(headers.map((header) => header['idempotency-key']));
    expect(ids.size).toBe(30);
    expect(headers.every((header) => header.authorization === authorization)).toBe(true);
    expect((await deadLetters('HOOK')).map((dead) => dead.call.n)).toEqual([5]);
    expect(command.stderr).toContain('answered the webhook with 422: a dead letter\n');
    expect(command.stdout + command.stderr).not.toContain(SECRET);
    expect(command.stdout).toBe('');
  });

  it('finishes and acknowledges on SIGTERM what is worked on, and leaves the rest to the next one at once', async () => {
    await filled('DRAIN', 40);
    let waiting: ServerResponse[] = [];
    let isOpen = false;
    const { url, got } = await webhook((_, response) => {
      if (isOpen) response.writeHead(204).end();
      else waiting.push(response);
    });
    const args = ['--webhook', url, '--concurrency', '4'];
    const command = consume('DRAIN', args);
    await vi.waitFor(() => expect(got).toHaveLength(4), { timeout: 20_000 });
    command.child.kill('SIGTERM');
    // Long enough for what is not worked on to be given back, if it were handed out again to this one.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(got).toHaveLength(4);
    isOpen = true;
    for (const response of waiting.splice(0)) response.writeHead(204).end();
    waiting = [];
    expect(await command.ended).toBe(0);
    expect(command.stderr).toContain('\n4 messages acknowledged, ');

    const begin = performance.now();
    const next = consume('DRAIN', [...args, '--max-frames', '36']);
    expect(await next.ended).toBe(0);
    expect(performance.now() - begin).toBeLessThan(15_000);
    expect(numbers(got)).toEqual(upTo(40));
    expect(areInOrder(got)).toBe(true);
  });

  it('shares the work with others of its group, and takes over that of one that is killed', async () => {
    await filled('KILLED', 400);
    const cwd = folder();
    const args = ['--exec', 'read -r call; sleep 0.02; echo "$call" >>done', '--ack-wait', '2', '--concurrency', '4'];
    const commands = ['a', 'b'].map((id) => consume('KILLED', [...args, '--id', id], {}, cwd));
    // A command that is left behind may find nothing on its stdin.
    const done = () =>
      lines(readFileSync(join(cwd, 'done'), 'utf8')).flatMap((line) => (line === '' ? [] : (JSON.parse(line) as Call)));
    await Promise.all(commands.map((command) => command.until('stderr', / reads partition/)));
    await vi.waitFor(() => expect(done().length).toBeGreaterThan(20), { timeout: 30_000 });
    commands[0]?.child.kill('SIGKILL');
    await vi.waitFor(() => expect(new Set(numbers(done())).size).toBe(400), { timeout: 60_000 });
    commands[1]?.child.kill('SIGTERM');
    expect(await commands[1]?.ended).toBe(0);
  });

  it('serves what it counts, with how far the group is behind, and is ready while NATS is connected', async () => {
    await filled('METRICS', 50);
    const own = ['--exec', 'sleep 60', '--max-ack-pending', '2', '--metrics-address', '127.0.0.1:0'];
    const command = consume('METRICS', own);
    const [, url = ''] = await command.until('stderr', / metrics on (http:\S+)\/metrics/);
    const scrape = async () => {
      const found = (await (await fetch(`${url}/metrics`)).text()).matchAll(
        /^rxframe_jetstream_(\w+)\{stream="main"\} (\S+)$/gm,
      );
      return Object.fromEntries([...found].map(([, name, value]) => [name, Number(value)] as const)) as Readonly<
        Record<string, number>
      >;
    };
    await vi.waitFor(
      async () =>
        expect(await scrape()).toMatchObject({
          partitions: 4,
          lag: 42,
          in_hand: 8,
          received_total: 8,
          acknowledged_total: 0,
        }),
      {
        timeout: 20_000,
        interval: 200,
      },
    );
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  });
});

describe.concurrent('consume, where it can’t', () => {
  it('ends with 1 where there is no such stream', async () => {
    const command = consume('NONE', []);
    expect(await command.ended).toBe(1);
    expect(command.stderr).toMatch(/^rxframe consume: there is no stream NONE-0: /m);
  });

  it('ends with 2 where the group began elsewhere', async () => {
    await filled('ELSEWHERE', 1);
    const first = consume('ELSEWHERE', ['--max-frames', '1']);
    expect(await first.ended).toBe(0);
    const command = consume('ELSEWHERE', ['--from', 'new']);
    expect(await command.ended).toBe(2);
    expect(command.stderr).toMatch(/^rxframe consume: the group g of ELSEWHERE is there already and began elsewhere/m);
  });

  it('ends with 1 where the server has no JetStream for it, and says what to do', async () => {
    const without = await NatsServer.start('accounts { A: { users: [{ user: "a", password: "b" }] } }');
    const command = rxframe(['consume', '--group', 'g', '--nats', without.url], {
      env: { NATS_USER: 'a', NATS_PASSWORD: 'b' },
    });
    expect(await command.ended).toBe(1);
    await without.stop();
    expect(command.stderr).toMatch(/^rxframe consume: NATS at \S+ has no JetStream: start it with nats-server -js/m);
  });

  it('ends with 1 where nobody listens', async () => {
    const command = rxframe(['consume', '--group', 'g', '--nats', 'nats://127.0.0.1:1']);
    expect(await command.ended).toBe(1);
    expect(command.stderr).toContain("rxframe consume: NATS can't be reached at 127.0.0.1:1: ECONNREFUSED.");
  });
});
