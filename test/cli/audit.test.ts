import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUDIT_FLAGS, auditWishes } from '../../src/cli/arguments/audit-flags.ts';
import { parseFlags } from '../../src/cli/arguments/flags.ts';
import type { AuditVerdict } from '../../src/telemetry/verify-audit.ts';
import { plainChain } from '../telemetry/plain-chain.ts';
import { folder, rxframe, type Command } from './run.ts';

/** Runs `audit verify` in a folder. */
const verify = (cwd: string, ...args: string[]): Command => rxframe(['audit', 'verify', ...args], { cwd });

describe.concurrent('rxframe audit', { timeout: 60_000 }, () => {
  it('finds what listen --audit-chain has written whole, and then what was changed in it', async () => {
    const cwd = folder();
    const flags = [
      '--audit-file',
      'audit.ndjson',
      '--audit-chain',
      '--audit-rotate-bytes',
      '9000',
      '--audit-rotate-files',
      '9',
    ];
    const listen = rxframe(['listen', '--simulate', '--json', '--max-frames', '60', ...flags], { cwd });
    expect(await listen.ended).toBe(0);
    const [, lastHash = ''] = /^audit log: audit\.ndjson, last hash ([0-9a-f]{64})$/m.exec(listen.stderr) ?? [];
    const files = readdirSync(cwd).sort();
    expect(files.length).toBeGreaterThan(1);
    expect(plainChain(files.map((name) => readFileSync(join(cwd, name), 'utf8')).join(''))).toBe(lastHash);

    const whole = verify(cwd, ...files.toReversed(), '--expect', lastHash);
    expect(await whole.ended).toBe(0);
    expect(whole.stdout).toBe(`whole\n60 records: 1 to 60, ${files.length} files\nlast hash ${lastHash}\n`);
    expect(whole.stderr).toBe('');
    const plain = rxframe(['listen', '--simulate', '--audit-file', 'audit.ndjson', '--max-frames', '1'], { cwd });
    expect(await plain.ended).toBe(2);
    expect(plain.stderr).toContain(`"audit.ndjson" can't be opened: its records are chained; chain these too`);

    const log = readFileSync(join(cwd, files[0]!), 'utf8').split('\n');
    writeFileSync(
      join(cwd, 'a\u001b[31m.ndjson'),
      log.with(3, log[3]!.replace('level', 'Level')).toSpliced(6, 1).join('\n'),
    );
    const [text, json] = [
      verify(cwd, 'a\u001b[31m.ndjson'),
      verify(cwd, 'a\u001b[31m.ndjson', '--json', '--expect', lastHash),
    ];
    expect(await text.ended).toBe(1);
    const offset = log.slice(0, 3).join('\n').length + 1;
    expect(text.stdout).toContain(`a\ufffd[31m.ndjson:4 (byte ${offset}): changed: record 4 was changed`);
    expect(text.stdout).toContain('a\ufffd[31m.ndjson:7 (byte ');
    expect(text.stdout).toContain(
      'missing: record 7 is missing before this line\nNOT WHOLE: 2 faults\nchanged: compare',
    );
    expect(text.stdout).toContain('\nmissing inside a file: removed there');
    expect(await json.ended).toBe(1);
    expect(json.stderr).toBe('');
    expect(json.stdout).not.toContain('\u001b');
    const verdict = JSON.parse(json.stdout) as AuditVerdict;
    expect(verdict.faults.map(({ kind, line }) => [kind, line])).toEqual([
      ['changed', 4],
      ['missing', 7],
      ['unanchored', verdict.records + 1],
    ]);
  });

  it('says what to do where no record is chained: exit code 2', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'plain.ndjson'), '{"level":30}\n');
    const plain = verify(cwd, 'plain.ndjson');
    expect(await plain.ended).toBe(2);
    expect(plain.stderr).toContain('rxframe audit: There is no chained record in plain.ndjson.');
    expect(plain.stderr).toContain('rxframe listen --audit-chain');
    const listen = rxframe(['listen', '--simulate', '--audit-file', 'plain.ndjson', '--audit-chain'], { cwd });
    expect(await listen.ended).toBe(2);
    expect(listen.stderr).toContain(`"plain.ndjson" can't be opened: it has records that are not chained`);
  });

  it.each([
    [[], 'rxframe audit: says what to do: verify'],
    [['verfy', 'a'], 'rxframe audit: does not take "verfy" (did you mean verify?); it says what to do: verify'],
    [['verify', 'a', '--expect', 'ABC'], '--expect must be 64 hexadecimal digits in lower case, got "ABC"'],
  ])('ends with 2 and a clear message: %j', async (args, message) => {
    const command = rxframe(['audit', ...args]);
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain(message);
    expect(command.stdout).toBe('');
  });
});

describe('the flags of the audit log', () => {
  const wishes = (...args: string[]) => auditWishes(parseFlags(args, AUDIT_FLAGS));

  it('say what is wished of it', () => {
    expect(wishes()).toBeUndefined();
    expect(wishes('--audit-file', 'a')).toEqual({ file: 'a', chain: false, rotate: undefined });
    const rotate = { bytes: 5, seconds: 60, files: 2 };
    const flags = ['--audit-rotate-bytes', '5', '--audit-rotate-seconds', '60', '--audit-rotate-files', '2'];
    expect(wishes('--audit-file', 'a', '--audit-chain', ...flags)).toEqual({ file: 'a', chain: true, rotate });
  });

  it.each([
    [['--audit-chain'], '--audit-chain goes with --audit-file'],
    [['--audit-rotate-seconds', '60'], '--audit-rotate-seconds goes with --audit-file'],
    [
      ['--audit-file', 'a', '--audit-rotate-bytes', '1MB'],
      '--audit-rotate-bytes must be a positive integer, got "1MB"',
    ],
    [['--audit-file', 'a', '--audit-rotate-files', '3'], 'goes with --audit-rotate-bytes or --audit-rotate-seconds'],
  ])('are refused where they make no sense: %j', (args, message) => {
    expect(() => wishes(...args)).toThrow(message);
  });
});
