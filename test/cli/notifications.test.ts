import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { PublishedEvent, Simulator } from '../../src/simulator/index.ts';
import { folder, lines, rxframe } from './run.ts';
import { environmentOf, SECRET, simulated } from './server.ts';

interface Line {
  readonly connectionId: string;
  readonly outcome: string;
  readonly payloadType: string | null;
  readonly latencyMs: number;
  readonly reason?: string;
  readonly data?: { readonly topicName?: string; readonly eventBody?: { readonly message?: string } };
}

const parsed = (text: string): Line[] => lines(text).map((line) => JSON.parse(line) as Line);
const noticesIn = (stderr: string): unknown[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as unknown);

const topicNames = (count: number) => Array.from({ length: count }, () => `v2.users.${randomUUID()}.presence`);
const topicFlags = (topics: readonly string[]) => topics.flatMap((topic) => ['--topic', topic]);
const body = (message: string) => ({ source: 'PURECLOUD', message });

/** Resolves when the topics are subscribed on channels with open sockets. */
async function listening({ notifications }: Simulator, topics: readonly string[]): Promise<void> {
  await vi.waitUntil(
    () => {
      const connected = notifications.channels().filter(({ isConnected }) => isConnected);
      return topics.every((topic) => connected.some(({ subscriptions }) => subscriptions.includes(topic)));
    },
    { timeout: 50_000 },
  );
}

describe.concurrent('listen --notifications', { timeout: 60_000 }, () => {
  it('writes the events of the topics, and the messages of the channel, as lines of JSON', async () => {
    const published: PublishedEvent[] = [];
    const simulator = await simulated({ notifications: { onEvent: (event) => published.push(event) } });
    const topics = topicNames(2);
    const cwd = folder();
    const args = [
      'listen',
      '--notifications',
      '--json',
      '--data',
      '--audit-file',
      'audit.ndjson',
      ...topicFlags(topics),
    ];
    const command = rxframe(args, { env: environmentOf(simulator), cwd });
    await listening(simulator, topics);
    for (const topic of [...topics, ...topics]) simulator.notifications.publish(topic, body(topic));
    await command.until('stdout', /(?:"payloadType":"v2.users.{id}.presence"[^]*){4}/);
    // The answer to the first ping may come later than the events.
    await command.until('stdout', /"payloadType":"channel.metadata"/);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);

    const outcomes = parsed(command.stdout);
    const events = outcomes.filter(({ payloadType }) => payloadType === 'v2.users.{id}.presence');
    expect(events.map(({ data }) => data?.topicName)).toEqual(published.map(({ topicName }) => topicName));
    expect(outcomes.filter((one) => !events.includes(one)).map(({ payloadType }) => payloadType)).toContain(
      'channel.metadata',
    );
    for (const { latencyMs } of outcomes) expect(latencyMs).toBeGreaterThanOrEqual(0);
    expect(lines(readFileSync(join(cwd, 'audit.ndjson'), 'utf8'))).toHaveLength(outcomes.length);
    expect(command.stderr).toContain(`streaming from 2 topics of ${simulator.apiUrl}/\n`);
    const count = outcomes.length;
    expect(command.stderr).toMatch(
      new RegExp(
        `^${count} in = ${count} accepted \\+ 0 rejected\n1 connection, 0 handovers, 0 gaps, \\d+ bytes\n`,
        'm',
      ),
    );
  });

  it('takes topics from a file, or stdin, with comments and empty lines', async () => {
    const simulator = await simulated();
    const topics = topicNames(4);
    const cwd = folder();
    writeFileSync(
      join(cwd, 'topics'),
      `\ufeff# users\r\n${topics[0]!}\r\n\n  ${topics[1]!}  # the second\n${topics[1]!}`,
    );
    const flags = ['listen', '--notifications', '--topics-file'];
    const fromFile = rxframe([...flags, 'topics', '--topic', topics[2]!], { env: environmentOf(simulator), cwd });
    const fromStdin = rxframe([...flags, '-'], { env: environmentOf(simulator) });
    fromStdin.child.stdin.end(`${topics[3]!}\n`);
    await listening(simulator, topics);
    for (const command of [fromFile, fromStdin]) {
      command.child.kill('SIGTERM');
      expect(await command.ended).toBe(0);
    }
    expect(fromFile.stdout).toContain('streaming from 3 topics of');
    expect(fromStdin.stdout).toContain('streaming from 1 topic of');
  });

  it('ends with 0 at a signal that comes while it waits for topics on stdin', async () => {
    const simulator = await simulated();
    const cwd = folder();
    execFileSync('mkfifo', [join(cwd, '.env')]);
    const command = rxframe(['listen', '--notifications', '--topics-file', '-'], {
      env: environmentOf(simulator),
      cwd,
    });
    // Done as soon as the command has opened it to read: what it reads next is stdin.
    const dotEnv = await open(join(cwd, '.env'), 'w');
    command.child.kill('SIGTERM');
    await dotEnv.close();
    const signalled = performance.now();
    expect(await command.ended).toBe(0);
    // By itself, and not because its time was up.
    expect(performance.now() - signalled).toBeLessThan(7_000);
    expect([command.stdout, command.stderr]).toEqual(['', '']);
  });

  it.each([
    ['a file without a topic', '# nothing\n', 'there is no topic in "topics"'],
    ['a line that is none', `v2.users.${randomUUID()}.presence\n${SECRET}\n`, 'line 2 of "topics" must be one topic'],
  ])('ends with 2 for %s', async (_, content, message) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'topics'), content);
    const command = rxframe(['listen', '--notifications', '--simulate', '--topics-file', 'topics'], { cwd });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain(`rxframe listen: --topics-file: ${message}`);
    expect(command.stderr).not.toContain(SECRET);
  });

  it('ends with 2 without topics', async () => {
    const simulator = await simulated();
    const command = rxframe(['listen', '--notifications'], { env: environmentOf(simulator) });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain('--notifications needs topics: --topic or --topics-file');
  });

  it('tells refused topics on stderr, and goes on with the others', async () => {
    const [denied, granted] = topicNames(2) as [string, string];
    const missing = 'presence:user:view';
    const simulator = await simulated({
      notifications: { denied: [{ topic: denied, missingPermissions: [missing] }] },
    });
    const env = environmentOf(simulator);
    const args = ['listen', '--notifications', ...topicFlags([denied, granted])];
    const [inJson, inWords] = [rxframe([...args, '--json'], { env }), rxframe(args, { env })];
    for (const [command, log] of [
      [inJson, 'stderr'],
      [inWords, 'stdout'],
    ] as const) {
      await command.until('stderr', /refused.*\n/);
      await command.until(log, /open, connection/);
      command.child.kill('SIGTERM');
      expect(await command.ended).toBe(0);
      expect(command.stderr).toMatch(/^1 connection, 0 handovers, 0 gaps, 1 refused topic, \d+ bytes$/m);
    }
    expect(noticesIn(inJson.stderr)).toEqual([
      {
        notice: 'refused',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        topic: denied,
        reason: expect.stringContaining('Not permitted') as string,
        missingPermissions: [missing],
      },
    ]);
    expect(inWords.stderr).toMatch(
      new RegExp(`^\\d{4}-\\S+Z refused: ${denied}: Not permitted.* \\(missing permissions: ${missing}\\)$`, 'm'),
    );
    expect(inWords.stdout).not.toContain('refused');
  });

  it('tells handovers and gaps, and counts them', async () => {
    const simulator = await simulated();
    const { notifications } = simulator;
    const topics = topicNames(1);
    const args = ['listen', '--notifications', '--json', ...topicFlags(topics)];
    const command = rxframe(args, { env: environmentOf(simulator) });
    await listening(simulator, topics);
    await command.until('stdout', /channel.metadata/);
    notifications.cut();
    await command.until('stderr', /"gap"/);
    notifications.closeSoon();
    await command.until('stderr', /"overlapping"/);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    const timestamp = expect.any(String) as string;
    expect(noticesIn(command.stderr)).toEqual([
      { notice: 'gap', timestamp, from: timestamp, to: timestamp, topics },
      { notice: 'handover', timestamp, reason: 'socket-closing', status: 'started' },
      { notice: 'handover', timestamp, reason: 'socket-closing', status: 'overlapping' },
    ]);
    const [, received, accepted, rejected] = /^(\d+) in = (\d+) accepted \+ (\d+) rejected$/m.exec(command.stderr)!;
    expect(Number(received)).toBe(Number(accepted) + Number(rejected));
    expect(command.stderr).toMatch(/^3 connections, 0 handovers, 1 gap, \d+ bytes$/m);
  });

  it('needs no Genesys Cloud and no topics with --simulate', async () => {
    const command = rxframe(['listen', '--notifications', '--simulate', '--json', '--max-frames', '40']);
    expect(await command.ended).toBe(0);
    const types = new Set(parsed(command.stdout).map(({ payloadType }) => payloadType));
    expect(types).toContain('channel.metadata');
    expect(types.size).toBeGreaterThan(2);
    expect(command.stderr).toMatch(
      /^40 in = 40 accepted \+ 0 rejected\n1 connection, 0 handovers, 0 gaps, \d+ bytes\n$/m,
    );
  });

  it('ends after --duration', async () => {
    const command = rxframe(['listen', '--notifications', '--simulate', '--duration', '0.5']);
    expect(await command.ended).toBe(0);
    expect(command.stderr).toMatch(/^\d+ in = /m);
  });

  it('ends with 4 where it gave up reconnecting', async () => {
    const simulator = await simulated();
    const topics = topicNames(1);
    const args = ['listen', '--notifications', '--max-attempts', '1', ...topicFlags(topics)];
    const command = rxframe(args, { env: environmentOf(simulator) });
    await listening(simulator, topics);
    await simulator.close();
    expect(await command.ended).toBe(4);
    expect(command.stderr).toMatch(/^rxframe listen: Gave up after 1 failed connection/m);
  });

  it('ends with 3 where the server does not take the credentials, whose secret is nowhere', async () => {
    const simulator = await simulated();
    const env = { ...environmentOf(simulator), GENESYS_CLIENT_SECRET: SECRET };
    const args = ['listen', '--notifications', '--max-attempts', '1', ...topicFlags(topicNames(1))];
    const command = rxframe(args, { env });
    expect(await command.ended).toBe(3);
    expect(command.stderr).toMatch(/^rxframe listen: .*Authentication failed: .*401/m);
    expect(command.stdout + command.stderr).not.toContain(SECRET);
  });
});
