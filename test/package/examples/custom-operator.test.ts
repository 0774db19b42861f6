import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../docs/pages.ts';

describe('the operator package of the examples', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxframe-operator-'));
  beforeAll(() => {
    cpSync(`${ROOT}examples/custom-operator`, folder, { recursive: true });
    // What npm install would put there, with rxframe as it is built here.
    for (const scope of ['.bin', '@types']) mkdirSync(join(folder, 'node_modules', scope), { recursive: true });
    for (const name of ['rxjs', 'typescript', '@types/node', '.bin/tsc']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    }
    symlinkSync(ROOT, join(folder, 'node_modules', 'rxframe'), 'dir');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('compiles with its type tests, and passes its own marble tests', async () => {
    const said = await new Promise<string>((resolve) => {
      execFile('npm', ['test'], { cwd: folder }, (_, stdout, stderr) => resolve(stdout + stderr));
    });
    expect(said).toMatch(/^# pass 8$/m);
    expect(said).toMatch(/^# fail 0$/m);
  });
});
