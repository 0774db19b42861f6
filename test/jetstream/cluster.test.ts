import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lines, rxframe } from '../cli/run.ts';
import { environmentOf, simulated } from '../cli/server.ts';

const CONFIGURATION = new URL('../../deploy/nats.conf', import.meta.url);
const NAMES = ['nats-1', 'nats-2', 'nats-3'];
const WHO = { NATS_USER: 'rxframe', NATS_PASSWORD: 'p4ssw0rd' };

const folder = mkdtempSync(join(tmpdir(), 'rxframe-cluster-'));
const processes = new Map<string, ChildProcess>();

afterAll(async () => {
  await Promise.all([...processes.keys()].map(kill));
  rmSync(folder, { recursive: true, force: true });
});

async function kill(name: string): Promise<void> {
  const process = processes.get(name);
  processes.delete(name);
  if (process?.exitCode !== null) return;
  const ended = once(process, 'exit');
  process.kill('SIGKILL');
  await ended;
}

/** Ports of loopback that nobody listens on. */
async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = held.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

describe('the cluster of deploy/nats.conf', () => {
  let urls = '';

  beforeAll(async () => {
    const clients = await freePorts(3);
    const monitors = await freePorts(3);
    const routes = await freePorts(3);
    NAMES.forEach((name, nth) => {
      // Its hosts are all this one, so that the ports tell them apart.
      const text = readFileSync(CONFIGURATION, 'utf8')
        .replace('port: 4222', `host: 127.0.0.1\nport: ${clients[nth] ?? 0}`)
        .replace('127.0.0.1:8222', `127.0.0.1:${monitors[nth] ?? 0}`)
        .replace('port: 6222', `host: 127.0.0.1\n  port: ${routes[nth] ?? 0}`)
        .replaceAll(
          /nats:\/\/nats-(\d):6222/g,
          (_, other: string) => `nats://127.0.0.1:${routes[Number(other) - 1] ?? 0}`,
        )
        .replace('"/data"', JSON.stringify(join(folder, name)));
      const file = join(folder, `${name}.conf`);
      writeFileSync(file, text);
      const env = { PATH: process.env['PATH'], SERVER_NAME: name, ...WHO };
      processes.set(
        name,
        spawn('nats-server', ['-c', file, '-l', join(folder, `${name}.log`)], { env, stdio: 'ignore' }),
      );
    });
    urls = clients.map((port) => `nats://127.0.0.1:${port}`).join(',');
    await vi.waitFor(
      async () => {
        const healthy = await Promise.all(monitors.map((port) => fetch(`http://127.0.0.1:${port}/healthz`)));
        expect(healthy.map(({ status }) => status)).toEqual([200, 200, 200]);
      },
      { timeout: 60_000, interval: 200 },
    );
  }, 90_000);

  it('is what the server takes', async () => {
    const env = { PATH: process.env['PATH'], SERVER_NAME: 'nats-1', ...WHO };
    const file = CONFIGURATION.pathname;
    const { stderr } = await promisify(execFile)('nats-server', ['-c', file, '-t'], { env });
    expect(stderr).toContain('configuration file');
  });

  it('keeps what is ingested on three servers, and loses nothing with one of them', async () => {
    const simulator = await simulated({ rate: Infinity, frames: 600, poolSize: Infinity });
    const env = { ...environmentOf(simulator), ...WHO, NATS_URL: urls };
    const ingesting = rxframe(['ingest', '--replicas', '3', '--partitions', '2'], { env });
    expect(await ingesting.ended).toBe(0);
    const [, published = ''] = /^published to GENESYS: (\d+) messages, 0 doubles removed/m.exec(ingesting.stderr) ?? [];
    expect(Number(published)).toBeGreaterThan(400);

    const [first = ''] = urls.split(',');
    const connection = await connect({ servers: first, user: WHO.NATS_USER, pass: WHO.NATS_PASSWORD });
    const { streams } = await jetstreamManager(connection);
    const { config, cluster } = await streams.info('GENESYS-0');
    await connection.close();
    expect(config.num_replicas).toBe(3);
    await kill(cluster?.leader ?? '');

    const consuming = rxframe(['consume', '--group', 'g', '--max-frames', published], { env });
    expect(await consuming.ended).toBe(0);
    expect(lines(consuming.stdout)).toHaveLength(Number(published));
  }, 120_000);
});
