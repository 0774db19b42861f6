import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { record } from '../../src/cli/record.ts';
import { readMcap } from '../capture/mcap.ts';
import { folder, lines, rxframe } from './run.ts';
import { environmentOf, simulated } from './server.ts';

describe.concurrent('record', { timeout: 60_000 }, () => {
  it('records what listen shows, replays it with the same lines, and says so', async () => {
    const simulator = await simulated({
      rate: Infinity,
      badRate: 0.2,
      oversizeBytes: 6_000,
      frames: 300,
      script: [{ at: 100, connection: 0, drop: true }],
    });
    const cwd = folder();
    const recording = rxframe(['record', 'a.mcap', '--json', '--data'], { env: environmentOf(simulator), cwd });
    expect(await recording.ended).toBe(0);
    expect(statSync(join(cwd, 'a.mcap')).mode & 0o777).toBe(0o600);
    const { size } = statSync(join(cwd, 'a.mcap'));
    expect(recording.stderr).toContain(`recorded in a.mcap: 400 frames, ${size} bytes\n`);
    expect((await readMcap(join(cwd, 'a.mcap'))).statistics?.messageCount).toBe(800n);

    const replaying = rxframe(['replay', 'a.mcap', '--pace', 'max', '--json', '--data'], { cwd });
    expect(await replaying.ended).toBe(0);
    const withoutLatency = (stdout: string) => lines(stdout).map((line) => line.replace(/"latencyMs":[^,]*,/, ''));
    expect(withoutLatency(replaying.stdout)).toStrictEqual(withoutLatency(recording.stdout));
    const [, totals] = /^(400 in = .*)$/m.exec(recording.stderr)!;
    expect(replaying.stderr).toContain(`${totals}\n`);
    expect(replaying.stderr).toMatch(/^1 file, \d+ bytes$/m);
  });

  it('is ended in order by a signal, in files by size', async () => {
    const simulator = await simulated({ rate: 2_000 });
    const cwd = folder();
    const args = ['record', 'a.mcap', '--rotate-bytes', '50000', '--json'];
    const command = rxframe(args, { env: environmentOf(simulator), cwd });
    await command.until('stdout', /"sequence":200,/);
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(0);
    const files = readdirSync(cwd);
    const count = lines(command.stdout).length;
    const totals = await Promise.all(files.map(async (file) => (await readMcap(join(cwd, file))).statistics));
    expect(totals.reduce((sum, total) => sum + Number(total?.messageCount), 0)).toBe(2 * count);
    expect(command.stderr).toContain(`recorded in ${files[0]} and ${files.length - 1} more files: ${count} frames, `);
  });

  it('never takes the place of a file, and leaves none where nothing came', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'a.mcap'), 'evidence');
    const refused = rxframe(['record', 'a.mcap', '--simulate'], { cwd });
    expect(await refused.ended).toBe(2);
    expect(refused.stderr).toContain(
      '"a.mcap" can\'t be made: it exists, and a recording never takes the place of a file',
    );
    expect(refused.stdout + refused.stderr).not.toMatch(/streaming from|0 in =/);
    expect(readFileSync(join(cwd, 'a.mcap'), 'utf8')).toBe('evidence');

    const env = { ...environmentOf(await simulated()), GENESYS_CLIENT_SECRET: 'wrong' };
    const failed = rxframe(['record', 'b.mcap'], { env, cwd });
    expect(await failed.ended).toBe(3);
    expect(failed.stderr).toContain('recorded nothing\n');
    expect(readdirSync(cwd)).toStrictEqual(['a.mcap']);
  });

  it('says what to run where it has no configuration', async () => {
    const command = rxframe(['record', 'a.mcap', '--notifications']);
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain('Without one: npx rxframe record FILE --notifications --simulate\n');
  });

  it.each([
    [[], 'takes one FILE to record to'],
    [['a', 'b'], 'takes one FILE to record to'],
    [[''], 'takes one FILE to record to'],
    [['a/'], 'takes one FILE to record to'],
    [['a', '--rotate-bytes', '0'], '--rotate-bytes must be a positive integer, got "0"'],
    [['a', '--rotate-seconds', '-1'], '--rotate-seconds must be a number of seconds above 0'],
  ])('says what is wrong with %j', async (args, message) => {
    await expect(record.run(args)).rejects.toThrow(message);
  });
});
