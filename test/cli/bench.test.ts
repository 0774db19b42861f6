import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/cli/bench/bench-pipeline.ts';
import { lines, rxframe } from './run.ts';

const STAGES = ['receipt', 'size-gate', 'decode', 'validate', 'checksum', 'metrics', 'accepted'];

/** Runs it for a short time, for its form and not for its figures. */
async function result(...flags: string[]): Promise<BenchResult> {
  const command = rxframe(['bench', '--seconds', '0.2', '--json', ...flags]);
  expect(await command.ended).toBe(0);
  expect(lines(command.stdout)).toHaveLength(1);
  return JSON.parse(command.stdout) as BenchResult;
}

describe('bench', { timeout: 60_000 }, () => {
  it('prints one object of JSON, in which the stages add up to the whole', async () => {
    const { stages, nanosecondsPerFrame, framesPerSecond, rounds, ...rest } = await result();
    expect(stages.map(({ stage }) => stage)).toEqual(STAGES);
    expect(stages.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    expect(stages.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0)).toBeCloseTo(nanosecondsPerFrame, 3);
    for (const { quartiles } of stages) expect(quartiles[0]).toBeLessThanOrEqual(quartiles[1]);
    expect(framesPerSecond * nanosecondsPerFrame).toBeCloseTo(1e9, 0);
    expect(rounds).toBeGreaterThanOrEqual(1);
    expect(rest.megabytesPerSecond).toBeGreaterThan(0);
    expect(rest.gcShare).toBeGreaterThanOrEqual(0);
    // More than the frame's own objects, and not many times its payload.
    expect(rest.allocatedBytesPerFrame).toBeGreaterThan(100);
    expect(rest.allocatedBytesPerFrame).toBeLessThan(100_000);
  });

  it('counts each frame once, as accepted or rejected, and makes the same frames of the same seed', async () => {
    const [first, again, other] = await Promise.all(['7', '7', '8'].map((seed) => result('--seed', seed)));
    const { corpus, accepted, rejected, rejectedByReason } = first!;
    expect(corpus.frames).toBe(1_000);
    expect(accepted + rejected).toBe(corpus.frames);
    expect(Object.values(rejectedByReason).reduce((sum, count) => sum + count)).toBe(rejected);
    expect(again!.corpus).toEqual(corpus);
    expect(again!.rejectedByReason).toEqual(rejectedByReason);
    expect(other!.corpus.acceptedBytes).not.toBe(corpus.acceptedBytes);
  });

  it('takes the share of bad frames and the size of the payloads', async () => {
    const [good, bad, large] = await Promise.all([
      result('--bad-rate', '0'),
      result('--bad-rate', '1'),
      result('--payload-bytes', '50000-50000'),
    ]);
    expect(good.rejectedByReason).toEqual({});
    expect(bad.accepted).toBe(0);
    expect(bad.megabytesPerSecond).toBe(0);
    // Not so many of them, for their size.
    expect(large.corpus.frames).toBeLessThan(500);
    expect(large.corpus.acceptedBytes / large.corpus.frames).toBeGreaterThan(20_000);
  });

  it('prints a table without it, which has no command for a terminal where it is piped', async () => {
    const command = rxframe(['bench', '--seconds', '0.2']);
    expect(await command.ended).toBe(0);
    for (const stage of STAGES) expect(command.stdout).toMatch(new RegExp(`^${stage} +-?[\\d,]+ +.* to .* %$`, 'm'));
    expect(command.stdout).toMatch(
      /^too few rounds to tell what a stage costs \(\d+\): measure longer, with --seconds$/m,
    );
    expect(command.stdout).toMatch(/^all +[\d,]+ +100\.0 %$/m);
    expect(command.stdout).toMatch(/^1000 in = \d+ accepted \+ \d+ rejected \(.*\)$/m);
    expect(command.stdout).not.toContain('\u001b');
    expect(command.stderr).toBe('measuring for 0.2 s\n');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends in order at %s, with what was measured until then', async (signal) => {
    const command = rxframe(['bench', '--seconds', '600', '--json']);
    await command.until('stderr', /measuring/);
    command.child.kill(signal);
    expect(await command.ended).toBe(0);
    expect((JSON.parse(command.stdout) as BenchResult).rounds).toBeGreaterThanOrEqual(1);
  });
});
