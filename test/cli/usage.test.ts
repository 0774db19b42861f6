import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../../src/version.ts';
import { folder, rxframe } from './run.ts';
import { environmentOf, SECRET, simulated } from './server.ts';

describe.concurrent('rxframe', { timeout: 60_000 }, () => {
  it('tells its version', async () => {
    const command = rxframe(['--version']);
    expect(await command.ended).toBe(0);
    expect([command.stdout, command.stderr]).toEqual([`${version}\n`, '']);
  });

  it.each([
    [['--help'], 'rxframe listen --simulate'],
    [['listen', '--help'], 'Exit codes'],
    [['listen', '--help'], '--notifications --topic'],
    [['doctor', '--help'], 'rxframe doctor --simulate'],
    [['topics', '-h'], 'rxframe topics --search'],
    [['channels', '--help'], 'no call to end the channel itself: it ends 24 hours'],
    [['channels', 'list', '-h'], 'only to the token that made the channel'],
    [['simulate', '-h'], 'rxframe simulate --port'],
    [['bench', '--help'], 'How to read it'],
  ])('teaches with examples: %j', async (args, example) => {
    const command = rxframe(args);
    expect(await command.ended).toBe(0);
    expect(command.stdout).toContain(example);
    expect(command.stderr).toBe('');
  });

  it.each([
    [[], 'rxframe: there is no command; there are listen, '],
    [['lisen'], 'rxframe: there is no command "lisen" (did you mean listen?); there are listen, '],
    [['toString'], 'rxframe: there is no command "toString"'],
    [['listen', '--frames', '3'], "rxframe listen: Unknown option '--frames'\n"],
    [['listen', '--jsn'], "rxframe listen: Unknown option '--jsn' (did you mean --json?)\n"],
    [
      ['listen', '--json', '--filter', 'payloadTyp=x'],
      'no member "payloadTyp" (did you mean payloadType?); it has connec',
    ],
    [['completion', 'zhs'], 'names a shell: bash, zsh or fish (did you mean zsh?)\n'],
    [['listen', '--env'], "rxframe listen: Option '--env <value>' argument missing\n"],
    [['listen', SECRET], 'rxframe listen: takes flags only'],
    [['listen', '--client-secret', SECRET], "rxframe listen: a secret can't be given as a flag"],
    [['listen', `--clientSecret=${SECRET}`], 'GENESYS_CLIENT_SECRET, or into a file .env'],
    [['listen', '--simulate', '--max-frames', '0'], '--max-frames must be a positive integer, got "0"'],
    [['listen', '--simulate', '--max-frames', '1.5'], '--max-frames must be a positive integer, got "1.5"'],
    [['listen', '--simulate', '--duration', 'long'], '--duration must be a number of seconds above 0 and at most'],
    [['listen', '--simulate', '--max-attempts', ''], '--max-attempts must be a positive integer, got ""'],
    [['listen', '--\u001b[31mred'], "rxframe listen: Unknown option '--\ufffd[31mred'\n"],
    [['li\u009bs\u202een'], 'rxframe: there is no command "li\ufffds\ufffden"'],
    [['listen', '--simulate', '--max-frames', '\u009b1m'], '--max-frames must be a positive integer, got "\ufffd1m"'],
    [
      ['listen', '--simulate', '--audit-file', 'no\u001b[31m/\nfolder'],
      "can't be opened: ENOENT: no such file or directory, open 'no\ufffd[31m/\ufffdfolder'\n",
    ],
    [['listen', '--simulate', '--data'], '--data goes with --json'],
    [['listen', '--simulate', '--env', 'eu-central-1'], '--simulate brings its own servers: leave out --env'],
    [
      ['listen', '--simulate', '--audit-file', 'no/such/folder'],
      '--audit-file: "no/such/folder" can\'t be opened: ENOENT',
    ],
    [['listen', '--simulate', '--topic', 'v2.a'], '--topic goes with --notifications'],
    [['listen', '--simulate', '--topics-file', '-'], '--topics-file goes with --notifications'],
    [['listen', '--api-url', 'https://example.org'], '--api-url goes with --notifications'],
    [['listen', '--notifications', '--stream-url', 'wss://a'], "--stream-url doesn't go with --notifications"],
    [['listen', '--notifications', '--simulate', '--api-url', 'https://a'], 'its own servers: leave out --api-url'],
    [['listen', '--notifications', '--simulate', '--topic', 'users'], 'listen: --topic must be the name of a topic'],
    [['listen', '--notifications', '--simulate', '--topic', 'v2.users.{id}.presence'], 'an id for each {id}'],
    [['listen', '--notifications', '--simulate', '--topic', 'v2.users.1?a&b'], 'one topic (topics are joined for you)'],
    [
      ['listen', '--notifications', '--simulate', '--topics-file', 'no\u001b[31m.txt'],
      '--topics-file: "no\\u001b[31m.txt" can\'t be read (ENOENT)',
    ],
    [['doctor', '--topic', 'v2.\u009b1m'], 'rxframe doctor: --topic must be the name of a topic'],
    [['doctor', '--client-secret', SECRET], "rxframe doctor: a secret can't be given as a flag"],
    [['topics', SECRET], 'rxframe topics: takes flags only'],
    [['topics', '--simulate', '--env', 'eu-central-1'], '--simulate brings its own servers: leave out --env'],
    [['channels'], 'rxframe channels: says what to do: list or delete'],
    [['channels', 'remove'], 'rxframe channels: says what to do: list or delete'],
    [['channels', 'list', SECRET], 'list takes no id, and no --all'],
    [['channels', 'delete'], 'delete takes ids, or --all'],
    [['channels', 'delete', 'one', '--all'], 'delete takes ids, or --all'],
    [['channels', 'delete', '..'], 'an id of a channel has something in it'],
    [['simulate', '--rate', '0'], 'rxframe simulate: --rate must be a number above 0, or Infinity, got "0"'],
    [['simulate', '--rate', '-1'], '--rate must be a number above 0, or Infinity, got "-1"'],
    [['simulate', '--bad-rate', '-.5'], '--bad-rate must be a number from 0 to 1, got "-.5"'],
    [
      ['simulate', '--rate', '--port', '0'],
      '--rate needs a value; one that starts with a dash is written --rate=VALUE\n',
    ],
    [['listen', '--simulate', '--max-frames', '-1'], '--max-frames must be a positive integer, got "-1"'],
    [['listen', '--simulate', '-1'], "rxframe listen: Option '--simulate' does not take an argument\n"],
    [['simulate', '--port', '65536'], '--port must be an integer from 0 to 65535, got "65536"'],
    [['simulate', '--bad-rate', '2'], '--bad-rate must be a number from 0 to 1, got "2"'],
    [['bench', '--seconds', '0'], 'rxframe bench: --seconds must be a number above 0 and at most 3600, got "0"'],
    [['bench', '--seed', '1.5'], '--seed must be an integer from 0 to 4294967295, got "1.5"'],
    [['bench', '--bad-rate', 'few'], '--bad-rate must be a number from 0 to 1, got "few"'],
    [['bench', '--payload-bytes', '300'], '--payload-bytes must be two integers MIN-MAX from 1 to 5242880, such as'],
    [['bench', '--payload-bytes', '400-300'], 'such as 300-4096, got "400-300"'],
    [['bench', '--payload-bytes', '0-300'], 'such as 300-4096, got "0-300"'],
    [['bench', '--payload-bytes', '1-6000000'], 'such as 300-4096, got "1-6000000"'],
  ])('ends with 2 and a clear message: %j', async (args, message) => {
    const command = rxframe(args);
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain(message);
    expect(command.stderr).toMatch(/\nSee rxframe.* --help\.\n$/);
    expect(command.stderr).not.toContain('    at ');
    expect(command.stdout + command.stderr).not.toContain(SECRET);
    expect(command.stdout).toBe('');
  });
});

describe.concurrent('the configuration of listen', { timeout: 60_000 }, () => {
  const credentials = { GENESYS_CLIENT_ID: 'id', GENESYS_CLIENT_SECRET: SECRET };

  it.each([
    [{}, 'there is no client id, no client secret, no region.\nThey are taken'],
    [{ GENESYS_CLIENT_ID: 'id', GENESYS_ENV: 'eu-central-1' }, 'there is no client secret.\nIt is taken'],
    [credentials, 'there is no region.\nIt is taken'],
    [
      { ...credentials, GENESYS_LOGIN_URL: 'https://login.example' },
      'there is no region (or --stream-url).\nIt is taken',
    ],
    [{ ...credentials, GENESYS_STREAM_URL: 'wss://example.org' }, 'there is no region (or --login-url).\nIt is taken'],
  ])('says how to give what is missing: %j', async (env: Record<string, string>, message) => {
    const command = rxframe(['listen'], { env });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain(message);
    for (const way of ['--client-id', 'export GENESYS_ENV', '.env', '--simulate'])
      expect(command.stderr).toContain(way);
    expect(command.stderr).not.toContain(SECRET);
  });

  it.each([
    [['--env', 'atlantis'], 'rxframe listen: --env must be a region of Genesys Cloud or its domain'],
    [['--stream-url', 'ws://example.org/', '--env', 'eu-central-1'], 'loopback with ws://, got ws://example.org\n'],
    [['--stream-url', 'https://user:pass@example.org/', '--env', 'eu-central-1'], 'got https://example.org\n'],
    [['--login-url', 'http://127.0.0.1.example.org', '--env', 'eu-central-1'], 'with http://, got http://127.0.0.1.ex'],
    [['--login-url', 'nowhere', '--env', 'eu-central-1'], '--login-url must be an address that starts with https://'],
    [['--login-url', 'https://u:p@example.org', '--env', 'eu-central-1'], 'loginUrl must have no user'],
  ])('refuses an address or a region that is not allowed: %j', async (args, message) => {
    const command = rxframe(['listen', ...args], { env: credentials });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain(message);
    expect(command.stdout + command.stderr).not.toContain('pass@');
    expect(command.stdout + command.stderr).not.toContain(SECRET);
  });

  it.each([
    [['listen', '--notifications', '--topic', 'v2.users.1.presence'], 'listen --notifications'],
    [['topics'], 'topics'],
    [['channels', 'list'], 'channels list'],
  ])('is asked for in the words of the command: %j', async (args, words) => {
    const command = rxframe(args, { env: { ...credentials, GENESYS_LOGIN_URL: 'https://login.example' } });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain('there is no region (or --api-url).\nIt is taken');
    expect(command.stderr).toContain(`npx rxframe ${words} --env eu-central-1`);
  });

  it('shows no password and no query of an address', async () => {
    const env = { ...credentials, GENESYS_LOGIN_URL: 'http://127.0.0.1:1' };
    const flags = ['--stream-url', `ws://user:${SECRET}@127.0.0.1:1/feed?key=${SECRET}`, '--max-attempts', '1'];
    const command = rxframe(['listen', ...flags], { env });
    expect(await command.ended).toBe(4);
    expect(command.stdout).toContain('streaming from ws://127.0.0.1:1/feed\n');
    expect(command.stdout + command.stderr).not.toContain(SECRET);
  });

  it('is taken from the flags, then the environment, then .env', async () => {
    const simulator = await simulated({ frames: 1, clientId: 'of-the-flag', clientSecret: SECRET });
    const cwd = folder();
    const wrong = { loginUrl: 'http://127.0.0.1:1', streamUrl: 'ws://127.0.0.1:1/', clientId: 'of-the-file' };
    const file = { ...environmentOf({ ...wrong, clientSecret: SECRET }), GENESYS_ENV: 'atlantis' };
    writeFileSync(
      join(cwd, '.env'),
      Object.entries(file)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(''),
    );
    const command = rxframe(['listen', '--client-id', 'of-the-flag', '--max-attempts', '1'], {
      cwd,
      env: {
        GENESYS_LOGIN_URL: simulator.loginUrl,
        GENESYS_STREAM_URL: simulator.streamUrl,
        GENESYS_CLIENT_ID: 'of-the-environment',
        // An empty one counts as not given.
        GENESYS_CLIENT_SECRET: '',
      },
    });
    expect(await command.ended).toBe(0);
    expect(command.stderr).toContain('1 in = 1 accepted + 0 rejected');
    expect(command.stdout + command.stderr).not.toContain(SECRET);
  });

  it('names the place of a setting that is not allowed', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, '.env'), 'GENESYS_ENV=atlantis\n');
    const command = rxframe(['listen'], { cwd, env: credentials });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain('rxframe listen: GENESYS_ENV in .env must be a region');
  });

  it('refuses a .env that is no file', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, '.env'));
    const command = rxframe(['listen'], { cwd, env: credentials });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain("the file .env can't be read (EISDIR)");
  });
});
