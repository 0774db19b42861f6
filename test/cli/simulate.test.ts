import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { lines, run, rxframe, MAIN } from './run.ts';

describe.concurrent('simulate', { timeout: 60_000 }, () => {
  it('prints lines that a shell takes, serves who pasted them, and ends with 0 at a signal', async () => {
    const simulator = rxframe(['simulate', '--rate', '500', '--bad-rate', '0.1', '--seed', '3', '--frames', '50']);
    await simulator.until('stdout', /GENESYS_CLIENT_SECRET=.*\n/);
    expect(lines(simulator.stdout)[0]).toMatch(/^# .* then: npx rxframe listen$/);
    expect(lines(simulator.stdout).filter((line) => !line.startsWith('#'))).toEqual([
      expect.stringMatching(/^export GENESYS_LOGIN_URL=http:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^export GENESYS_API_URL=http:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^export GENESYS_STREAM_URL=ws:\/\/127\.0\.0\.1:\d+\/api\/v2\/streaming\/interactions$/),
      'export GENESYS_CLIENT_ID=simulator',
      'export GENESYS_CLIENT_SECRET=simulator-secret',
    ]);
    const client = run('sh', ['-c', `${simulator.stdout}\n"${process.execPath}" "${MAIN}" listen --json`]);
    expect(await client.ended).toBe(0);
    expect(lines(client.stdout)).toHaveLength(50);
    simulator.child.kill('SIGTERM');
    expect(await simulator.ended).toBe(0);
    expect(simulator.stderr).toMatch(/^50 frames, \d+ bytes on 1 connections; 0 refused, 1 tokens issued\n$/);
  });

  it('has notification channels, on whose topics something happens', async () => {
    const simulator = rxframe(['simulate']);
    await simulator.until('stdout', /GENESYS_CLIENT_SECRET=.*\n/);
    const [, topic] = /^# .*: npx rxframe listen --notifications --json --data --topic (v2\.routing\S+)$/m.exec(
      simulator.stdout,
    )!;
    const listen = `"${process.execPath}" "${MAIN}" listen --json --notifications --topic ${topic} --max-frames 1`;
    const client = run('sh', ['-c', `${simulator.stdout}\n${listen}`]);
    expect(await client.ended).toBe(0);
    expect(client.stdout).toContain('"payloadType":"channel.metadata"');
    simulator.child.kill('SIGTERM');
    expect(await simulator.ended).toBe(0);
  });

  it('fails with 1 where the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const command = rxframe(['simulate', '--port', String(port)]);
    expect(await command.ended).toBe(1);
    other.close();
    expect(command.stderr).toMatch(/^rxframe simulate: .*EADDRINUSE.*\n$/);
  });
});
