import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../../src/simulator/index.ts';
import { rxframe } from '../../cli/run.ts';

/** The addresses at which a process waits for somebody: TCP that listens, and all of UDP, as `/proc` shows them. */
function listening(pid: number): string[] {
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      // Closed in the meantime.
      return '';
    }
  });
  const own = new Set(descriptors.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]));
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    readFileSync(`/proc/${pid}/net/${protocol}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => own.has(inode) && (protocol.startsWith('udp') || state === '0A'))
      .map(([, address]) => `${protocol} ${address!.split(':')[0]}`),
  );
}

/** 127.0.0.1, as `/proc` writes it. */
const LOOPBACK = 'tcp 0100007F';

/** Whether somebody listens there. */
const answers = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

describe.skipIf(process.platform !== 'linux')('the command line', () => {
  it('simulate listens on 127.0.0.1 only, on one port', async () => {
    const command = rxframe(['simulate']);
    await command.until('stdout', /GENESYS_CLIENT_SECRET=/);
    expect(listening(command.child.pid!)).toEqual([LOOPBACK]);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  });

  it('listen --simulate does too', async () => {
    const command = rxframe(['listen', '--simulate', '--json']);
    await command.until('stdout', /\n/);
    expect(listening(command.child.pid!)).toEqual([LOOPBACK]);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  });

  it('has no flag by which it would listen elsewhere', async () => {
    for (const flag of ['--host', '--hostname', '--address', '--listen', '--bind']) {
      const command = rxframe(['simulate', flag, '0.0.0.0']);
      expect(await command.ended).toBe(2);
    }
  });
});

it('the simulator is not there at any other address of this machine', async () => {
  const simulator = await startSimulator();
  try {
    const port = Number(new URL(simulator.loginUrl).port);
    expect(await answers('127.0.0.1', port)).toBe(true);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address, scopeid = 0 }) => address !== '127.0.0.1' && scopeid === 0)
      .map(({ address }) => address);
    for (const host of [...others, '127.0.0.2']) expect(await answers(host, port), host).toBe(false);
  } finally {
    await simulator.close();
  }
});
