import { describe, expect, it } from 'vitest';
import { lines, rxframe } from './run.ts';
import { environmentOf, handWrittenPlatform, simulated } from './server.ts';

const EXPIRES = '2026-01-31T12:00:00.000Z';

/** A platform with two channels of this token, and one of another. */
function platform(removed: string[] = []) {
  const entities = [
    { id: 'one', connectUri: 'ws://127.0.0.1/secret-address', expires: EXPIRES },
    { expires: EXPIRES },
    { id: 'two\u001b[2J', connectUri: 'ws://127.0.0.1/secret-address', expires: EXPIRES },
  ];
  return handWrittenPlatform((call) => {
    if (call === 'GET /channels') return { body: { entities } };
    const [, method, id] = /^(\w+) \/channels\/([^/]+)\/subscriptions$/.exec(call) ?? [];
    if (method === 'GET') return { body: { entities: id === 'one' ? [{ id: 'v2.a' }, { id: 'v2.b?c&d' }] : [] } };
    if (method !== 'DELETE' || id === 'gone') return undefined;
    removed.push(decodeURIComponent(id!));
    return { status: 204 };
  });
}

describe.concurrent('channels', { timeout: 60_000 }, () => {
  it('lists ids, ends and subscriptions, and no address', async () => {
    const command = rxframe(['channels', 'list'], { env: await platform() });
    expect(await command.ended).toBe(0);
    expect(lines(command.stdout)).toEqual([
      'id                  expires                    subscriptions',
      `one                 ${EXPIRES}   2`,
      `(another token's)   ${EXPIRES}   -`,
      `two\ufffd[2J             ${EXPIRES}   0`,
    ]);
    expect(command.stderr).toBe('3 of 20 channels\n');
  });

  it('lists them as lines of JSON', async () => {
    const command = rxframe(['channels', '--json', 'list'], { env: await platform() });
    expect(await command.ended).toBe(0);
    expect(lines(command.stdout).map((line) => JSON.parse(line) as unknown)).toEqual([
      { id: 'one', expires: EXPIRES, subscriptions: 2 },
      { id: null, expires: EXPIRES, subscriptions: null },
      { id: 'two\u001b[2J', expires: EXPIRES, subscriptions: 0 },
    ]);
    expect(command.stdout).not.toContain('\u001b');
  });

  it('removes the subscriptions of each channel that has an id with --all, and says when they end', async () => {
    const removed: string[] = [];
    const command = rxframe(['channels', 'delete', '--all'], { env: await platform(removed) });
    expect(await command.ended).toBe(0);
    expect(removed).toEqual(['one', 'two\u001b[2J']);
    expect(lines(command.stdout)).toEqual([
      'one: its subscriptions are removed',
      'two\ufffd[2J: its subscriptions are removed',
    ]);
    expect(command.stderr).toBe(
      '2 channels without subscriptions now; a channel ends by itself, 24 h after its last use\n',
    );
  });

  it('goes on after one that the platform refuses, and ends with 1', async () => {
    const removed: string[] = [];
    const env = await platform(removed);
    const command = rxframe(['channels', 'delete', '--json', 'gone', 'a/b'], { env });
    expect(await command.ended).toBe(1);
    expect(removed).toEqual(['a/b']);
    expect(lines(command.stdout).map((line) => JSON.parse(line) as unknown)).toEqual([
      { id: 'gone', deleted: false, error: expect.stringContaining('404') as string },
      { id: 'a/b', deleted: true },
    ]);
  });

  it('removes what a channel of the same OAuth client is subscribed to', async () => {
    const simulator = await simulated();
    const topic = 'v2.users.7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10.presence';
    const env = environmentOf(simulator);
    const listener = rxframe(['listen', '--notifications', '--topic', topic], { env });
    await listener.until('stdout', /open, connection/);
    const [channel] = simulator.notifications.channels();
    expect(channel!.subscriptions).toEqual([topic]);
    const command = rxframe(['channels', 'delete', channel!.id], { env });
    expect(await command.ended).toBe(0);
    expect(simulator.notifications.channels()[0]!.subscriptions).toEqual([]);
    const all = rxframe(['channels', 'delete', '--all'], { env });
    expect(await all.ended).toBe(0);
    expect(all.stderr).toBe('there is no channel of this token; the ids of others are not told\n');
  });

  it('works with --simulate', async () => {
    const command = rxframe(['channels', 'list', '--simulate']);
    expect(await command.ended).toBe(0);
    expect([command.stdout, command.stderr]).toEqual(['', '0 of 20 channels\n']);
  });
});
