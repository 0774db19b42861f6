import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';

let folder = '';

/** **The path of a file in a folder of the test's own**, which is gone after it; by then no file of it may be open. */
export function inFolder(name = ''): string {
  return join(folder, name);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxframe-capture-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  expect(openFiles(), 'files left open').toStrictEqual([]);
});

/** The files of captures that are open in this process. */
export function openFiles(): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .map((fd) => targetOf(`/proc/self/fd/${fd}`))
    .filter((target) => target.includes('rxframe-capture-'));
}

/** Where a link points; nowhere, where it is gone: the descriptor that the list itself was read through. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
