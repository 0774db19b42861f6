import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { streamWishes } from '../../src/cli/arguments/stream-flags.ts';
import { UsageError } from '../../src/cli/arguments/usage-error.ts';
import { messages } from '../inspector/client.ts';
import { rxframe } from './run.ts';

describe.concurrent('listen --inspect', { timeout: 60_000 }, () => {
  it('says where the page is, shows the stream there, and ends at once after Ctrl-C, though the page is open', async () => {
    const command = rxframe(['listen', '--simulate', '--json', '--inspect']);
    const [, url = ''] = await command.until('stderr', /inspector at (http:\S+)\n/);
    let frames = 0;
    let signalled = NaN;
    const statuses = new Set<string>();
    for await (const { data } of messages(url)) {
      for (const { status } of data.states) statuses.add(status);
      frames = data.totals.frames;
      if (frames > 0 && Number.isNaN(signalled)) {
        signalled = performance.now();
        command.child.kill('SIGINT');
      }
    }
    expect(await command.ended).toBe(0);
    // A server that waits for its pages is killed after 8 s.
    expect(performance.now() - signalled).toBeLessThan(4_000);
    expect([...statuses]).toStrictEqual(expect.arrayContaining(['connecting', 'open']));
    const [, received] = /^(\d+) in = /m.exec(command.stderr) ?? [];
    expect(Number(received)).toBeGreaterThanOrEqual(frames);
  });

  it('fails with 1 where the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const command = rxframe(['listen', '--simulate', '--inspect', '--inspect-port', String(port)]);
    expect(await command.ended).toBe(1);
    expect(command.stderr).toBe(
      `rxframe listen: --inspect-port: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
    );
    server.close();
  });

  it.each([
    [{ 'inspect-port': '8080' }, '--inspect-port goes with --inspect'],
    [{ inspect: true, 'inspect-port': '70000' }, '--inspect-port must be an integer from 0 to 65535, got "70000"'],
    [{ inspect: true, quiet: true }, "--inspect doesn't go with --quiet: the address of its page is in the log"],
  ])('refuses %j', (flags, message) => {
    expect(() => streamWishes(flags)).toThrow(new UsageError(message));
  });
});
