import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SentFrame } from '../../src/simulator/index.ts';
import { folder, lines, rxframe } from './run.ts';
import { environmentOf, handWritten, simulated } from './server.ts';

interface Line {
  readonly connectionId: string;
  readonly sequence: number;
  readonly frameId: string;
  readonly outcome: string;
  readonly payloadType: string | null;
  readonly byteLength: number;
  readonly checksum: string;
  readonly latencyMs: number;
  readonly timestamp: string;
  readonly stage?: string;
  readonly reason?: string;
  readonly issues?: readonly { readonly message: string }[];
  readonly data?: unknown;
}

const parsed = (stdout: string): Line[] => lines(stdout).map((line) => JSON.parse(line) as Line);

const FACTS = [
  'connectionId',
  'sequence',
  'frameId',
  'outcome',
  'payloadType',
  'byteLength',
  'checksum',
  'latencyMs',
  'timestamp',
];

describe.concurrent('listen --json', { timeout: 60_000 }, () => {
  it('writes one line for each frame received, in order, over reconnections, and nothing else', async () => {
    const sent: SentFrame[] = [];
    const simulator = await simulated({
      rate: Infinity,
      badRate: 0.2,
      oversizeBytes: 5 * 1024 * 1024 + 1,
      frames: 300,
      script: [
        { at: 200, connection: 0, drop: true },
        { at: 100, connection: 1, close: 1012 },
      ],
      onSent: (frame) => sent.push(frame),
    });
    const command = rxframe(['listen', '--json'], { env: environmentOf(simulator) });
    expect(await command.ended).toBe(0);

    const outcomes = parsed(command.stdout);
    expect(outcomes.map(({ reason, outcome }) => reason ?? outcome)).toEqual(sent.map(({ expected }) => expected));
    expect(outcomes.map(({ byteLength }) => byteLength)).toEqual(sent.map(({ byteLength }) => byteLength));
    expect(outcomes.map(({ sequence }) => sequence)).toEqual(sent.map(({ index }) => index));
    expect(new Set(outcomes.map(({ connectionId }) => connectionId)).size).toBe(3);
    expect(new Set(outcomes.map(({ frameId }) => frameId)).size).toBe(600);
    const accepted = sent.filter(({ expected }) => expected === 'accepted').length;
    expect(command.stderr).toContain(`600 in = ${accepted} accepted + ${600 - accepted} rejected\n`);
    expect(command.stderr).toContain(`2 reconnections, ${simulator.totals.bytes} bytes\n`);
  });

  it('has the members in the documented order, and a timestamp in ISO 8601', async () => {
    const simulator = await simulated({ frames: 4, script: [{ at: 2, fault: 'schema-violation' }] });
    const command = rxframe(['listen', '--json'], { env: environmentOf(simulator) });
    await command.ended;
    const outcomes = parsed(command.stdout);
    expect(outcomes.map((line) => Object.keys(line))).toEqual([
      FACTS,
      FACTS,
      [...FACTS, 'stage', 'reason', 'issues'],
      FACTS,
    ]);
    for (const { timestamp, latencyMs } of outcomes) {
      expect(new Date(timestamp).toISOString()).toBe(timestamp);
      expect(latencyMs).toBeGreaterThan(0);
    }
  });

  it('adds the payload with --data: decoded JSON, or base64', async () => {
    const sent: SentFrame[] = [];
    const simulator = await simulated({
      frames: 40,
      script: [{ at: 3, fault: 'truncated-json' }],
      onSent: (frame) => sent.push(frame),
    });
    const command = rxframe(['listen', '--json', '--data'], { env: environmentOf(simulator) });
    await command.ended;
    const isJson = ({ isBinary, index }: SentFrame) => !isBinary && index !== 3;
    expect(sent.some(({ isBinary }) => isBinary)).toBe(true);
    expect(parsed(command.stdout).map(({ data }) => data)).toEqual(
      sent.map((frame) =>
        isJson(frame) ? (JSON.parse(frame.data.toString()) as unknown) : frame.data.toString('base64'),
      ),
    );
  });

  it('shows no control character of a payload, in the same JSON', async () => {
    const note = '\u001b[2J\u009b2J\u202e\u2028\u007f';
    const env = await handWritten((webSocket) => {
      webSocket.send(JSON.stringify({ type: 'keepalive', note }));
      webSocket.send(JSON.stringify({ type: 'interaction.update', note }));
      webSocket.close(1000, 'bye\u001b[31m');
    });
    const command = rxframe(['listen', '--json', '--data'], { env });
    expect(await command.ended).toBe(0);
    expect(parsed(command.stdout).map(({ data }) => data)).toEqual([
      { type: 'keepalive', note },
      { type: 'interaction.update', note },
    ]);
    // eslint-disable-next-line no-control-regex -- control characters are just what is looked for
    expect(command.stdout + command.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
  });

  it('goes on after JSON that is nested too deep to be written', async () => {
    const deep = `{"type":"keepalive","deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const env = await handWritten((webSocket) => {
      webSocket.send(deep);
      webSocket.send('{"type":"keepalive"}');
      webSocket.close(1000);
    });
    const command = rxframe(['listen', '--json', '--data'], { env });
    expect(await command.ended).toBe(0);
    expect(parsed(command.stdout).map(({ data }) => data)).toEqual([
      Buffer.from(deep).toString('base64'),
      { type: 'keepalive' },
    ]);
  });

  it('ends after exactly --max-frames, and the audit log has as many records', async () => {
    const simulator = await simulated({ rate: Infinity, badRate: 0.1, oversizeBytes: 6 * 1024 * 1024 });
    const cwd = folder();
    const args = ['listen', '--json', '--max-frames', '777', '--audit-file', 'audit.ndjson'];
    const command = rxframe(args, { env: environmentOf(simulator), cwd });
    expect(await command.ended).toBe(0);
    const outcomes = parsed(command.stdout);
    expect(outcomes.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 777 }, (_, index) => index));
    const audit = lines(readFileSync(join(cwd, 'audit.ndjson'), 'utf8')).map((line) => JSON.parse(line) as Line);
    expect(audit.map(({ frameId }) => frameId)).toEqual(outcomes.map(({ frameId }) => frameId));
    expect(command.stderr).toContain('777 in = ');
    expect(command.stderr).toContain('audit log: audit.ndjson\n');
  });

  it('pauses the server while its reader does not read, and loses nothing', async () => {
    const simulator = await simulated({ rate: Infinity, payloadBytes: { min: 20_000, max: 20_000 } });
    const command = rxframe(['listen', '--json', '--data'], { env: environmentOf(simulator) });
    await command.until('stdout', /\n/);
    command.child.stdout.pause();
    // In the time that another one, which is not held, takes 130 MB.
    const other = await simulated({ rate: Infinity, payloadBytes: { min: 20_000, max: 20_000 }, frames: 10_000 });
    expect(await rxframe(['listen'], { env: environmentOf(other) }).ended).toBe(0);
    expect(other.totals.bytes).toBeGreaterThan(130e6);
    // What fits the buffers of two sockets and a pipe.
    expect(simulator.totals.bytes).toBeLessThan(40e6);
    command.child.kill('SIGTERM');
    command.child.stdout.resume();
    expect(await command.ended).toBe(0);
    const outcomes = parsed(command.stdout);
    expect(outcomes.map(({ sequence }) => sequence)).toEqual(outcomes.map((_, index) => index));
    expect(command.stderr).toContain(`${outcomes.length} in = ${outcomes.length} accepted + 0 rejected\n`);
  });

  it('has the outcomes that a filter lets through, and the members that are selected; the audit log has all', async () => {
    const simulator = await simulated({ rate: Infinity, badRate: 0.2 });
    const cwd = folder();
    const args = ['listen', '--json', '--max-frames', '5', '--audit-file', 'audit.ndjson'];
    const wishes = [
      '--filter',
      'payloadType=interaction.update',
      '--filter',
      'outcome=accepted',
      '--select',
      'sequence,data.type,data.no',
    ];
    const command = rxframe([...args, ...wishes], { env: environmentOf(simulator), cwd });
    expect(await command.ended).toBe(0);
    const written = lines(command.stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(written).toHaveLength(5);
    for (const line of written) expect(Object.keys(line)).toEqual(['sequence', 'data.type', 'data.no']);
    for (const line of written) expect(line).toMatchObject({ 'data.type': 'interaction.update', 'data.no': null });
    const [, all] = /^(\d+) in = /m.exec(command.stderr)!;
    expect(command.stderr).toContain(`filter: 5 of ${all} outcomes\n`);
    const audited = lines(readFileSync(join(cwd, 'audit.ndjson'), 'utf8')).map((line) => JSON.parse(line) as Line);
    expect(audited.length).toBeGreaterThanOrEqual(Number(all));
    const passed = audited
      .slice(0, Number(all))
      .filter((one) => one.outcome === 'accepted' && one.payloadType === 'interaction.update');
    expect(passed).toHaveLength(5);
    expect(written.at(-1)?.['sequence']).toBe(Number(all) - 1);
  });

  it('says nothing else with --quiet', async () => {
    const simulator = await simulated({ rate: Infinity, badRate: 0.2, frames: 50 });
    const command = rxframe(['listen', '--json', '--quiet'], { env: environmentOf(simulator) });
    expect(await command.ended).toBe(0);
    expect(lines(command.stdout)).toHaveLength(50);
    expect(command.stderr).toBe('');
  });
});
