import { describe, expect, it } from 'vitest';
import { hasColours } from '../../src/cli/terminal/has-colours.ts';
import { MAIN, run } from './run.ts';

/** As Node's streams say it: by the variables that they are given. */
const terminal = {
  isTTY: true,
  hasColors: (env: NodeJS.ProcessEnv) => env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb',
};

describe('hasColours', () => {
  it.each([
    ['on a terminal', terminal, {}, true],
    ['with an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
    ['with NO_COLOR', terminal, { NO_COLOR: '0' }, false],
    ['with NO_COLOR and FORCE_COLOR', terminal, { NO_COLOR: '1', FORCE_COLOR: '3' }, false],
    ['on a terminal that has none', terminal, { TERM: 'dumb' }, false],
    ['on no terminal, with FORCE_COLOR', { ...terminal, isTTY: false }, { FORCE_COLOR: '3' }, false],
    ['on a pipe', {}, {}, false],
  ])('%s', (_, stream, env: NodeJS.ProcessEnv, has) => {
    expect(hasColours(stream, env)).toBe(has);
  });
});

describe.skipIf(process.platform !== 'linux')('on a terminal', { timeout: 60_000, concurrent: true }, () => {
  const onTerminal = (args: string, env: Record<string, string> = {}) =>
    run('script', ['-qec', `"${process.execPath}" "${MAIN}" ${args}`, '/dev/null'], {
      env: { TERM: 'xterm-256color', ...env },
    });

  it('nothing is coloured with --no-color, wherever it stands', async () => {
    const plain = onTerminal('--no-color doctor', { FORCE_COLOR: '1' });
    const coloured = onTerminal('doctor');
    expect([await plain.ended, await coloured.ended]).toEqual([2, 2]);
    expect(plain.stdout).toContain('✗ configuration');
    expect(plain.stdout).not.toContain('\u001b');
    expect(coloured.stdout).toContain('\u001b[31m✗\u001b[39m configuration');
  });

  it('no command is help', async () => {
    const command = onTerminal('');
    expect(await command.ended).toBe(2);
    expect(command.stdout).toMatch(/^rxframe [^]*Start with\r\n {2}npx rxframe listen --simulate\r\n$/);
  });

  it('the topics fit, and none is cut', async () => {
    const command = run(
      'script',
      ['-qec', `stty cols 60; "${process.execPath}" "${MAIN}" topics --simulate`, '/dev/null'],
      {
        env: { TERM: 'xterm' },
      },
    );
    expect(await command.ended).toBe(0);
    const table = command.stdout.split('\r\n');
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(command.stdout).not.toContain('…');
  });
});
