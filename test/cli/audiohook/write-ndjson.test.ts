import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat, defer, from, ignoreElements, lastValueFrom, map, NEVER, of, throwError, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeNdjson } from '../../../src/cli/audiohook/write-ndjson.ts';
import { terminalJson } from '../../../src/cli/terminal/terminal-text.ts';
import { folder } from '../run.ts';

let path: string;
beforeEach(() => {
  path = join(folder(), 'file.ndjson');
});

function written(source: Observable<object>): Promise<undefined> {
  return lastValueFrom(source.pipe(map(terminalJson), writeNdjson(path)), { defaultValue: undefined });
}

describe('writeNdjson', () => {
  it('has each line when it completes, for its owner only', async () => {
    await written(from([{ a: 1 }, { text: 'two\nlines\u001b[31m\u009b' }]));
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"text":"two\\nlines\\u001b[31m\\u009b"}\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never writes to a file that exists, nor cuts it', async () => {
    writeFileSync(path, 'evidence');
    await expect(written(of({ a: 1 }))).rejects.toThrow('EEXIST');
    expect(readFileSync(path, 'utf8')).toBe('evidence');
  });

  it('fails where it cannot be made', async () => {
    path = join(path, 'file');
    await expect(written(NEVER)).rejects.toThrow('ENOENT');
  });

  it("passes the source's error on when the file is closed", async () => {
    await expect(
      written(
        concat(
          of({ a: 1 }),
          throwError(() => new Error('of the source')),
        ),
      ),
    ).rejects.toThrow('source');
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n');
  });

  it('writes in the background what was taken before an unsubscription', async () => {
    concat(of('{"a":1}'), NEVER).pipe(writeNdjson(path)).subscribe().unsubscribe();
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n'));
  });

  it('gives a disk up that does not keep up', async () => {
    const large = { text: 'x'.repeat(1024 * 1024) };
    await expect(written(concat(from(Array<object>(20).fill(large)), NEVER))).rejects.toThrow(
      'the disk does not keep up',
    );
  });

  describe.runIf(process.platform === 'linux')('where the disk takes no more', () => {
    const limitFiles = (bytes: number | 'unlimited') =>
      execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
    afterEach(() => limitFiles('unlimited'));

    it('fails with the error of the system, and leaves whole lines', async () => {
      limitFiles(1_001);
      const values = Array.from({ length: 400 }, (_, index) => ({ index }));
      // The first ones are there before the write that fails begins.
      const first = values.slice(0, 3);
      const source = concat(
        from(first),
        defer(() => vi.waitUntil(() => existsSync(path) && statSync(path).size > 0)).pipe(ignoreElements()),
        from(values.slice(3)),
        NEVER,
      );
      await expect(written(source)).rejects.toThrow('EFBIG');
      const text = readFileSync(path, 'utf8');
      expect(text.endsWith('}\n')).toBe(true);
      expect(text.startsWith(first.map((value) => `${JSON.stringify(value)}\n`).join(''))).toBe(true);
    });
  });
});
