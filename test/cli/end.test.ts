import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { folder, lines, MAIN, run, rxframe } from './run.ts';
import { environmentOf, handWritten, SECRET, simulated } from './server.ts';

/** A port on loopback that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.concurrent('the exit code of listen', { timeout: 60_000 }, () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'is 0 after %s: what was received is written, the audit log flushed, the summary printed',
    async (signal) => {
      const simulator = await simulated({ rate: 2_000, badRate: 0.05, oversizeBytes: 1024 });
      const cwd = folder();
      const args = ['listen', '--json', '--audit-file', 'audit.ndjson'];
      const command = rxframe(args, { env: environmentOf(simulator), cwd });
      await command.until('stdout', /"sequence":300,/);
      command.child.kill(signal);
      expect(await command.ended).toBe(0);
      const count = lines(command.stdout).length;
      expect(count).toBeGreaterThan(300);
      expect(lines(readFileSync(join(cwd, 'audit.ndjson'), 'utf8'))).toHaveLength(count);
      const [, received, accepted, rejected] = /^(\d+) in = (\d+) accepted \+ (\d+) rejected$/m.exec(command.stderr)!;
      expect(Number(received)).toBe(count);
      expect(Number(accepted) + Number(rejected)).toBe(count);
    },
  );

  it('is that of SIGHUP after SIGHUP, and all is written all the same', async () => {
    const simulator = await simulated();
    const cwd = folder();
    const command = rxframe(['listen', '--json', '--audit-file', 'audit.ndjson'], {
      env: environmentOf(simulator),
      cwd,
    });
    await command.until('stdout', /"sequence":100,/);
    command.child.kill('SIGHUP');
    await command.ended;
    expect(command.child.signalCode).toBe('SIGHUP');
    const count = lines(command.stdout).length;
    expect(lines(readFileSync(join(cwd, 'audit.ndjson'), 'utf8'))).toHaveLength(count);
    expect(command.stderr).toContain(`${count} in = ${count} accepted + 0 rejected\n`);
  });

  it('is 0 after --duration', async () => {
    const simulator = await simulated();
    const command = rxframe(['listen', '--duration', '0.5'], { env: environmentOf(simulator) });
    expect(await command.ended).toBe(0);
    expect(command.stderr).toMatch(/^\d+ in = /m);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is that of a second %s, which ends it at once: %i', async (signal, code) => {
    const simulator = await simulated({ rate: Infinity });
    const command = rxframe(['listen', '--json'], { env: environmentOf(simulator) });
    await command.until('stdout', /\n/);
    // A reader that does not read keeps it from draining.
    command.child.stdout.pause();
    await delay(300);
    command.child.kill(signal);
    // Longer than what npm needs to pass the first one on.
    await delay(300);
    command.child.kill(signal);
    await new Promise((resolve) => command.child.once('exit', resolve));
    expect(command.child.exitCode).toBe(code);
  });

  it('is 0 after a signal that comes while it starts', async () => {
    const simulator = await simulated();
    const cwd = folder();
    execFileSync('mkfifo', [join(cwd, '.env')]);
    const command = rxframe(['listen'], { cwd });
    // Done as soon as the command has opened it to read: from then on it waits for what is written.
    const dotEnv = await open(join(cwd, '.env'), 'w');
    command.child.kill('SIGTERM');
    const settings = Object.entries(environmentOf(simulator));
    await dotEnv.write(settings.map(([name, value]) => `${name}=${value}\n`).join(''));
    await dotEnv.close();
    expect(await command.ended).toBe(0);
    expect(command.stderr).toMatch(/^0 in = 0 accepted \+ 0 rejected\n/);
  });

  it('is 1 after a signal where nobody reads stdout, and the summary counts the lines', async () => {
    const simulator = await simulated({ rate: Infinity, payloadBytes: { min: 20_000, max: 20_000 } });
    const args = ['listen', '--json', '--data', '--audit-file', 'audit.ndjson'];
    const cwd = folder();
    const command = rxframe(args, { env: environmentOf(simulator), cwd });
    command.child.stdout.pause();
    // Of each such frame a pipe takes at most ten, and the test's own buffer three.
    const audit = () => readFileSync(join(cwd, 'audit.ndjson'), 'utf8').split('\n').length;
    await command.until('stderr', /open/);
    await vi.waitUntil(() => audit() > 20, { timeout: 20_000 });
    command.child.kill('SIGTERM');
    await new Promise((resolve) => command.child.once('exit', resolve));
    command.child.stdout.resume();
    expect(await command.ended).toBe(1);
    const whole = command.stdout.split('\n').length - 1;
    const received = Number(/^(\d+) in = /m.exec(command.stderr)?.[1]);
    expect(command.stderr).toContain(`\nstdout: INCOMPLETE: ${received - whole} lines lost\n`);
    expect(lines(readFileSync(join(cwd, 'audit.ndjson'), 'utf8'))).toHaveLength(received);
  });

  it('is 0 where its reader goes, with no word', async () => {
    const simulator = await simulated();
    const script = `"${process.execPath}" "${MAIN}" listen --json 2>stderr | head -1; printf %s "\${PIPESTATUS[0]}"`;
    const cwd = folder();
    const shell = run('bash', ['-c', script], { env: environmentOf(simulator), cwd });
    await shell.ended;
    expect(shell.stdout).toMatch(/^\{.*\}\n0$/);
    expect(lines(readFileSync(join(cwd, 'stderr'), 'utf8')).filter((line) => !/^\d{4}-.*Z /.test(line))).toEqual([]);
  });

  it('is 1 where the server has no such endpoint', async () => {
    const simulator = await simulated({ upgrades: [404] });
    const command = rxframe(['listen'], { env: environmentOf(simulator) });
    expect(await command.ended).toBe(1);
    expect(command.stderr).toMatch(/^rxframe listen: .*404/m);
    expect(command.stderr).not.toContain('    at ');
  });

  it('is 1 where stdout cannot be written', async () => {
    const simulator = await simulated();
    const script = `"${process.execPath}" "${MAIN}" listen --json >/dev/full`;
    const shell = run('sh', ['-c', script], { env: environmentOf(simulator) });
    expect(await shell.ended).toBe(1);
    expect(shell.stderr).toMatch(/^rxframe listen: .*ENOSPC/m);
  });

  it('is 1 where the disk is full under stdout, and the summary counts the lines, the torn one too', async () => {
    const simulator = await simulated();
    const cwd = folder();
    const script = `ulimit -S -f 8; exec "${process.execPath}" "${MAIN}" listen --json >outcomes.ndjson`;
    const shell = run('sh', ['-c', script], { env: environmentOf(simulator), cwd });
    expect(await shell.ended).toBe(1);
    const written = readFileSync(join(cwd, 'outcomes.ndjson'));
    // The last line is torn, unless it ends just at the limit.
    expect(written).toHaveLength(8 * 512);
    const wholeLines = written.toString().split('\n').length - 1;
    const [, received, lost] = /^(\d+) in = [^]*\nstdout: INCOMPLETE: (\d+) lines? lost\n/m.exec(shell.stderr)!;
    expect(Number(lost)).toBe(Number(received) - wholeLines);
  });

  it('is 1 where the audit log lost records, and the summary says so', async () => {
    const simulator = await simulated({ frames: 20 });
    const command = rxframe(['listen', '--audit-file', '/dev/full'], { env: environmentOf(simulator) });
    expect(await command.ended).toBe(1);
    expect(command.stderr).toMatch(/^rxframe: the audit log \/dev\/full fails: .*ENOSPC/m);
    expect(command.stderr).toMatch(/^20 in = [^]*\naudit log: \/dev\/full, INCOMPLETE: 20 records lost\n$/m);
  });

  it('is 1 with a summary where the reader goes and the audit log lost records', async () => {
    const simulator = await simulated();
    const listen = `"${process.execPath}" "${MAIN}" listen --json --audit-file /dev/full`;
    const script = `${listen} | head -1; printf %s "\${PIPESTATUS[0]}"`;
    const shell = run('bash', ['-c', script], { env: environmentOf(simulator) });
    await shell.ended;
    expect(shell.stdout).toMatch(/^\{.*\}\n1$/);
    expect(shell.stderr).toMatch(/\naudit log: \/dev\/full, INCOMPLETE: [1-9]\d* records lost\n$/);
  });

  it('is 3 where the server does not take the credentials, whose secret is nowhere', async () => {
    const simulator = await simulated();
    const command = rxframe(['listen'], {
      env: { ...environmentOf(simulator), GENESYS_CLIENT_SECRET: SECRET, NODE_DEBUG: 'rxframe' },
    });
    expect(await command.ended).toBe(3);
    expect(command.stderr).toMatch(/^rxframe listen: Authentication failed: .*401/m);
    expect(command.stdout).toContain('(auth)');
    expect(command.stdout + command.stderr).not.toContain(SECRET);
    expect(command.stderr).not.toContain('    at ');
  });

  it('is 3 where a scope is not granted', async () => {
    const simulator = await simulated({ grantedScopes: ['streaming:subscribe'] });
    const command = rxframe(['listen'], { env: environmentOf(simulator) });
    expect(await command.ended).toBe(3);
    expect(command.stderr).toContain('interaction:read');
  });

  it('is 3 where --max-attempts ends it because of the credentials', async () => {
    const simulator = await simulated({ upgrades: [401] });
    const command = rxframe(['listen', '--max-attempts', '1'], { env: environmentOf(simulator) });
    expect(await command.ended).toBe(3);
  });

  it('is 4 where it gave up reconnecting', async () => {
    const simulator = await simulated();
    const env = {
      ...environmentOf(simulator),
      GENESYS_STREAM_URL: `ws://127.0.0.1:${await closedPort()}/`,
    };
    const command = rxframe(['listen', '--max-attempts', '2'], { env });
    expect(await command.ended).toBe(4);
    expect(command.stdout).toMatch(/waiting \d\.\d s after failure 1 \(transient\): .*ECONNREFUSED/);
    expect(command.stderr).toMatch(/^rxframe listen: Gave up after 2 failed connections in a row \(maxAttempts\)/m);
  });

  it('shows a close reason without its control characters', async () => {
    const env = await handWritten((webSocket) => webSocket.close(1012, '\u001b[2J\u0007\u202egone'));
    const command = rxframe(['listen', '--max-attempts', '1'], { env });
    expect(await command.ended).toBe(4);
    expect(command.stderr).toContain('gone');
    // eslint-disable-next-line no-control-regex -- control characters are just what is looked for
    expect(command.stdout + command.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('is 0 for a simulated stream with faults and reconnections', async () => {
    const command = rxframe(['listen', '--simulate', '--max-frames', '1600']);
    expect(await command.ended).toBe(0);
    expect(command.stdout).toContain('code 1006');
    expect(command.stdout).toContain('code 1012 (service restart)');
    expect(command.stderr).toMatch(/^1600 in = \d+ accepted \+ [1-9]\d* rejected\n.*\n2 reconnections, \d+ bytes$/m);
  });
});
