/* eslint-disable no-control-regex -- escape sequences are just what is looked for */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Subject } from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { ClosedError } from '../../operators/errors.ts';
import { Meter } from '../../operators/meter.ts';
import { showProgress } from '../../src/cli/stream/show-progress.ts';
import { StatusLine, type StatusStream } from '../../src/cli/terminal/status-line.ts';
import { run, MAIN } from './run.ts';

const ERASE = '\r\u001b[K';
/** What is written over the last line, and cut off behind. */
const drawn = (text: string) => `\r${text}\u001b[K`;

/** A terminal of that width, and what was written to it. */
function terminal(columns: number, colours = false) {
  const written: string[] = [];
  const stream: StatusStream = {
    isTTY: true,
    columns,
    hasColors: () => colours,
    write: (text) => written.push(text) > 0,
  };
  return {
    stream,
    written,
    last: () =>
      written
        .join('')
        .split(/[\r\n]/)
        .at(-1)!
        .replaceAll('\u001b[K', ''),
  };
}

const status = { state: 'open', colour: 'green', facts: ['12 frames/s', 'p99 0.10 ms', 'integrity 99.0 %'] } as const;

describe('StatusLine', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    [80, 'open  12 frames/s  p99 0.10 ms  integrity 99.0 %'],
    [49, 'open  12 frames/s  p99 0.10 ms  integrity 99.0 %'],
    [48, 'open  12 frames/s  p99 0.10 ms'],
    [20, 'open  12 frames/s'],
    [17, 'open'],
    [4, 'op…'],
    [0, 'open  12 frames/s  p99 0.10 ms  integrity 99.0 %'],
  ])('fits %i columns', (columns, line) => {
    const { stream, last } = terminal(columns);
    new StatusLine(stream, true).show(status);
    expect(last()).toBe(line);
  });

  const trend = [0, 5, 0, 1, 2, 3, 4, 5, 6, 7];
  it.each([
    [58, 'open  12 frames/s ▁▂▃▄▅▆▇█  p99 0.10 ms  integrity 99.0 %'],
    [57, 'open  12 frames/s ▅▆▇█  p99 0.10 ms  integrity 99.0 %'],
    [53, 'open  12 frames/s  p99 0.10 ms  integrity 99.0 %'],
    [41, 'open  12 frames/s  p99 0.10 ms'],
  ])('shows the last seconds in what room is left of %i columns', (columns, line) => {
    vi.stubEnv('LC_ALL', 'C.UTF-8');
    const { stream, last } = terminal(columns);
    new StatusLine(stream, true).show({ ...status, trend });
    expect(last()).toBe(line);
  });

  it('writes nothing where nothing has changed', () => {
    const { stream, written } = terminal(80);
    const line = new StatusLine(stream, true);
    line.show(status);
    line.show({ ...status });
    expect(written).toHaveLength(1);
  });

  it('colours the state, where the terminal has colours', () => {
    const { stream, last } = terminal(20, true);
    new StatusLine(stream, true).show(status);
    expect(last()).toBe('\u001b[32mopen\u001b[39m  12 frames/s');
  });

  it('keeps log lines above the live line, and takes the live line away at the end', () => {
    const { stream, written } = terminal(20);
    const line = new StatusLine(stream, true);
    line.show(status);
    line.log('an \u001b[2J event');
    line.clear();
    line.log('later');
    expect(written).toEqual([
      drawn('open  12 frames/s'),
      expect.stringMatching(
        /^\r\u001b\[K\d{4}-\d\d-\d\dT[\d:.]+Z an \ufffd\[2J event\n\r?(\u001b\[K)?open {2}12 frames\/s$/,
      ),
      ERASE,
      expect.stringMatching(/^\d{4}.*Z later\n$/),
    ]);
  });
});

describe('showProgress', () => {
  beforeEach(() => {
    vi.stubEnv('LC_ALL', 'C');
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  const cause = new ClosedError(1012, 'restart');
  const waiting: ConnectionState = { status: 'waiting', delay: 3_000, attempt: 2, failure: 'transient', cause };

  it('shows the state, the rest of the wait and its cause on the live line', () => {
    const state$ = new Subject<ConnectionState>();
    const { stream, last, written } = terminal(100);
    const progress = showProgress(state$, new Meter(), new StatusLine(stream, true));
    state$.next({ status: 'open', connectionId: 'c' });
    expect(last()).toBe('open  0 frames/s  p99 -  rejected 0 of 0  integrity -');
    state$.next({ status: 'closed', connectionId: 'c', cause });
    state$.next(waiting);
    expect(last()).toMatch(/^waiting 3\.0 s after close 1012 {2}0 frames\/s/);
    vi.advanceTimersByTime(1_000);
    expect(last()).toMatch(/^waiting 2\.0 s after close 1012 {2}0 frames\/s/);
    progress.unsubscribe();
    expect(written.at(-1)).toBe(ERASE);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('shows that a connection is open while another one is made, waits or ends', () => {
    const state$ = new Subject<ConnectionState>();
    const { stream, last, written } = terminal(100);
    const progress = showProgress(state$, new Meter(), new StatusLine(stream, true));
    state$.next({ status: 'open', connectionId: 'a' });
    state$.next({ status: 'connecting', connectionId: 'b' });
    expect(last()).toMatch(/^open /);
    state$.next({ status: 'open', connectionId: 'b' });
    state$.next({ status: 'closing', connectionId: 'a' });
    state$.next({ status: 'closed', connectionId: 'a' });
    state$.next(waiting);
    expect(last()).toMatch(/^open /);
    expect(written.join('')).toContain('waiting 3.0 s after failure 2');
    state$.next({ status: 'closed', connectionId: 'b', cause });
    state$.next(waiting);
    expect(last()).toMatch(/^waiting 3\.0 s/);
    progress.unsubscribe();
  });

  it('shows in bars how many frames came in each second', () => {
    vi.stubEnv('LC_ALL', 'C.UTF-8');
    const state$ = new Subject<ConnectionState>();
    const { stream, last } = terminal(61);
    let frames = 0;
    const meter = { snapshot: () => ({ ...new Meter().snapshot(), frames }) };
    const progress = showProgress(state$, meter, new StatusLine(stream, true));
    state$.next({ status: 'open', connectionId: 'c' });
    for (const more of [70, 10, 0, 30]) {
      frames += more;
      vi.advanceTimersByTime(1_000);
    }
    expect(last()).toBe('open  0 frames/s █▂▁▄  p99 -  rejected 0 of 110  integrity -');
    progress.unsubscribe();
  });

  it('logs one line for each change of state, and the figures every five seconds, where nothing is live', () => {
    const state$ = new Subject<ConnectionState>();
    const { stream, written } = terminal(100);
    const progress = showProgress(state$, new Meter(), new StatusLine(stream, false));
    state$.next({ status: 'connecting', connectionId: 'c' });
    state$.next({ status: 'open', connectionId: 'c' });
    vi.advanceTimersByTime(5_000);
    state$.next({ status: 'closed', connectionId: 'c', cause });
    state$.next(waiting);
    progress.unsubscribe();
    expect(written.map((line) => line.slice('2026-01-01T00:00:00.000Z '.length))).toEqual([
      'connecting\n',
      'open, connection c\n',
      'open  0 frames/s  p99 -  rejected 0 of 0  integrity -\n',
      'waiting 3.0 s after failure 2 (transient): The connection was closed with code 1012 (restart).\n',
    ]);
  });
});

describe.skipIf(process.platform !== 'linux')('listen on a terminal', { timeout: 60_000, concurrent: true }, () => {
  const onTerminal = (flags: string, env: Record<string, string> = {}) =>
    run(
      'script',
      ['-qec', `"${process.execPath}" "${MAIN}" listen --simulate --max-frames 400 ${flags}`, '/dev/null'],
      {
        env: { TERM: 'xterm-256color', ...env },
      },
    );

  it('has a live line in colour, and leaves the terminal as it was', async () => {
    const command = onTerminal('', {});
    expect(await command.ended).toBe(0);
    expect(command.stdout).toMatch(/\r\u001b\[32mopen\u001b\[39m {2}\d+ frames\/s/);
    const after = command.stdout.slice(command.stdout.lastIndexOf(ERASE) + ERASE.length);
    expect(after).toMatch(/^400 in = /);
  });

  it('has no colour with NO_COLOR', async () => {
    const command = onTerminal('', { NO_COLOR: '1' });
    expect(await command.ended).toBe(0);
    expect(command.stdout).toMatch(/\ropen {2}\d+ frames\/s/);
    expect(command.stdout).not.toContain('\u001b[3');
  });

  it.each([
    ['with TERM=dumb', '', { TERM: 'dumb' }],
    ['between lines of JSON', '--json', {}],
    ['where a program reads the JSON, which may write to the same terminal', '--json | cat', {}],
  ])('has log lines in place of the live line %s', async (_where, flags, env) => {
    const command = onTerminal(flags, env);
    expect(await command.ended).toBe(0);
    expect(command.stdout).toMatch(/Z open, connection /);
    expect(command.stdout).not.toContain('\u001b');
  });

  it('has a live line where the JSON goes to a file', async () => {
    const command = onTerminal('--json >outcomes.ndjson');
    expect(await command.ended).toBe(0);
    expect(command.stdout).toMatch(/\r\u001b\[32mopen\u001b\[39m {2}\d+ frames\/s/);
    expect(command.stdout).not.toContain('{');
  });
});
