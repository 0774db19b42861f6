import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, ReplaySubject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { audioOf, called, calls, CREDENTIALS, recordings, serve, stop, values } from '../../cli/audiohook-server.ts';
import { folder, MAIN, run } from '../../cli/run.ts';
import { AudioHookClient } from '../../genesys/audiohook/audiohook-client.ts';
import { API_KEY } from '../../genesys/audiohook/signed-request.ts';

/** Runs a server that takes unsigned requests of {@link AudioHookClient}. */
function serveUnsigned(args: readonly string[]) {
  return serve(['--unsigned', ...args], { AUDIOHOOK_API_KEY: API_KEY, AUDIOHOOK_CLIENT_SECRET: '' });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.concurrent('rxframe audiohook --record', { timeout: 60_000 }, () => {
  it('has whole files of a session whose connection is cut', async () => {
    const { command, address, cwd } = await serve(['--record', 'calls', '--transcript-stub']);
    const [result] = await called(address, { duration: 4_000, script: [{ at: 2_000, fault: 'cut' }] });
    await command.until('stderr', /ended \S+ after \S+ s, lost \(1006\): /);
    expect(await stop(command)).toBe(0);
    const { wav, log } = recordings(join(cwd, 'calls')).get(result!.sessionId)!;
    expect(audioOf(wav!).length % 3_200).toBe(0);
    expect(log.at(-1)).toMatchObject({ type: 'end', how: 'lost', closeCode: 1006, disconnect: null });
    // Nobody is there to hear the utterance that was under way.
    expect(log.filter(({ type }) => type === 'sent')).toEqual([]);
  });

  it('records a message that is nested too deep to be written in base64, and goes on', async () => {
    const { command, address, cwd } = await serveUnsigned(['--record', 'calls', '--json']);
    const client = await AudioHookClient.open(address, { signing: false });
    const ping = JSON.stringify({
      version: '2',
      id: client.id,
      type: 'ping',
      seq: 2,
      serverseq: client.received.length,
      position: 'PT0S',
      parameters: { deep: 'HERE' },
    }).replace('"HERE"', '['.repeat(20_000) + ']'.repeat(20_000));
    const pong = client.next('pong');
    client.webSocket.send(ping);
    await pong;
    client.webSocket.terminate();
    await command.until('stdout', /"ended"/);
    expect(await stop(command)).toBe(0);
    const { log } = recordings(join(cwd, 'calls')).get(client.id)!;
    expect(log[2]).toMatchObject({ type: 'received', data: Buffer.from(ping).toString('base64') });
    expect(log.at(-1)).toMatchObject({ type: 'end' });
  });

  it('tells two sessions with the same id apart', async () => {
    const { command, address } = await serveUnsigned(['--json']);
    const upgrade = { signing: false, headers: { 'audiohook-session-id': randomUUID() } } as const;
    const first = await AudioHookClient.open(address, upgrade);
    const second = await AudioHookClient.open(address, upgrade);
    first.sendAudio(new Uint8Array(16_000));
    await first.close();
    await command.until('stdout', /"ended"/);
    second.sendAudio(new Uint8Array(320));
    await second.close();
    await command.until('stdout', /"ended"[^]*"ended"/);
    expect(await stop(command)).toBe(0);
    const ended = values(command.stdout).filter(({ event }) => event === 'ended');
    expect(ended).toMatchObject([{ audio: { bytes: 16_000 } }, { audio: { bytes: 320 } }]);
    expect(command.stderr).toMatch(/^2 sessions, 0 refused$/m);
  });

  it.each([
    ['closes', []],
    ['goes on sending', [{ at: 0, fault: 'no-close' }]],
    ['neither reads nor writes any more', [{ at: 600, fault: 'half-open' }]],
  ] as const)('has whole files after SIGTERM during a session, where the client %s', async (_, script) => {
    const { command, address, cwd } = await serve(['--record', 'calls']);
    const sent: Uint8Array[] = [];
    const underWay$ = new ReplaySubject<string>(1);
    const client = calls(address, {
      pace: 4,
      duration: 600_000,
      script,
      onAudio: ({ data, sessionId }) => {
        if (sent.push(data) === 3) underWay$.next(sessionId);
      },
    });
    const sessionId = await firstValueFrom(underWay$);
    const signalled = performance.now();
    expect(await stop(command)).toBe(0);
    expect(performance.now() - signalled).toBeLessThan(7_000);
    void client.stop();

    const { wav, log } = recordings(join(cwd, 'calls')).get(sessionId)!;
    const audio = audioOf(wav!);
    expect(audio.length).toBeGreaterThanOrEqual(2 * 3_200);
    expect(audio.equals(Buffer.concat(sent).subarray(0, audio.length))).toBe(true);
    if (script.length === 0) expect((await client.results)[0]!.sha256).toBe(sha256(audio));
    expect(log.at(-1)).toMatchObject({
      type: 'end',
      how: 'disconnected',
      disconnect: { reason: 'completed' },
      wav: { bytes: audio.length },
    });
    expect(command.stderr).toMatch(/^1 session, 0 refused$/m);
  });

  it.runIf(process.platform === 'linux')('goes on where the disk is full, and fails in the end', async () => {
    const cwd = folder();
    const args = ['--fsize=20001:', process.execPath, MAIN, 'audiohook', '--record', 'calls'];
    const command = run('prlimit', args, { cwd, env: CREDENTIALS });
    const [address] = await command.until('stdout', /ws:\S+(?=\n)/);
    const [result] = await called(address, { duration: 4_000 });
    expect(result!.outcome).toBe('closed');
    expect(await stop(command)).toBe(1);
    const { wav, log } = recordings(join(cwd, 'calls')).get(result!.sessionId)!;
    expect(audioOf(wav!)).toHaveLength(19_942);
    expect(log[0]).toMatchObject({ type: 'start' });
    expect(command.stderr).toMatch(
      new RegExp(`^rxframe audiohook: the recording of ${result!.sessionId} fails: EFBIG`, 'm'),
    );
    expect(command.stderr).toMatch(/ended \S+ after .* closed: 4\.0 s of audio/);
    expect(command.stderr).toMatch(/^INCOMPLETE: 1 recording failed$/m);
  });

  it('fails in the end where the folder has gone', async () => {
    const { command, address, cwd } = await serve(['--record', 'calls']);
    rmSync(join(cwd, 'calls'), { recursive: true });
    expect((await called(address, { duration: 400 }))[0]!.outcome).toBe('closed');
    expect(await stop(command)).toBe(1);
    expect(command.stderr).toContain('ENOENT');
  });
});
