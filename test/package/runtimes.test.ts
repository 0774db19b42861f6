import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startSimulator } from 'rxframe/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { installPackage, type InstalledPackage } from './installed-package.ts';

const runtimes = [
  { name: 'node', command: [process.execPath] },
  { name: 'bun', command: ['node_modules/@oven/bun-linux-x64-baseline/bin/bun'] },
  { name: 'deno', command: ['node_modules/@deno/linux-x64-glibc/deno', 'run', '--allow-all'] },
];

/** So many messages of 64 KiB are 32 MiB: more than any pair of kernel buffers holds. */
const BURST = 512;

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the packed package, run by', () => {
  let installed: InstalledPackage;
  beforeAll(async () => {
    installed = await installPackage();
    const { status, stderr } = await installed.run(
      'npm',
      ...['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'],
      ...['@oven/bun-linux-x64-baseline@1.4.4', '@deno/linux-x64-glibc@2.9.6'],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    await installed.write('smoke.mjs', await readFile(new URL('consumer/smoke.mjs', import.meta.url), 'utf8'));
  }, 180_000);
  afterAll(() => installed.remove());

  it.each(runtimes)('$name: streams, reconnects, audits, pauses its socket', async ({ name, command }) => {
    const [program = '', ...args] = command;
    const simulator = await startSimulator({ rate: 500, script: [{ at: 20, connection: 0, drop: true }] });
    const burst = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    burst.on('connection', (socket) => {
      for (let nth = 0; nth < BURST; nth += 1) socket.send(Buffer.alloc(64 * 1024));
      socket.close(1000);
    });
    await once(burst, 'listening');
    const { loginUrl, streamUrl, clientId, clientSecret } = simulator;
    const burstUrl = `ws://127.0.0.1:${(burst.address() as AddressInfo).port}/`;
    const { entries } = installed;
    const given = JSON.stringify({ loginUrl, streamUrl, burstUrl, clientId, clientSecret, entries });
    const { status, stdout, stderr } = await installed.run(program, ...args, 'smoke.mjs', given);
    burst.close();
    await simulator.close();

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { receivedWhilePaused, ...told } = JSON.parse(stdout) as { readonly receivedWhilePaused: number };
    expect(told).toEqual({
      runtime: name,
      entries,
      connections: 2,
      checked: true,
      received: BURST,
      refused: 'auth 401',
    });
    expect(receivedWhilePaused).toBeLessThan(BURST / 8);
    const log = await readFile(join(installed.directory, `${name}.log`), 'utf8');
    expect(log.trimEnd().split('\n')).toHaveLength(60);
  });
});
