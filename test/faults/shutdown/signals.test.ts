import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { integerBetween, pick, type Random } from '../../../src/simulator/random.ts';
import { environmentOf, handWritten } from '../../cli/server.ts';
import { expectAsSent, expectSummaryOf, frameIds, linesBeforeTorn, recordsIn, wholeLines } from './account.ts';
import { audited, auditLog, listener, source, untilAudited, type Listener, type Source } from './listener.ts';
import { moments } from './moments.ts';
import { Pipe } from './pipe.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const NOTHING = '0 in = 0 accepted + 0 rejected\n0 reconnections, 0 bytes\n';

/** Everything that was received is on stdout and in the audit log, whole, and the summary says just that. */
function expectWhole(command: Listener, { sent }: Source): void {
  const outcomes = wholeLines(command.stdout);
  expectAsSent(outcomes, sent);
  const audit = recordsIn(auditLog(command));
  expect(frameIds(audit)).toEqual(frameIds(outcomes));
  const { lostLines, lostRecords, reconnections } = expectSummaryOf(outcomes, command.stderr);
  expect([lostLines, lostRecords]).toEqual([0, 0]);
  const opened = command.stderr.match(/Z open, connection /g)?.length ?? 0;
  expect(reconnections).toBe(Math.max(0, opened - 1));
}

/** Sends signals until the process has ended: after the echo of the first one, the next is a second. */
async function killUntilEnd(command: Listener, signal: NodeJS.Signals): Promise<void> {
  while (command.child.exitCode === null) {
    command.kill(signal);
    await delay(50);
  }
}

describe('a signal ends listen in order', { timeout: 300_000 }, () => {
  it('under full load, over lost connections, after so many frames', async () => {
    await moments('signal under full load', 14, async (random) => {
      const from = await source({
        script: [
          { at: 200, connection: 0, drop: true },
          { at: 300, connection: 1, close: 1012 },
        ],
      });
      const command = audited(from);
      from.after(integerBetween(random, 1, 1_500), () => command.kill(pick(random, SIGNALS)));
      expect(await command.end('audit.ndjson')).toBe(0);
      expectWhole(command, from);
      return command;
    });
  });

  it('while it starts: not begun, or in order', async () => {
    await moments('signal while it starts', 6, async (random) => {
      const from = await source();
      const command = listener('exec rxframe --json', environmentOf(from.simulator));
      await delay(integerBetween(random, 0, 800));
      command.kill(pick(random, SIGNALS));
      const code = await command.end();
      if (command.stderr === '') {
        expect(code).toBe(command.child.signalCode);
        expect(command.stdout).toBe('');
      } else {
        expect(code).toBe(0);
        const outcomes = wholeLines(command.stdout);
        expectAsSent(outcomes, from.sent);
        expectSummaryOf(outcomes, command.stderr);
      }
      return command;
    });
  });

  it('while it fetches a token: asked for, half an answer, just answered', async () => {
    await moments('signal during the token fetch', 6, async (random, moment) => {
      const answers: ((response: ServerResponse) => void)[] = [
        () => undefined,
        (response) => response.writeHead(200, { 'content-length': 1_000 }).write('{"access_token":'),
        (response) => response.end(JSON.stringify({ access_token: 'a-token', expires_in: 3600 })),
      ];
      const env = await handWritten(
        () => undefined,
        (_, response) => {
          answers[moment % answers.length]!(response);
          command.kill(pick(random, SIGNALS));
        },
      );
      const command = listener('exec rxframe --json', env);
      expect(await command.end()).toBe(0);
      expect(command.stdout).toBe('');
      expect(command.stderr.endsWith(`\n${NOTHING}`)).toBe(true);
      return command;
    });
  });

  it('while it connects', async () => {
    await moments('signal during the upgrade', 4, async (random) => {
      const from = await source({ upgrades: ['hang'] });
      const command = audited(from);
      await vi.waitUntil(() => from.simulator.upgradeRequests.length > 0, { timeout: 30_000, interval: 5 });
      await delay(integerBetween(random, 0, 50));
      command.kill(pick(random, SIGNALS));
      expect(await command.end('audit.ndjson')).toBe(0);
      expect(command.stderr).toContain(`\n${NOTHING}`);
      expectWhole(command, from);
      return command;
    });
  });

  it('while it waits to reconnect', async () => {
    await moments('signal during a wait', 4, async (random) => {
      const frames = integerBetween(random, 1, 300);
      const from = await source({
        script: [{ at: frames, connection: 0, close: 1012 }],
        upgrades: ['ok', { status: 503, retryAfter: '60' }],
      });
      const command = audited(from);
      await command.until('stderr', /waiting 6\d\.\d s after failure \d \(throttled\)/);
      await delay(integerBetween(random, 0, 50));
      command.kill(pick(random, SIGNALS));
      expect(await command.end('audit.ndjson')).toBe(0);
      expect(wholeLines(command.stdout)).toHaveLength(frames);
      expectWhole(command, from);
      return command;
    });
  });

  it('while the server, or the network, goes away', async () => {
    await moments('signal and server at once', 6, async (random) => {
      const from = await source();
      const { simulator } = from;
      const command = audited(from);
      const goes = pick(random, [
        () => void simulator.close(),
        () => simulator.dropAll(),
        () => simulator.closeAll(1012),
        () => simulator.closeAll(1000),
      ]);
      const signal = () => command.kill(pick(random, SIGNALS));
      const order = pick(random, [
        [signal, goes],
        [goes, signal],
      ]);
      from.after(integerBetween(random, 1, 1_500), () => {
        for (const act of order) act();
      });
      expect(await command.end('audit.ndjson')).toBe(0);
      expectWhole(command, from);
      return command;
    });
  });

  it('while the server does not answer the closing handshake', async () => {
    await moments('signal, and no closing handshake', 2, async (random) => {
      const { command, count } = await unanswered(random);
      expect(await command.end()).toBe(0);
      expectSummaryOf(wholeLines(command.stdout), command.stderr);
      expect(wholeLines(command.stdout)).toHaveLength(count);
      return command;
    });
  });
});

describe('a second signal ends listen at once', { timeout: 300_000 }, () => {
  it('in the closing handshake, after a summary that is true', async () => {
    await moments('two signals, and no closing handshake', 2, async (random) => {
      const { command, count, signal } = await unanswered(random);
      await command.until('stderr', /\d bytes\n/);
      await killUntilEnd(command, signal);
      expect(await command.end()).toBe(signal === 'SIGINT' ? 130 : 143);
      expectSummaryOf(wholeLines(command.stdout), command.stderr);
      expect(wholeLines(command.stdout)).toHaveLength(count);
      return command;
    });
  });

  it('while nobody reads stdout: what is written is whole but for the last line', async () => {
    await moments('two signals, and no reader', 3, async (random) => {
      const from = await source();
      const pipe = new Pipe();
      pipe.fillUpTo(integerBetween(random, 1, 4));
      const command = audited(from, `exec rxframe >${pipe.path}`);
      await untilAudited(command, 10_000);
      const signal = pick(random, SIGNALS);
      await killUntilEnd(command, signal);
      expect(await command.end('audit.ndjson')).toBe(signal === 'SIGINT' ? 130 : 143);
      const outcomes = linesBeforeTorn(pipe.read());
      pipe.close();
      expectAsSent(outcomes, from.sent);
      const audit = linesBeforeTorn(auditLog(command));
      expect(frameIds(audit.slice(0, outcomes.length))).toEqual(frameIds(outcomes));
      return command;
    });
  });
});

/** A process that was sent a signal by a server which sends some frames, and then reads nothing more. */
async function unanswered(random: Random) {
  const count = integerBetween(random, 1, 50);
  const signal = pick(random, SIGNALS);
  const env = await handWritten((webSocket) => {
    webSocket.pause();
    for (let frame = 0; frame < count; frame += 1) webSocket.send('{"type":"keepalive"}');
  });
  const command = listener('exec rxframe --json', env);
  await command.until('stdout', new RegExp(`"sequence":${count - 1},`));
  command.kill(signal);
  return { command, count, signal };
}
