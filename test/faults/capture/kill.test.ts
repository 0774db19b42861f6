import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { replay, type CutOffNotice } from '../../../src/capture/replay.ts';
import { folder, lines, run, rxframe, MAIN } from '../../cli/run.ts';
import { environmentOf, simulated } from '../../cli/server.ts';

const size = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

describe('a recording whose process is killed', () => {
  it.each([1, 2, 3])('has all frames in order as far as it was written, to within a second: try %i', async () => {
    const simulator = await simulated({
      rate: 2_000,
      badRate: 0.1,
      oversizeBytes: 6_000,
    });
    const cwd = folder();
    const path = join(cwd, 'a.mcap');
    const command = rxframe(['record', 'a.mcap', '--json'], { env: environmentOf(simulator), cwd });
    await vi.waitUntil(() => size(path) > 3_000_000, { timeout: 60_000, interval: 7 });
    command.child.kill('SIGKILL');
    await command.ended;

    const notices: CutOffNotice[] = [];
    const replay$ = replay(path, { pace: Infinity, notices: { next: (notice) => notices.push(notice) } });
    const frames = await lastValueFrom(replay$.pipe(toArray()));
    expect(frames.map(({ sequence }) => sequence)).toStrictEqual(frames.map((_, index) => index));
    expect(notices).toMatchObject([{ type: 'cut-off', file: path }]);
    const lastSeen = /.*"timestamp":"([^"]+)"/s.exec(command.stdout)![1]!;
    expect(frames.at(-1)!.timestamp).toBeGreaterThan(Date.parse(lastSeen) - 1_000);
    expect(frames.length).toBeGreaterThan(1_000);

    const replaying = rxframe(['replay', 'a.mcap', '--pace', 'max', '--json'], { cwd });
    expect(await replaying.ended).toBe(0);
    expect(lines(replaying.stdout)).toHaveLength(frames.length);
  });
});

describe('a recording whose disk is full', () => {
  it('says so, counts what is lost, and leaves a file that is replayed to the last whole chunk', async () => {
    const simulator = await simulated({ rate: 2_000 });
    const cwd = folder();
    const limit = ['--fsize=1000000', process.execPath, MAIN];
    const command = run('prlimit', [...limit, 'record', 'a.mcap', '--json'], { env: environmentOf(simulator), cwd });
    await command.until('stderr', /recording: EFBIG/);
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(1);
    const [, written, lost] = /recorded in a\.mcap: (\d+) frames, \d+ bytes, INCOMPLETE: (\d+) frames lost/.exec(
      command.stderr,
    )!;
    expect(Number(written) + Number(lost)).toBe(lines(command.stdout).length);
    const frames = await lastValueFrom(replay(join(cwd, 'a.mcap'), { pace: Infinity }).pipe(toArray()));
    expect(frames).toHaveLength(Number(written));
  });

  it.each([{ flags: [] }, { flags: ['--rotate-bytes', '600000'] }])(
    'goes on when there is room again, and has lost nothing, with $flags',
    async ({ flags }) => {
      const simulator = await simulated({ rate: 2_000 });
      const cwd = folder();
      const limit = ['--fsize=500000:unlimited', process.execPath, MAIN];
      const args = ['record', 'a.mcap', '--json', ...flags];
      const command = run('prlimit', [...limit, ...args], { env: environmentOf(simulator), cwd });
      await command.until('stderr', /recording: EFBIG/);
      await run('prlimit', ['--pid', String(command.child.pid), '--fsize=unlimited']).ended;
      const files = () => readdirSync(cwd).map((name) => join(cwd, name));
      await vi.waitUntil(() => files().reduce((sum, path) => sum + size(path), 0) > 3_000_000, {
        timeout: 60_000,
        interval: 20,
      });
      command.child.kill('SIGINT');
      expect(await command.ended).toBe(0);
      const frames = await lastValueFrom(replay(files(), { pace: Infinity }).pipe(toArray()));
      expect(frames).toHaveLength(lines(command.stdout).length);
      expect(command.stderr.match(/recording: /g)).toHaveLength(1);
    },
  );
});
