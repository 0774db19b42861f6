import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  audioOf,
  call,
  called,
  CREDENTIALS,
  expectNoSecret,
  recordings,
  serve,
  stop,
  values,
} from './audiohook-server.ts';
import { folder, lines, rxframe } from './run.ts';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.concurrent('audiohook --record', { timeout: 60_000 }, () => {
  it('has every byte that was sent in the WAV files, and the rest in the NDJSON', async () => {
    const { command, address, cwd } = await serve(['--record', 'a/b', '--transcript-stub']);
    const client = call([address, '--sessions', '5', '--pace', '20', '--json', '--language', 'en-US']);
    expect(await client.ended).toBe(0);
    expect(await stop(command)).toBe(0);
    expectNoSecret(client.stdout + client.stderr);

    const sent = values(client.stdout).filter(({ type }) => type === 'session');
    expect(sent).toHaveLength(5);
    const recorded = recordings(join(cwd, 'a/b'));
    expect(recorded.size).toBe(5);
    for (const { sessionId, sha256: digest, transcripts, conversationId } of sent) {
      const { wav, log } = recorded.get(sessionId as string)!;
      const audio = audioOf(wav!);
      expect(audio).toHaveLength(160_000);
      expect(sha256(audio)).toBe(digest);
      expect(log[0]!['timestamp']! <= log[1]!['timestamp']!).toBe(true);
      expect(log[0]).toMatchObject({ type: 'start', sessionId, conversationId, language: 'en-US' });
      expect(log[1]).toMatchObject({ type: 'received', message: { type: 'open', seq: 1 } });
      expect(log.filter(({ type }) => type === 'sent')).toHaveLength(transcripts as number);
      expect(transcripts).toBeGreaterThan(1);
      expect(log.at(-1)).toMatchObject({
        type: 'end',
        how: 'closed',
        closeCode: 1000,
        disconnect: null,
        position: 80_000,
        audio: { messages: 50, bytes: 160_000, samples: 80_000 },
        gaps: { count: 0, samples: 0 },
        rejected: 0,
        wav: { format: 'PCMU', channels: ['external', 'internal'], samples: 80_000, bytes: 160_000 },
      });
      for (const { timestamp } of log) expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }

    expect(command.stdout).toBe(`${address}\n`);
    expect(command.stderr).toMatch(/Z listening on ws:\/\/127\.0\.0\.1:\d+\/api\/v1\/audiohook\/ws\n/);
    expect(command.stderr).toMatch(/^5 sessions, 0 refused$/m);
    expect(command.stderr).toMatch(/^260 messages = 260 accepted \+ 0 rejected$/m);
    expect(command.stderr).toMatch(/^50\.0 s of audio in 250 messages, 800000 bytes, \d+ transcripts$/m);
    expect(command.stderr).toMatch(/^recorded in a\/b: 5 sessions$/m);
    expect(statSync(join(cwd, 'a/b')).mode & 0o777).toBe(0o700);
  });

  it('puts silence where audio was discarded or paused, and tells rejected messages', async () => {
    const { command, address, cwd } = await serve(['--record', '.']);
    const [result] = await called(address, {
      duration: 8_000,
      script: [
        { at: 1_000, do: 'discard', for: 400 },
        { at: 2_000, do: 'pause', for: 1_000 },
        { at: 4_000, fault: 'unknown-type' },
      ],
    });
    expect(await stop(command)).toBe(0);
    expect(result).toMatchObject({ outcome: 'disconnected', audio: { discardedSamples: 11_200 } });
    const { wav, log } = recordings(cwd).get(result!.sessionId)!;
    const audio = audioOf(wav!);
    const silence = (from: number, to: number) => audio.subarray(from * 16, to * 16).every((byte) => byte === 0xff);
    expect([silence(1_000, 1_400), silence(2_000, 3_000)]).toEqual([true, true]);
    expect([silence(900, 1_000), silence(1_400, 2_000), silence(3_000, 3_100)]).toEqual([false, false, false]);
    const told = log.map(({ type, message }) => (message as { type?: string } | undefined)?.type ?? type);
    // Audio that was under way when the server asked for the end is rejected, too.
    expect([...new Set(told)]).toEqual(['start', 'open', 'discarded', 'paused', 'resumed', 'rejected', 'close', 'end']);
    expect(log.find(({ type }) => type === 'rejected')).toMatchObject({ isBinary: false, reason: 'unknown-type' });
    expect(log.at(-1)).toMatchObject({
      how: 'disconnected',
      disconnect: { reason: 'error' },
      gaps: { count: 2, samples: 11_200 },
    });
    expect(command.stderr).toMatch(
      /ended \S+ after \d\.\d s, disconnected \(error: .*\): .* 1\.4 s missing, \d+ of \d+ messages rejected\n/,
    );
    expect(command.stderr).toMatch(/^rejected: unknown-type 1\b/m);
  });

  it('has no WAV of a session without audio, and nothing of a probe', async () => {
    const { command, address, cwd } = await serve(['--record', 'calls']);
    const [silent] = await called(address, { script: [{ at: 0, do: 'close', reason: 'end' }] });
    await called(address, { probe: true });
    expect(await stop(command)).toBe(0);
    const recorded = recordings(join(cwd, 'calls'));
    expect([...recorded.keys()]).toEqual([silent!.sessionId]);
    expect(recorded.get(silent!.sessionId)!.wav).toBeUndefined();
    expect(recorded.get(silent!.sessionId)!.log.at(-1)).toMatchObject({ type: 'end', wav: null });
    expect(command.stderr).toMatch(/^1 session, 1 probe, 0 refused$/m);
  });
});

describe.concurrent('audiohook', { timeout: 60_000 }, () => {
  it('tells with --json what the log tells, as lines of JSON', async () => {
    const { command, address } = await serve(['--json', '--path', '/audio', '--supported-languages', 'en-US,fr-CA']);
    expect(address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/audio$/);
    const [good] = await called(address, { duration: 1_000, supportedLanguages: true });
    expect(good!.opened).toMatchObject({ supportedLanguages: ['en-US', 'fr-CA'] });
    await called(address, { handshake: 'wrong-signature' });
    await called(address, { probe: true });
    await called(address, { script: [{ at: 0, fault: 'audio-before-opened' }] });
    expect(await stop(command)).toBe(0);
    const { sessionId, conversationId } = good!;
    const told = values(command.stdout);
    expect(told.slice(0, 5)).toMatchObject([
      { event: 'listening', url: address },
      { event: 'opened', sessionId, conversationId, isProbe: false, language: null, media: { format: 'PCMU' } },
      {
        event: 'ended',
        sessionId,
        how: 'closed',
        closeCode: 1000,
        audio: { messages: 5, bytes: 16_000, samples: 8_000, position: 8_000 },
        messages: { received: 7, accepted: 7, rejected: 0, byReason: {} },
      },
      { event: 'refused', status: 401, reason: 'wrong-signature', address: '127.0.0.1' },
      { event: 'opened', isProbe: true },
    ]);
    expect(lines(command.stderr)[0]).toMatch(/^\d sessions?, 1 probe,.* 1 refused$/);
  });

  it('tells ten refused requests, and counts the others of a flood', async () => {
    const { command, address } = await serve();
    const flood = await called(address, { sessions: 25, handshake: 'unsigned' });
    expect(flood.every(({ status }) => status === 401)).toBe(true);
    expect(await stop(command)).toBe(0);
    expect(
      lines(command.stderr).filter((line) => line.includes('refused 401 no-signature, from 127.0.0.1')),
    ).toHaveLength(10);
    expect(command.stderr).toMatch(/Z refused 15 more\n/);
    expect(command.stderr).toMatch(/^0 sessions, 25 refused\nrefused: no-signature 25$/m);
  });

  it('lets only the named organizations in', async () => {
    const organizationId = 'D7934305-0972-4844-938e-9060eef73d05';
    const { command, address } = await serve(['--organization', organizationId]);
    const options = { duration: 200 };
    expect(await called(address, options)).toMatchObject([{ outcome: 'refused', status: 401 }]);
    expect(await called(address, { ...options, organizationId })).toMatchObject([{ outcome: 'closed' }]);
    expect(await stop(command)).toBe(0);
  });

  it('takes unsigned requests with --unsigned', async () => {
    const { command, address } = await serve(['--unsigned'], { AUDIOHOOK_CLIENT_SECRET: '' });
    const client = call([address, '--unsigned', '--duration', '0.4'], { AUDIOHOOK_CLIENT_SECRET: '' });
    expect(await client.ended).toBe(0);
    expect(await stop(command)).toBe(0);
  });

  it('reads the credentials from .env', async () => {
    const cwd = folder();
    const text = Object.entries(CREDENTIALS).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(cwd, '.env'), text.join(''));
    const command = rxframe(['audiohook'], { cwd });
    const [address] = await command.until('stdout', /ws:\S+(?=\n)/);
    expect(await called(address, { duration: 200 })).toMatchObject([{ outcome: 'closed' }]);
    expect(await stop(command)).toBe(0);
  });

  it('sends the transcript of an utterance that the close cuts short before closed', async () => {
    const { command, address } = await serve(['--transcript-stub']);
    const received: string[] = [];
    const [result] = await called(address, {
      duration: 1_000,
      media: [
        { format: 'L16', channels: ['internal'] },
        { format: 'PCMU', channels: ['external', 'internal'] },
      ],
      script: [{ at: 600, do: 'update', language: 'fr-CA' }],
      onMessage: ({ direction, message }) => {
        if (direction === 'received') received.push((message as { type: string }).type);
      },
    });
    expect(await stop(command)).toBe(0);
    expect(result!.opened!.media).toMatchObject([{ format: 'PCMU', channels: ['external', 'internal'] }]);
    // A tone on both channels: two before the change of language, two at the end.
    expect(received.filter((type) => type !== 'pong')).toEqual([
      'opened',
      'updated',
      ...Array<string>(4).fill('event'),
      'closed',
    ]);
    expect(result!.events).toMatchObject({ transcripts: 4 });
    const languages = result!.events.last.map(
      (entity) => (entity as { data: { alternatives: { languages?: string[] }[] } }).data.alternatives[0]!.languages,
    );
    expect(languages).toEqual([undefined, undefined, ['fr-CA'], ['fr-CA']]);
  });

  it('says that a proxy has to stand in front where others can reach it', async () => {
    const { command } = await serve(['--host', '0.0.0.0']);
    await command.until('stderr', /put a proxy in front that has one/);
    expect(await stop(command)).toBe(0);
  });

  it('fails with 1 where the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const command = rxframe(['audiohook', '--port', String(port)], { env: CREDENTIALS });
    expect(await command.ended).toBe(1);
    other.close();
    expect(command.stderr).toMatch(/^rxframe audiohook: .*EADDRINUSE.*\n$/m);
  });

  const { AUDIOHOOK_API_KEY, AUDIOHOOK_CLIENT_SECRET } = CREDENTIALS;
  it.each<[readonly string[], Record<string, string>, string]>([
    [[], {}, 'there is no API key and no client secret. They are taken'],
    [[], { AUDIOHOOK_CLIENT_SECRET }, 'there is no API key. It is taken'],
    [[], { AUDIOHOOK_API_KEY }, 'because nothing is signed. Where that is meant: --unsigned'],
    [['--unsigned'], {}, 'there is no API key. It is taken'],
    [['--unsigned'], CREDENTIALS, "--unsigned doesn't go with AUDIOHOOK_CLIENT_SECRET"],
    [
      [],
      { AUDIOHOOK_API_KEY, AUDIOHOOK_CLIENT_SECRET: 's3cr3t-Zq7-do-not-show' },
      'AUDIOHOOK_CLIENT_SECRET must be base64 of bytes',
    ],
    [
      [],
      { ...CREDENTIALS, AUDIOHOOK_API_KEY: `${AUDIOHOOK_API_KEY}\u00e9` },
      'AUDIOHOOK_API_KEY must be printable ASCII',
    ],
    [['--port', '65536'], CREDENTIALS, '--port must be an integer from 0 to 65535, got "65536"'],
    [['--path', 'audio'], CREDENTIALS, '--path must be a path that starts with a slash, without a query, got "audio"'],
    [['--path', '/a\u001b[31m'], CREDENTIALS, '--path must be as it stands in an address'],
    [['--record', '/proc/none/calls'], CREDENTIALS, '--record: nothing can be written to "/proc/none/calls": ENOENT'],
    [['--host', ''], CREDENTIALS, '--host must be an address of this machine'],
    [['--organization', 'mine'], CREDENTIALS, '--organization[0] must be a UUID, got "mine"'],
    [
      ['--supported-languages', 'en-US,,fr'],
      CREDENTIALS,
      '--supported-languages must be language codes with commas between, such as en-US,fr-CA, got "" among',
    ],
    [['--record', 'file'], CREDENTIALS, '--record: nothing can be written to "file": it is no folder'],
    [['--record', 'file/calls'], CREDENTIALS, '--record: nothing can be written to "file/calls": ENOTDIR'],
    [['--format', 'L16'], CREDENTIALS, "Unknown option '--format'"],
    [[AUDIOHOOK_API_KEY], CREDENTIALS, 'takes flags only'],
    [
      ['--client-secret', AUDIOHOOK_CLIENT_SECRET],
      {},
      'Put it into the environment variable AUDIOHOOK_CLIENT_SECRET, or',
    ],
  ])('ends with 2 and a clear message: %j', async (args, env, message) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'file'), '');
    const command = rxframe(['audiohook', ...args], { cwd, env });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain(`rxframe audiohook: `);
    expect(command.stderr).toContain(message);
    expect(command.stderr).toMatch(/\nSee rxframe audiohook --help\.\n$/);
    expect(command.stdout).toBe('');
    expectNoSecret(command.stderr);
  });

  it.runIf(process.getuid?.() !== 0)('ends with 2 where nothing can be written to the folder', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'calls'), { mode: 0o500 });
    const command = rxframe(['audiohook', '--record', 'calls'], { cwd, env: CREDENTIALS });
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain('--record: nothing can be written to "calls": EACCES');
  });

  it('teaches with examples', async () => {
    const command = rxframe(['audiohook', '--help']);
    expect(await command.ended).toBe(0);
    expect(command.stdout).toContain('rxframe audiohook --record calls');
    expect(Math.max(...lines(command.stdout).map((line) => line.length))).toBeLessThanOrEqual(125);
  });
});
