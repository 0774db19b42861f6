import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { integerBetween, pick } from '../../../src/simulator/random.ts';
import {
  expectAsSent,
  expectSummaryOf,
  frameIds,
  linesBeforeTorn,
  recordsIn,
  summaryOf,
  wholeLines,
} from './account.ts';
import { audited, auditLog, listener, source, untilAudited } from './listener.ts';
import { moments } from './moments.ts';
import { Pipe } from './pipe.ts';
import { environmentOf } from '../../cli/server.ts';

/** What is on stderr besides the log lines with a time. */
const said = (stderr: string) => stderr.split('\n').filter((line) => line !== '' && !/^\d{4}-\d\d-\d\dT/.test(line));

describe('what listen does with its standard streams', { timeout: 300_000 }, () => {
  it('ends within bounds where nobody reads stdout, and counts the lines that were not taken', async () => {
    await moments('signal, and no reader', 3, async (random) => {
      const from = await source();
      const pipe = new Pipe();
      pipe.fillUpTo(integerBetween(random, 1, 4));
      const command = audited(from, `exec rxframe >${pipe.path}`);
      await untilAudited(command, 10_000);
      command.kill();
      expect(await command.end('audit.ndjson')).toBe(1);
      const written = linesBeforeTorn(pipe.read());
      pipe.close();
      expectAsSent(written, from.sent);
      const audit = recordsIn(auditLog(command));
      expect(frameIds(audit.slice(0, written.length))).toEqual(frameIds(written));
      const { lostLines, lostRecords } = expectSummaryOf(audit, command.stderr);
      expect([written.length + lostLines, lostRecords]).toEqual([audit.length, 0]);
      expect(lostLines).toBeGreaterThan(0);
      return command;
    });
  });

  it('waits for a reader who is slow', async () => {
    await moments('signal, and a slow reader', 3, async (random) => {
      const from = await source();
      const pipe = new Pipe();
      pipe.fillUpTo(1);
      const command = audited(from, `exec rxframe >${pipe.path}`);
      await untilAudited(command, 10_000);
      command.kill(pick(random, ['SIGINT', 'SIGTERM']));
      let text = '';
      const reading = setInterval(() => (text += pipe.read(integerBetween(random, 1_000, 10_000))), 20);
      expect(await command.end('audit.ndjson')).toBe(0);
      clearInterval(reading);
      const outcomes = wholeLines(text + pipe.read());
      pipe.close();
      expectAsSent(outcomes, from.sent);
      expect(frameIds(recordsIn(auditLog(command)))).toEqual(frameIds(outcomes));
      expectSummaryOf(outcomes, command.stderr);
      return command;
    });
  });

  it('ends by itself, quietly, where the reader goes (| head)', async () => {
    await moments('a reader that goes', 3, async (random) => {
      const from = await source();
      const count = integerBetween(random, 1, 500);
      // The command is not the one that is waited for: its exit code goes into a file.
      const command = audited(from, `{ rxframe; echo $? >code; } | head -n ${count}`);
      await command.end('audit.ndjson', 'code');
      expect(readFileSync(join(command.cwd, 'code'), 'utf8')).toBe('0\n');
      const outcomes = wholeLines(command.stdout);
      expect(outcomes).toHaveLength(count);
      const audit = recordsIn(auditLog(command));
      expectAsSent(audit, from.sent);
      expect(frameIds(audit.slice(0, count))).toEqual(frameIds(outcomes));
      expect(said(command.stderr)).toEqual([]);
      return command;
    });
  });

  it('counts what a full disk did not take of stdout, and the torn line', async () => {
    await moments('a full disk under stdout', 5, async (random) => {
      const from = await source();
      const limit = integerBetween(random, 1, 100_000);
      const command = listener(
        `exec prlimit --fsize=${limit}: rxframe --json >outcomes.ndjson`,
        environmentOf(from.simulator),
      );
      expect(await command.end('outcomes.ndjson')).toBe(1);
      const text = readFileSync(join(command.cwd, 'outcomes.ndjson'), 'utf8');
      expect(Buffer.byteLength(text)).toBe(limit);
      const written = linesBeforeTorn(text);
      expectAsSent(written, from.sent);
      const { received, lostLines } = summaryOf(command.stderr);
      expect(written.length + lostLines).toBe(received);
      expect(said(command.stderr).at(-1)).toMatch(/^rxframe listen: EFBIG/);
      return command;
    });
  });

  it.each([
    ['stderr closed', '2>&-', true],
    ['stdout closed', '>&-', false],
    ['both closed', '>&- 2>&-', false],
    ['all three closed', '<&- >&- 2>&-', false],
    ['nobody on stderr', '2> >(exec true)', true],
    ['a full disk under stderr', '2>/dev/full', true],
  ])('goes on, stops in order, and writes the audit log, with %s', async (name, redirection, isRead) => {
    await moments(name, 2, async (random) => {
      const from = await source();
      const line = `exec rxframe ${redirection}`;
      const command = audited(from, redirection.includes('>(') ? `exec bash --norc -c '${line}' "$0" "$1"` : line);
      from.after(integerBetween(random, 1, 1_500), () => command.kill(pick(random, ['SIGINT', 'SIGTERM'])));
      expect(await command.end('audit.ndjson')).toBe(0);
      const audit = recordsIn(auditLog(command));
      expectAsSent(audit, from.sent);
      if (isRead) expect(frameIds(wholeLines(command.stdout))).toEqual(frameIds(audit));
      return command;
    });
  });

  it('ends within bounds where nobody reads stderr', async () => {
    await moments('nobody reads stderr', 3, async (random) => {
      const from = await source();
      const pipe = new Pipe();
      pipe.fillUpTo(0);
      const command = audited(from, `exec rxframe 2>${pipe.path}`);
      from.after(integerBetween(random, 1, 1_500), () => command.kill(pick(random, ['SIGINT', 'SIGTERM'])));
      expect(await command.end('audit.ndjson')).toBe(0);
      pipe.close();
      const outcomes = wholeLines(command.stdout);
      expectAsSent(outcomes, from.sent);
      expect(frameIds(recordsIn(auditLog(command)))).toEqual(frameIds(outcomes));
      return command;
    });
  });
});
