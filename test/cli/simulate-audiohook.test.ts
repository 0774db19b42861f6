import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { audioOf, call, CREDENTIALS, expectNoSecret, recordings, serve, stop, values } from './audiohook-server.ts';
import { folder, lines, rxframe } from './run.ts';

const ADDRESS = 'ws://127.0.0.1:1/api/v1/audiohook/ws';

describe.concurrent('simulate-audiohook', { timeout: 60_000 }, () => {
  it('says in a table what the calls came to', async () => {
    const { command, address } = await serve(['--transcript-stub']);
    const client = call([address, '--sessions', '3', '--duration', '3', '--pace', '10', '--start-over', '0.2']);
    expect(await client.ended).toBe(0);
    expect(client.stderr).toBe('');
    expect(await stop(command)).toBe(0);
    const rows = lines(client.stdout).map((line) => line.split(/ {3,}/));
    expect(rows).toEqual([
      ['sessions', '3'],
      ['  closed', '3'],
      ['audio', '9.0 s in 45 messages, 144000 bytes'],
      ['audio messages a second', expect.stringMatching(/^\d+\.\d$/)],
      ['other messages', expect.stringMatching(/^6 sent, \d+ received$/)],
      ['pacing error', expect.stringMatching(/^p50 \d+\.\d ms, p99 \d+\.\d ms, max \d+\.\d ms$/)],
      ['round trip', '-'],
      ['transcripts', expect.stringMatching(/^[1-9]\d*$/)],
    ]);
  });

  it('says 401, and ends with 1, where the secret is wrong', async () => {
    const { command, address } = await serve();
    const secret = Buffer.from('another').toString('base64');
    const client = call([address, '--sessions', '2'], { AUDIOHOOK_CLIENT_SECRET: secret });
    expect(await client.ended).toBe(1);
    expect(await stop(command)).toBe(0);
    expect(client.stdout).toMatch(/^ {2}refused 401 +2$/m);
    expect(client.stdout + client.stderr).not.toContain(secret);
    expectNoSecret(client.stdout + client.stderr);
  });

  it('ends with 1 where nobody listens', async () => {
    const client = call([ADDRESS]);
    expect(await client.ended).toBe(1);
    expect(client.stdout).toMatch(/^ {2}error: .*ECONNREFUSED.* +1$/m);
  });

  it('says what to do where the server does not speak TLS', async () => {
    const { command, address } = await serve();
    const client = call([address.replace('ws:', 'wss:')]);
    expect(await client.ended).toBe(1);
    expect(await stop(command)).toBe(0);
    expect(client.stdout).toMatch(/^ {2}error: the server does not speak TLS: use ws:\/\/ +1$/m);
    expect(Math.max(...lines(client.stdout).map((line) => line.length))).toBeLessThan(110);
  });

  it('calls as the organization that is named', async () => {
    const organizationId = 'd7934305-0972-4844-938e-9060eef73d05';
    const { command, address } = await serve(['--organization', organizationId]);
    const client = call([address, '--duration', '0.2', '--organization', organizationId]);
    expect(await client.ended).toBe(0);
    expect(await stop(command)).toBe(0);
  });

  it('says what is in a WAV file, byte for byte', async () => {
    const { command, address, cwd } = await serve(['--record', 'calls']);
    const first = call([address, '--duration', '1', '--pace', '10', '--frame-duration', '50', '--json']);
    expect(await first.ended).toBe(0);
    const wav = [...recordings(join(cwd, 'calls')).values()][0]!.wav!;
    const file = join(folder(), 'said.wav');
    writeFileSync(file, wav);
    const again = call([address, '--wav', file, '--pace', '10', '--json']);
    expect(await again.ended).toBe(0);
    expect(await stop(command)).toBe(0);
    expect(values(first.stdout)[0]).toMatchObject({ audio: { messages: 20 } });
    expect(values(again.stdout)[0]).toMatchObject({
      audio: { messages: 5 },
      sha256: values(first.stdout)[0]!['sha256'],
    });
    expect(audioOf(wav)).toHaveLength(16_000);
  });

  it('has a line of JSON for each session, and one for the totals', async () => {
    const { command, address } = await serve();
    const client = call([address, '--probe', '--sessions', '2', '--json']);
    expect(await client.ended).toBe(0);
    expect(await stop(command)).toBe(0);
    const session = { type: 'session', outcome: 'closed', closeCode: 1000, transcripts: 0 };
    expect(values(client.stdout)).toMatchObject([
      { ...session, session: 0, conversationId: '00000000-0000-0000-0000-000000000000' },
      { ...session, session: 1 },
      { type: 'totals', sessions: { started: 2, open: 0, ended: 2 }, audio: { messages: 0 } },
    ]);
    expect(command.stderr).toMatch(/^0 sessions, 2 probes, 0 refused$/m);
  });

  it('closes the sessions at a signal, and says what there was', async () => {
    const { command, address } = await serve();
    const client = call([address, '--duration', '600']);
    await command.until('stderr', /opened/);
    client.child.kill('SIGINT');
    expect(await client.ended).toBe(0);
    expect(await stop(command)).toBe(0);
    expect(client.stdout).toMatch(/^ {2}closed +1$/m);
    expect(command.stderr).toMatch(/ended \S+ after \S+ s, closed/);
  });

  it.each<[readonly string[], Record<string, string>, string]>([
    [[], CREDENTIALS, 'takes one address, and flags'],
    [[ADDRESS, ADDRESS], CREDENTIALS, 'takes one address, and flags'],
    [['localhost:80'], CREDENTIALS, 'did you mean ws://localhost:80/api/v1/audiohook/ws?'],
    [['example.org:443'], CREDENTIALS, 'did you mean wss://example.org:443/api/v1/audiohook/ws?'],
    [['here'], CREDENTIALS, 'the address must start with wss://, or on loopback with ws://, and is none'],
    [['ws://u:p@example.org/a?t=1'], CREDENTIALS, 'or on loopback with ws://, got ws://example.org\n'],
    [[`${ADDRESS}#a`], CREDENTIALS, 'the address must have no fragment'],
    [[ADDRESS], {}, 'there is no API key and no client secret. They are taken'],
    [[ADDRESS, '--unsigned'], CREDENTIALS, "--unsigned doesn't go with AUDIOHOOK_CLIENT_SECRET"],
    [[ADDRESS], { ...CREDENTIALS, AUDIOHOOK_CLIENT_SECRET: 'no base64' }, 'AUDIOHOOK_CLIENT_SECRET must be base64'],
    [[ADDRESS, '--sessions', '0'], CREDENTIALS, '--sessions must be an integer from 1 to 1000000, got "0"'],
    [
      [ADDRESS, '--duration', '-1'],
      CREDENTIALS,
      '--duration must be a number of seconds from 0.001 to 2147483, got "-1"',
    ],
    [
      [ADDRESS, '--start-over', 'x'],
      CREDENTIALS,
      '--start-over must be a number of seconds from 0 to 2147483, got "x"',
    ],
    [[ADDRESS, '--pace', '0'], CREDENTIALS, '--pace must be a number from 0.001, or Infinity, got "0"'],
    [
      [ADDRESS, '--frame-duration', '1001'],
      CREDENTIALS,
      '--frame-duration must be an integer from 1 to 1000, got "1001"',
    ],
    [[ADDRESS, '--wav', 'no.wav'], CREDENTIALS, '--wav: "no.wav" can\'t be read (ENOENT)'],
    [[ADDRESS, '--wav', '/dev/zero'], CREDENTIALS, '--wav: "/dev/zero" is no regular file'],
    [[ADDRESS, '--organization', 'mine'], CREDENTIALS, '--organization must be a UUID'],
    [[ADDRESS, '--wav', 'file'], CREDENTIALS, '--wav: file is no WAV file'],
    [[ADDRESS, '--language', ''], CREDENTIALS, '--language must be a string that is not empty'],
  ])('ends with 2 and a clear message: %j', async (args, env, message) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'file'), 'no audio');
    const command = rxframe(['simulate-audiohook', ...args], { cwd, env });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain(message);
    expect(command.stderr).toMatch(/^rxframe simulate-audiohook: [^]*\nSee rxframe simulate-audiohook --help\.\n$/);
    expect(command.stdout).toBe('');
    expectNoSecret(command.stderr);
  });

  it('teaches with examples', async () => {
    const command = rxframe(['simulate-audiohook', '--help']);
    expect(await command.ended).toBe(0);
    expect(command.stdout).toContain('rxframe simulate-audiohook URL --pace 20');
    expect(Math.max(...lines(command.stdout).map((line) => line.length))).toBeLessThanOrEqual(125);
  });
});
