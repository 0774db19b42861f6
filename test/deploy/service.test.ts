import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exitCode } from '../../src/cli/exit-code.ts';
import { auditWishes } from '../../src/cli/arguments/audit-flags.ts';
import { parseFlags } from '../../src/cli/arguments/flags.ts';
import { metricsAddress } from '../../src/cli/arguments/metrics-address.ts';
import { SOURCE_FLAGS } from '../../src/cli/arguments/source-flags.ts';
import { STREAM_FLAGS } from '../../src/cli/arguments/stream-flags.ts';
import { version } from '../../src/version.ts';

const read = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'rxframe-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The flags of a command line of `listen`; fails where `listen` would not take them. */
function listenFlags([command, ...args]: readonly string[]) {
  expect(command).toBe('listen');
  return parseFlags(args, { ...SOURCE_FLAGS, ...STREAM_FLAGS });
}

/** The port that a command line of `listen` serves metrics on. */
function metricsPort(words: readonly string[]): number {
  return metricsAddress(listenFlags(words)['metrics-address'] ?? '').port;
}

describe('the systemd unit', () => {
  const unit = read('rxframe.service');
  const setting = (name: string) =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);

  it('starts a command that there is, and does not start it again where that would not help', () => {
    const [, ...words] = (setting('ExecStart')[0] ?? '').split(' ');
    expect(metricsPort(words)).toBe(9464);
    expect(setting('Restart')).toEqual(['on-failure']);
    expect(setting('RestartPreventExitStatus')).toEqual([`${exitCode.usage} ${exitCode.authentication}`]);
  });

  it('writes an audit log that is chained, and does not grow for ever', () => {
    const [, ...words] = (setting('ExecStart')[0] ?? '').split(' ');
    const { chain, rotate } = auditWishes(listenFlags(words)) ?? {};
    expect({ chain, rotate }).toEqual({ chain: true, rotate: { seconds: 86_400, files: 30 } });
  });

  it('has no secret on the command line, and leaves more time to stop than the command takes', () => {
    expect(setting('Environment')).toEqual([]);
    expect(setting('EnvironmentFile')).toEqual(['/etc/rxframe/rxframe.env']);
    expect(Number(setting('TimeoutStopSec')[0])).toBeGreaterThan(8);
  });

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('is valid, and locked down, says systemd', () => {
    const path = join(folder, 'rxframe.service');
    // What it starts has to be there.
    writeFileSync(path, unit.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
    const verified = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
    expect({ status: verified.status, said: verified.stdout + verified.stderr }).toEqual({ status: 0, said: '' });
    execFileSync('systemd-analyze', ['security', '--offline=yes', '--threshold=20', path]);
  });
});

describe('the Dockerfile', () => {
  /** Instructions, each with what follows it; continued lines are one. */
  const instructions = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /^(\S+) (.*)$/.exec(line)?.slice(1) ?? [line]);
  const all = (name: string) => instructions.filter(([word]) => word === name).map(([, rest = '']) => rest);
  const words = (name: string) => JSON.parse(all(name).at(-1) ?? '[]') as string[];

  it('installs this version, and the peers that package.json asks for', () => {
    expect(all('ARG')).toEqual([`PACKAGE=rxframe@${version}`]);
    const { peerDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      peerDependencies: Record<string, string>;
    };
    for (const peer of ['rxjs', 'prom-client', '@nats-io/transport-node', '@nats-io/jetstream', '@nats-io/kv'])
      expect(all('RUN')[0]).toContain(` ${peer}@${peerDependencies[peer] ?? '?'} `);
  });

  it('starts a command that there is, not as root, and no shell in between that would keep signals', () => {
    expect(words('ENTRYPOINT')).toEqual(['rxframe']);
    expect(metricsPort(words('CMD'))).toBe(9464);
    expect(all('EXPOSE')).toEqual(['9464']);
    const order = instructions.map(([word]) => word);
    expect(all('USER')).toEqual(['node']);
    expect(order.indexOf('USER')).toBeGreaterThan(order.indexOf('RUN'));
    expect(order.indexOf('USER')).toBeLessThan(order.indexOf('ENTRYPOINT'));
  });

  it('is unhealthy where nothing answers', () => {
    const [, command = ''] = /CMD (\[.*\])$/.exec(all('HEALTHCHECK')[0] ?? '') ?? [];
    const [program = '', ...args] = JSON.parse(command) as string[];
    expect(program).toBe('node');
    // Port 1 of loopback: nobody listens there.
    const { status, stderr } = spawnSync(
      process.execPath,
      args.map((arg) => arg.replace(':9464', ':1')),
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  });
});
