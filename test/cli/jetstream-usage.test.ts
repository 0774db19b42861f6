import { describe, expect, it } from 'vitest';
import { consume } from '../../src/cli/consume.ts';
import { ingest } from '../../src/cli/ingest.ts';
import { UsageError } from '../../src/cli/arguments/usage-error.ts';
import { SECRET } from './server.ts';

/** They are refused before anything is loaded, or connected to. */
async function refusal(running: Promise<number>): Promise<string> {
  const error: unknown = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message;
}

describe('ingest refuses', () => {
  it.each([
    [['--partitions', '0'], '--partitions must be an integer from 1 to 256, got "0"'],
    [['--partitions', '257'], '--partitions must be an integer from 1 to 256, got "257"'],
    [['--replicas', '2'], '--replicas must be 1, 3 or 5, got "2"'],
    [['--max-age', '0'], '--max-age must be a positive integer, got "0"'],
    [['--max-age', '60', '--duplicate-window', '61'], '--duplicate-window must not be longer than --max-age'],
    [['--stream', 'a.b'], '--stream must be 1 to 100 letters, digits, - and _, got "a.b"'],
    [['--prefix', ''], '--prefix must be 1 to 100 letters, digits, - and _, got ""'],
    [['--max-in-flight', '1.5'], '--max-in-flight must be a positive integer, got "1.5"'],
    [['--group', 'a'], '--group goes with --notifications'],
    [['--copies', '2'], '--copies goes with --group'],
    [['--id', 'a'], '--id goes with --group'],
    [['--notifications', '--group', 'a', '--copies', '0'], '--copies must be a positive integer, got "0"'],
    [['--topic', 'v2.a'], '--topic goes with --notifications'],
    [['--json'], "Unknown option '--json'"],
    [['--duration', '-1'], '--duration must be a number of seconds above 0'],
    [['--metrics-address', 'here'], '--metrics-address must be HOST:PORT or PORT'],
    [['--nats', `nats://me:${SECRET}@a`], "a secret can't be given as a flag"],
    [['--password', SECRET], "a secret can't be given as a flag"],
  ])('%j', async (args, message) => {
    const said = await refusal(ingest.run(['--simulate', ...args]));
    expect(said).toContain(message);
    expect(said).not.toContain(SECRET);
  });
});

describe('consume refuses', () => {
  it('no group', async () => {
    expect(await refusal(consume.run([]))).toBe('needs a group: --group NAME; those of one name share the work');
  });

  it.each([
    [['--group', 'a.b'], '--group must be 1 to 100 letters, digits, - and _, got "a.b"'],
    [
      ['--from', 'yesterday'],
      '--from must be first, new, a time such as 2026-01-31T12:00Z, or a positive integer, got',
    ],
    [['--from', '2026-01-31'], '--from must be a time in ISO 8601, such as 2026-01-31T12:00Z, got "2026-01-31"'],
    [['--from', '0'], '--from must be first, new, a time such as 2026-01-31T12:00Z, or a positive integer, got "0"'],
    [['--max-deliver', '0'], '--max-deliver must be a positive integer, or Infinity, got "0"'],
    [['--ack-wait', '0'], '--ack-wait must be a number of seconds above 0'],
    [['--max-ack-pending', '0'], '--max-ack-pending must be a positive integer, got "0"'],
    [['--exec', 'true', '--webhook', 'https://example.org'], "--exec doesn't go with --webhook"],
    [['--exec', ' '], '--exec must be a command of the shell'],
    [['--timeout', '1'], '--timeout goes with --exec or --webhook'],
    [['--concurrency', '1'], '--concurrency goes with --exec or --webhook'],
    [['--webhook-insecure'], '--webhook-insecure goes with --webhook'],
    [['--webhook', 'example.org'], '--webhook must be an address that starts with https://'],
    [['--webhook', 'ftp://example.org'], '--webhook must be an address that starts with https://'],
    [
      ['--webhook', `http://example.org/${SECRET}?${SECRET}`],
      'over https:// or to loopback only, not to http://example.org; where the network in between is trusted, --webhook-insecure',
    ],
    [['--webhook', `https://me:${SECRET}@example.org`], '--webhook: user and password do not stand in the address'],
    [['--token', SECRET], 'Put it into the environment variable NATS_PASSWORD'],
  ])('%j', async (args, message) => {
    const said = await refusal(consume.run(['--group', 'a', ...args]));
    expect(said).toContain(message);
    expect(said).not.toContain(SECRET);
  });
});
