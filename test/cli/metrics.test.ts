import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { metricsAddress } from '../../src/cli/arguments/metrics-address.ts';
import { prometheusName } from '../../src/telemetry/prometheus-name.ts';
import { STREAM_METRICS } from '../../src/telemetry/stream-metrics.ts';
import { scraped } from '../telemetry/scrape.ts';
import { rxframe } from './run.ts';
import { environmentOf, simulated } from './server.ts';

/** One request on a connection that is kept. */
async function ask(url: string, agent: Agent) {
  const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

describe.concurrent('--metrics-address', () => {
  it('serves what the summary counts, says whether a connection is open, and ends with the stream though a scraper keeps its connection', async () => {
    const simulator = await simulated({
      rate: 2_000,
      badRate: 0.1,
      oversizeBytes: 1024,
      script: [{ at: 200, stall: Infinity }],
    });
    const command = rxframe(['listen', '--metrics-address', '127.0.0.1:0'], { env: environmentOf(simulator) });
    const [, url = ''] = await command.until('stdout', / metrics on (http:\/\/127\.0\.0\.1:\d+)\/metrics\n/);
    const agent = new Agent({ keepAlive: true });
    expect(await ask(`${url}/healthz`, agent)).toEqual({ status: 200, body: 'ok\n' });
    await command.until('stdout', / open, connection /);
    expect(await ask(`${url}/readyz`, agent)).toEqual({ status: 200, body: 'open\n' });
    const scrape = async () => scraped((await ask(`${url}/metrics`, agent)).body);
    const frames = async () => {
      const outcomes = (await scrape()).filter(({ name }) => name === 'rxframe_frames_total');
      const count = (outcome: string) =>
        outcomes.filter(({ labels }) => labels['outcome'] === outcome).reduce((sum, { value }) => sum + value, 0);
      return { accepted: count('accepted'), rejected: count('rejected') };
    };
    let seen = await frames();
    while (seen.accepted + seen.rejected < 200) seen = await frames();
    const series = await scrape();
    const names = new Set(series.map(({ name }) => name));
    const missing = STREAM_METRICS.map(prometheusName).filter((name) => !names.has(name));
    expect(missing).toEqual([]);
    expect(series).toContainEqual({ name: 'rxframe_connections_total', labels: { stream: 'main' }, value: 1 });
    expect([...names]).toContain('rxframe_frame_duration_seconds_bucket');
    expect([...names]).toContain('process_cpu_seconds_total');
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    expect(command.stderr).toContain(`200 in = ${seen.accepted} accepted + ${seen.rejected} rejected\n`);
    agent.destroy();
  });

  it('fails with 1 where the address is taken, and says which', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const command = rxframe(['listen', '--simulate', '--metrics-address', String(port)]);
    expect(await command.ended).toBe(1);
    expect(command.stderr).toBe(
      `rxframe listen: --metrics-address: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
    );
    // Nothing has begun.
    expect(command.stdout).toBe('');
    taken.close();
  });

  it.each([
    ['127.0.0.1:9464', '127.0.0.1', 9464],
    ['0.0.0.0:1', '0.0.0.0', 1],
    ['localhost:0', 'localhost', 0],
    ['[::1]:65535', '::1', 65_535],
    ['[fe80::1%eth0]:9464', 'fe80::1%eth0', 9464],
    ['9464', '127.0.0.1', 9464],
  ])('takes %s', (given, host, port) => {
    expect(metricsAddress(given)).toEqual({ host, port });
  });

  it.each([
    '',
    'localhost',
    ':9464',
    '::1:9464',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    'http://127.0.0.1:9464',
    '127.0.0.1:9464/metrics',
    ' 1',
  ])('refuses %j', (given) => {
    expect(() => metricsAddress(given)).toThrow(
      `--metrics-address must be HOST:PORT or PORT, such as 127.0.0.1:9464 or [::1]:9464, got ${JSON.stringify(given)}`,
    );
  });
});
