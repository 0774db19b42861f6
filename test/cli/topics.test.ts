import { describe, expect, it } from 'vitest';
import { lines, rxframe } from './run.ts';
import { environmentOf, handWrittenPlatform, SECRET, simulated } from './server.ts';

interface Line {
  readonly id: string;
  readonly description: string | null;
  readonly permissions: readonly string[];
  readonly transports: readonly string[];
}

describe.concurrent('topics', { timeout: 60_000 }, () => {
  it('prints a table of what the platform offers, in order', async () => {
    const simulator = await simulated();
    const command = rxframe(['topics'], { env: environmentOf(simulator) });
    expect(await command.ended).toBe(0);
    const [heading, ...rows] = lines(command.stdout);
    expect(heading).toMatch(/^topic +description +permissions$/);
    const ids = rows.map((row) => row.split(' ')[0]!);
    expect(ids).toContain('v2.users.{id}.presence');
    expect(ids).toEqual([...ids].sort());
    const column = heading!.indexOf('permissions');
    for (const row of rows) expect(row.slice(column - 1)).toMatch(/^ \S/);
    expect(rows.find((row) => row.startsWith('v2.routing.queues.{id}.users '))).toMatch(/ routing:queue:view$/);
    expect(command.stderr).toBe(`${rows.length} topics\n`);
  });

  it('finds those that have each of the words, in whatever case and member', async () => {
    const command = rxframe(['topics', '--simulate', '--json', '--search', 'QUEUE  routing:queue']);
    expect(await command.ended).toBe(0);
    const found = lines(command.stdout).map((line) => JSON.parse(line) as Line);
    expect(found.map(({ id }) => id)).toEqual(['v2.routing.queues.{id}.users']);
    expect(Object.keys(found[0]!)).toEqual(['id', 'description', 'permissions', 'transports']);
    expect(command.stderr).toMatch(/^1 of \d+ topics\n$/);
  });

  it('prints nothing on stdout where none is found', async () => {
    const command = rxframe(['topics', '--simulate', '--search', 'no such topic']);
    expect(await command.ended).toBe(0);
    expect(command.stdout).toBe('');
    expect(command.stderr).toMatch(/^0 of \d+ topics\n$/);
  });

  it('shows descriptions whole, and no control character', async () => {
    const description = `red \u001b[31m${'x'.repeat(100)}`;
    const entities = [{ id: 'v2.a\u202e', description, requiresPermissions: [], transports: [] }, { id: 'v2.b' }];
    const env = await handWrittenPlatform((call) =>
      call === 'GET /availabletopics' ? { body: { entities } } : undefined,
    );
    const [table, json] = [rxframe(['topics'], { env }), rxframe(['topics', '--json'], { env })];
    expect([await table.ended, await json.ended]).toEqual([0, 0]);
    expect(lines(table.stdout)).toEqual([
      `topic   description${' '.repeat(101)}permissions`,
      `v2.a\ufffd   red \ufffd[31m${'x'.repeat(100)}   -`,
      `v2.b${' '.repeat(116)}-`,
    ]);
    expect(lines(json.stdout).map((line) => (JSON.parse(line) as Line).description)).toEqual([description, null]);
    // eslint-disable-next-line no-control-regex -- control characters are just what is looked for
    expect(json.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('ends with 3 where the credentials are wrong, and with 1 where the platform refuses', async () => {
    const simulator = await simulated();
    const wrong = rxframe(['topics'], { env: { ...environmentOf(simulator), GENESYS_CLIENT_SECRET: SECRET } });
    expect(await wrong.ended).toBe(3);
    expect(wrong.stdout + wrong.stderr).not.toContain(SECRET);
    const body = { code: 'missing.permissions', message: 'You need\u001b[31m notifications:topic:view.' };
    const refused = rxframe(['topics'], { env: await handWrittenPlatform(() => ({ status: 403, body })) });
    expect(await refused.ended).toBe(1);
    expect(refused.stderr).toMatch(
      /^rxframe topics: .* 403 missing\.permissions: You need\ufffd\[31m notifications:topic:view .*\n$/,
    );
  });
});
