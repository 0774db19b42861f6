import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Flow } from '../../operators/flow.ts';
import { Meter } from '../../operators/meter.ts';
import { captureFile } from '../../src/capture/capture-file.ts';
import { benchPipeline } from '../../src/cli/bench/bench-pipeline.ts';
import { bench } from '../../src/cli/bench.ts';
import { noticeJson, noticeLine, type Notice } from '../../src/cli/stream/notice-line.ts';
import { replaySource } from '../../src/cli/stream/replay-source.ts';
import { progressBar } from '../../src/cli/terminal/progress-bar.ts';
import { replay } from '../../src/cli/replay.ts';
import { frames } from '../../src/testing/frames.ts';
import { folder, lines, rxframe } from './run.ts';

let cwd = '';

/** An hour of keepalives, one a second; the first frames of the connection are not in it, and one is missing. */
beforeAll(async () => {
  cwd = folder();
  const capture = captureFile(join(cwd, 'hour.mcap'));
  for (let second = 0; second < 3_600; second += 1) {
    if (second === 7) continue;
    const receipt = { connectionId: 'c1', sequence: 1_000 + second, timestamp: Date.UTC(2026, 0, 31, 12, 0, second) };
    capture.write(frames.raw('{"type":"keepalive"}', receipt));
  }
  await capture.close();
});

describe.concurrent('replay', { timeout: 60_000 }, () => {
  it('starts and ends in the middle of a connection, and counts what it replayed', async () => {
    const args = ['replay', 'hour.mcap', '--json', '--pace', 'max', '--from', '2026-01-31T12:00:05Z'];
    const command = rxframe([...args, '--to', '2026-01-31T12:00:09Z'], { cwd });
    expect(await command.ended).toBe(0);
    const seconds = lines(command.stdout).map((line) => /12:00:(\d+)/.exec(line)?.[1]);
    expect(seconds).toStrictEqual(['05', '06', '08', '09']);
    expect(command.stderr).toContain('4 in = 4 accepted + 0 rejected\n');
  });

  it('stops in order at a signal, while it waits for the next frame', async () => {
    const command = rxframe(['replay', 'hour.mcap', '--json'], { cwd });
    await command.until('stdout', /\n/);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    const { length } = lines(command.stdout);
    expect(length).toBeLessThan(60);
    expect(command.stderr).toContain(`${length} in = ${length} accepted + 0 rejected\n`);
  });

  it('tells of a capture that was never ended, for people and for programs', async () => {
    const bytes = readFileSync(join(cwd, 'hour.mcap'));
    writeFileSync(join(cwd, 'cut\u001b.mcap'), bytes.subarray(0, 600_000));
    const command = rxframe(['replay', 'cut\u001b.mcap', '--pace', 'max'], { cwd });
    expect(await command.ended).toBe(0);
    expect(command.stderr).toMatch(
      /cut\ufffd\.mcap was not ended by its writer: replayed as far as it goes, \d+ bytes unused/,
    );
    expect(command.stderr).not.toContain('\u001b');
    const notice = { type: 'cut-off', file: 'a.mcap', unusedBytes: 7 } as const;
    expect(noticeJson(notice, 0)).toBe(
      '{"notice":"cut-off","timestamp":"1970-01-01T00:00:00.000Z","file":"a.mcap","unusedBytes":7}',
    );
  });

  it.each([
    [{ from: new Date(0), to: new Date(1) }, ' of that time'],
    [{ from: new Date(Date.UTC(2026, 0, 31, 12, 0, 5)) }, undefined],
  ])('says so where there are no frames at all: %o', async (range, told) => {
    const notices: Notice[] = [];
    const parts = { flow: new Flow(), meter: new Meter(), audit: undefined };
    const file = join(cwd, 'hour.mcap');
    const source = replaySource([file], { pace: Infinity, ...range }, false);
    await lastValueFrom(source.open({ ...parts, notice: (notice) => notices.push(notice) }).outcomes$, {
      defaultValue: undefined,
    });
    const now = Date.UTC(2026, 0, 31);
    const all = told === undefined ? [] : [`2026-01-31T00:00:00.000Z ${file}: there are no frames${told}`];
    expect(notices.map((notice) => noticeLine(notice, now))).toStrictEqual(all);
  });

  it('fails where a file is none of those, and says which', async () => {
    writeFileSync(join(cwd, 'x'), 'hello');
    const command = rxframe(['replay', 'x'], { cwd });
    expect(await command.ended).toBe(1);
    expect(command.stderr).toContain('rxframe replay: x is neither a capture (MCAP) nor JSON as of a HAR file.\n');
  });

  it.each([
    [[], 'needs a FILE to replay'],
    [[''], 'needs a FILE to replay'],
    [['none.mcap'], 'there is no file none.mcap'],
    [['a', '--from', '2026-01-31T12:00:01Z', '--to', '2026-01-31T12:00Z'], '--from must not be after --to'],
    [['a', '--pace', '0'], '--pace must be a number above 0, or max, got "0"'],
    [['a', '--from', 'noon'], '--from must be a time in ISO 8601, such as 2026-01-31T12:00Z, got "noon"'],
    [['a', '--to', '2026-01-31'], '--to must be a time in ISO 8601, such as 2026-01-31T12:00Z, got "2026-01-31"'],
  ])('says what is wrong with %j', async (args, message) => {
    await expect(replay.run(args)).rejects.toThrow(message);
  });

  it('has frames that bench measures', async () => {
    const stopped = AbortSignal.abort();
    const capture = join(cwd, 'hour.mcap');
    const { corpus, accepted } = await benchPipeline({ frames: { capture }, seconds: 0.1, stopped });
    expect(corpus).toMatchObject({ capture, frames: 3_599 });
    expect(accepted).toBe(3_599);
    await expect(bench.run(['--capture', 'none.mcap'])).rejects.toThrow('there is no file none.mcap');
    await expect(bench.run(['--capture', capture, '--seed', '1'])).rejects.toThrow(
      "--seed is for made frames, and doesn't go with --capture",
    );
  });
});

it.each([
  [0, 0, '[--------------------]   0 %'],
  [0, 10, '[--------------------]   0 %'],
  [999, 1_000, '[###################-]  99 %'],
  [5, 10, '[##########----------]  50 %'],
  [10, 10, '[####################] 100 %'],
])('the bar for %d of %d is %s', (done, total, bar) => {
  expect(progressBar(done, total)).toBe(bar);
});
