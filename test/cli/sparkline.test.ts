import { describe, expect, it } from 'vitest';
import { showsSparklines, sparkline } from '../../src/cli/terminal/sparkline.ts';

describe('sparkline', () => {
  it.each([
    [[0, 1, 2, 4, 8], '▁▂▃▅█'],
    [[0, 0], '▁▁'],
    [[1_000, 1, 999], '█▂█'],
    [[], ''],
  ])('draws %j', (figures, bars) => {
    expect(sparkline(figures)).toBe(bars);
  });
});

describe('showsSparklines', () => {
  it.each([
    [{ LANG: 'de_DE.UTF-8', TERM: 'xterm' }, true],
    [{ LANG: 'C', LC_ALL: 'en_GB.utf8' }, true],
    [{ LANG: 'C.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C.UTF-8', LC_CTYPE: 'POSIX' }, false],
    [{ LANG: 'C.UTF-8', TERM: 'linux' }, false],
    [{ WT_SESSION: 'a' }, true],
    [{}, false],
  ])('knows by %j: %s', (env: NodeJS.ProcessEnv, shown) => {
    expect(showsSparklines(env)).toBe(shown);
  });
});
