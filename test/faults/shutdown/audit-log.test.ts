import {
  closeSync,
  constants,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { integerBetween, pick } from '../../../src/simulator/random.ts';
import { folder } from '../../cli/run.ts';
import { environmentOf } from '../../cli/server.ts';
import { expectAsSent, expectSummaryOf, frameIds, linesBeforeTorn, recordsIn, wholeLines } from './account.ts';
import { audited, auditLog, listener, source } from './listener.ts';
import { moments } from './moments.ts';
import { Pipe } from './pipe.ts';

describe('the audit log of listen', { timeout: 300_000 }, () => {
  it('has whole records only where the disk is full; the rest is counted, and the exit code is 1', async () => {
    await moments('a full disk under the audit log', 5, async (random) => {
      const from = await source();
      const limit = integerBetween(random, 1, 60_000);
      const command = audited(from, `exec prlimit --fsize=${limit}: rxframe`);
      await command.until('stderr', /the audit log audit.ndjson fails: EFBIG/);
      from.after(from.sent.length + integerBetween(random, 1, 500), () => command.kill());
      expect(await command.end('audit.ndjson')).toBe(1);
      const outcomes = wholeLines(command.stdout);
      expectAsSent(outcomes, from.sent);
      const written = wholeLines(auditLog(command));
      expect(frameIds(written)).toEqual(frameIds(outcomes.slice(0, written.length)));
      const { lostRecords, lostLines } = expectSummaryOf(outcomes, command.stderr);
      expect([written.length + lostRecords, lostLines]).toEqual([outcomes.length, 0]);
      expect(command.stderr.match(/the audit log/g)).toHaveLength(1);
      return command;
    });
  });

  it('is whole again where a full disk is made free by copy and truncate, each time', async () => {
    await moments('room made by copy and truncate', 3, async (random) => {
      const from = await source();
      const limit = integerBetween(random, 10_000, 60_000);
      const command = audited(from, `exec prlimit --fsize=${limit}: rxframe`);
      const path = join(command.cwd, 'audit.ndjson');
      const copies: string[] = [];
      for (let failure = 1; failure <= 3; failure += 1) {
        await command.until('stderr', new RegExp(`(?:fails: EFBIG[^]*){${failure}}`));
        copies.push(readFileSync(path, 'utf8'));
        // Where the last copy is made the command stops, and what waits may not fit again.
        if (failure === 3) command.kill();
        truncateSync(path);
      }
      const code = await command.end('audit.ndjson');
      const outcomes = wholeLines(command.stdout);
      expectAsSent(outcomes, from.sent);
      const written = [...copies.flatMap(linesBeforeTorn), ...wholeLines(auditLog(command))];
      expect(frameIds(written)).toEqual(frameIds(outcomes.slice(0, written.length)));
      const { lostRecords } = expectSummaryOf(outcomes, command.stderr);
      expect(written.length + lostRecords).toBe(outcomes.length);
      expect(code).toBe(lostRecords === 0 ? 0 : 1);
      return command;
    });
  });

  it('counts everything as lost on /dev/full', async () => {
    await moments('/dev/full', 2, async (random) => {
      const from = await source();
      const command = listener('exec rxframe --json --audit-file /dev/full', environmentOf(from.simulator));
      from.after(integerBetween(random, 1, 1_500), () => command.kill());
      expect(await command.end()).toBe(1);
      const outcomes = wholeLines(command.stdout);
      expectAsSent(outcomes, from.sent);
      expect(expectSummaryOf(outcomes, command.stderr).lostRecords).toBe(outcomes.length);
      return command;
    });
  });

  it.each([
    ['deleted', ({ path }: Place) => unlinkSync(path)],
    ['renamed, and a new one made in its place', ({ path }: Place) => rotate(path)],
    ['gone with its folder', ({ inside }: Place) => rmSync(inside, { recursive: true })],
    ['in a folder that is renamed', ({ inside }: Place) => renameSync(inside, `${inside}.old`)],
  ])('is written on where the file is %s', async (name, act) => {
    await moments(`an audit log ${name}`, 2, async (random) => {
      const from = await source();
      const inside = join(folder(), 'logs');
      const path = join(inside, 'audit.ndjson');
      mkdirSync(inside);
      // Held open by the test, so that it can be read when it is gone.
      const held = openSync(path, 'a+');
      const command = listener(`exec rxframe --json --audit-file ${path}`, environmentOf(from.simulator));
      const moment = integerBetween(random, 1, 1_000);
      from.after(moment, () => act({ inside, path }));
      from.after(moment + integerBetween(random, 1, 1_000), () => command.kill(pick(random, ['SIGINT', 'SIGTERM'])));
      expect(await command.end()).toBe(0);
      const outcomes = wholeLines(command.stdout);
      expectAsSent(outcomes, from.sent);
      expect(frameIds(recordsIn(readFileSync(held, 'utf8')))).toEqual(frameIds(outcomes));
      closeSync(held);
      expectSummaryOf(outcomes, command.stderr);
      return command;
    });
  });

  it('has whole records only in a file that is copied and truncated under load, and misses only what came between', async () => {
    await moments('copy and truncate under load', 4, async (random) => {
      const from = await source();
      const command = audited(from);
      const path = join(command.cwd, 'audit.ndjson');
      const moment = integerBetween(random, 1, 1_000);
      from.after(moment, () => {
        copyFileSync(path, `${path}.1`);
        truncateSync(path);
      });
      from.after(moment + integerBetween(random, 1, 1_000), () => command.kill());
      expect(await command.end('audit.ndjson', 'audit.ndjson.1')).toBe(0);
      const outcomes = frameIds(wholeLines(command.stdout));
      const before = frameIds(linesBeforeTorn(readFileSync(`${path}.1`, 'utf8')));
      const after = frameIds(recordsIn(auditLog(command)));
      expect(before).toEqual(outcomes.slice(0, before.length));
      expect(after).toEqual(outcomes.slice(outcomes.length - after.length));
      expect(before.length + after.length).toBeLessThanOrEqual(outcomes.length);
      return command;
    });
  });

  it('needs a reader where it is a pipe: exit code 2', async () => {
    const from = await source();
    const pipe = new Pipe();
    pipe.close();
    const command = listener(`exec rxframe --audit-file ${pipe.path}`, environmentOf(from.simulator));
    expect(await command.end()).toBe(2);
    expect(command.stderr).toContain('ENXIO');
    expect(command.stdout).toBe('');
  });

  it('waits for a slow reader of a pipe', async () => {
    await moments('a slow reader of the audit log', 3, async (random) => {
      const from = await source();
      const pipe = new Pipe();
      const command = listener(`exec rxframe --json --audit-file ${pipe.path}`, environmentOf(from.simulator));
      from.after(integerBetween(random, 500, 1_500), () => command.kill());
      let text = '';
      const reading = setInterval(() => (text += pipe.read(integerBetween(random, 1_000, 10_000))), 10);
      expect(await command.end()).toBe(0);
      clearInterval(reading);
      const outcomes = wholeLines(command.stdout);
      expectAsSent(outcomes, from.sent);
      expect(frameIds(recordsIn(text + pipe.read()))).toEqual(frameIds(outcomes));
      pipe.close();
      expectSummaryOf(outcomes, command.stderr);
      return command;
    });
  });

  it('goes on where the reader of a pipe is replaced by another', async () => {
    await moments('another reader of the audit log', 3, async (random) => {
      const from = await source();
      const pipe = new Pipe();
      const open = () => openSync(pipe.path, constants.O_RDONLY | constants.O_NONBLOCK);
      let reader = open();
      pipe.close();
      const command = listener(`exec rxframe --json --audit-file ${pipe.path}`, environmentOf(from.simulator));
      await command.until('stdout', /"sequence":100,/);
      const text = Buffer.alloc(64 * 1024 * 1024);
      let length = readSync(reader, text, 0, integerBetween(random, 1, 2_000), null);
      closeSync(reader);
      await command.until('stderr', /the audit log .* fails: EPIPE/);
      reader = open();
      from.after(from.sent.length + integerBetween(random, 1, 100), () => command.kill());
      const reading = setInterval(() => (length += readSome(reader, text, length)), 5);
      expect(await command.end()).toBe(0);
      clearInterval(reading);
      length += readSome(reader, text, length);
      closeSync(reader);
      const outcomes = wholeLines(command.stdout);
      expectAsSent(outcomes, from.sent);
      expect(frameIds(recordsIn(text.toString('utf8', 0, length)))).toEqual(frameIds(outcomes));
      expectSummaryOf(outcomes, command.stderr);
      return command;
    });
  });

  it('gives a pipe that nobody reads up within bounds, and counts the records that it did not take', async () => {
    await moments('nobody reads the audit log', 3, async (random) => {
      const from = await source();
      const pipe = new Pipe();
      pipe.fillUpTo(integerBetween(random, 1, 4));
      const command = listener(`exec rxframe --json --audit-file ${pipe.path}`, environmentOf(from.simulator));
      await command.until('stdout', /"sequence":200,/);
      command.kill();
      expect(await command.end()).toBe(1);
      const outcomes = wholeLines(command.stdout);
      expectAsSent(outcomes, from.sent);
      const written = linesBeforeTorn(pipe.read());
      pipe.close();
      expect(frameIds(written)).toEqual(frameIds(outcomes.slice(0, written.length)));
      const { lostRecords } = expectSummaryOf(outcomes, command.stderr);
      expect(written.length + lostRecords).toBe(outcomes.length);
      return command;
    });
  });
});

/** Where an audit log is. */
interface Place {
  readonly inside: string;
  readonly path: string;
}

/** As logrotate does it by itself: the file gets another name, and an empty one takes its place. */
function rotate(path: string): void {
  renameSync(path, `${path}.1`);
  writeFileSync(path, '');
}

/** What a pipe has now: nothing, where it is empty. */
function readSome(fd: number, into: Buffer, at: number): number {
  try {
    return readSync(fd, into, at, into.length - at, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
