import { describe, expect, it } from 'vitest';
import { callAudioHook } from '../../../src/simulator/index.ts';
import type { AudioHookScriptEntry, CallOutcome, HandshakeFault } from '../../../src/simulator/index.ts';
import { audioHookServer, CREDENTIALS } from './audio-hook-server.ts';

/** What a fault comes to. */
interface Expected {
  /** The reason of the message that is rejected. */
  readonly rejected?: string;
  /** What the client is told. */
  readonly info?: RegExp;
  /** What the client sees in the end: one of these. */
  readonly outcome: CallOutcome | readonly CallOutcome[];
  readonly how: 'closed' | 'disconnected' | 'lost';
  readonly closeCode?: number;
}

const disconnected = (rejected: string, info: RegExp): Expected => ({
  rejected,
  info,
  outcome: 'disconnected',
  how: 'disconnected',
});

const faults: readonly (readonly [AudioHookScriptEntry, Expected])[] = [
  [{ at: 400, fault: 'wrong-seq' }, disconnected('sequence', /^seq must be \d+, got \d+$/)],
  [{ at: 400, fault: 'reorder' }, disconnected('sequence', /^seq must be \d+, got \d+$/)],
  [{ at: 400, fault: 'wrong-serverseq' }, disconnected('sequence', /^serverseq must be at most 1, got/)],
  [{ at: 400, fault: 'wrong-id' }, disconnected('identity', /^id must be that of the session$/)],
  [{ at: 400, fault: 'wrong-version' }, disconnected('schema', /^validate: /)],
  [{ at: 400, fault: 'oversize' }, disconnected('oversize', /^audio-hook: a JSON message has at most 65535 bytes/)],
  [{ at: 400, fault: 'malformed-json' }, disconnected('malformed-json', /^decode: not valid JSON/)],
  [{ at: 400, fault: 'invalid-utf8' }, disconnected('invalid-utf8', /^decode: the payload is not valid UTF-8/)],
  [{ at: 400, fault: 'unknown-type' }, disconnected('unknown-type', /^decode: no payload type is named/)],
  [{ at: 400, fault: 'bad-parameters' }, disconnected('schema', /^validate: /)],
  [{ at: 400, fault: 'odd-audio' }, disconnected('media', /bytes are no multiple of 2/)],
  [
    { at: 400, fault: 'audio-while-paused' },
    disconnected('unexpected', /^there must not be audio while the session is paused$/),
  ],
  [
    { at: 0, fault: 'audio-before-opened' },
    disconnected('unexpected', /^there must not be audio while the session is opening$/),
  ],
  [
    // The server disconnects, and cuts the socket at the next message: the client may or may not have read why.
    { at: 400, fault: 'flood', messages: 2_000 },
    { rejected: 'rate', outcome: ['cut', 'disconnected'], how: 'disconnected', closeCode: 1006 },
  ],
  [
    { at: 400, fault: 'cut' },
    { outcome: 'cut', how: 'lost', closeCode: 1006 },
  ],
  [
    { at: 400, fault: 'oversize-audio', bytes: 2 ** 20 + 2 },
    { outcome: 'cut', how: 'lost', closeCode: 1009 },
  ],
  [
    { at: 400, fault: 'stall' },
    { info: /^nothing was received for 1000 ms$/, outcome: 'disconnected', how: 'disconnected' },
  ],
  [
    { at: 400, fault: 'half-open' },
    { info: /^nothing was received for 1000 ms$/, outcome: 'cut', how: 'disconnected', closeCode: 1006 },
  ],
];

const nameOf = (entry: AudioHookScriptEntry) => ('fault' in entry ? entry.fault : entry.do);

describe('a client that breaks the protocol', () => {
  it.each(faults.map(([entry, expected]) => [nameOf(entry), entry, expected] as const))(
    '(%s) is told so, and its neighbour is served as ever',
    async (_, entry, { rejected, info, outcome, how, closeCode }) => {
      const server = await audioHookServer({ idleTimeout: 1_000, closeTimeout: 500 });
      const calls = callAudioHook({
        ...CREDENTIALS,
        url: server.url,
        sessions: 2,
        duration: 2_000,
        frameDuration: 40,
        pace: 4,
        script: [{ ...entry, session: 0 }],
      });
      await server.ended(2);
      await calls.stop();
      const [faulty, neighbour] = await calls.results;
      server.stop();

      const record = server.sessions.get(faulty?.sessionId ?? '');
      const told = server.notices.find((notice) => notice.type === 'ended' && notice.sessionId === faulty?.sessionId);
      expect(told).toMatchObject({ how, ...(closeCode !== undefined && { closeCode }) });
      expect([outcome].flat()).toContain(faulty?.outcome);
      if (info !== undefined && outcome === 'disconnected') {
        expect(faulty?.disconnect).toStrictEqual({ reason: 'error', info: expect.stringMatching(info) as string });
      }
      if (rejected !== undefined && record !== undefined) expect(record.outcomes).toContain(rejected);
      expect(server.notices.filter(({ type }) => type === 'rejected').length > 0).toBe(rejected !== undefined);

      const served = server.sessions.get(neighbour?.sessionId ?? '');
      expect(neighbour).toMatchObject({ outcome: 'closed', audio: { bytes: 32_000 }, sha256: served?.sha256 });
      expect(served?.outcomes.filter((one) => one === 'audio')).toHaveLength(50);
    },
  );

  it('may be paused, may discard, change the language and go on with a new session, and loses nothing', async () => {
    const server = await audioHookServer();
    const calls = callAudioHook({
      ...CREDENTIALS,
      url: server.url,
      duration: 6_000,
      pace: 4,
      script: [
        { at: 1_000, do: 'pause', for: 600 },
        { at: 2_000, do: 'discard', for: 400 },
        { at: 3_000, do: 'update', language: 'fr-CA' },
        { at: 4_000, do: 'reconnect' },
      ],
    });
    const results = await calls.results;
    server.stop();

    expect(results.map(({ outcome }) => outcome)).toStrictEqual(['closed', 'closed']);
    for (const { sessionId, sha256, audio } of results) {
      expect(server.sessions.get(sessionId)).toMatchObject({ sha256, audio: audio.bytes });
    }
    const [first] = results;
    expect(server.sessions.get(first?.sessionId ?? '')?.events.filter(({ type }) => type !== 'ping')).toStrictEqual([
      { type: 'paused' },
      { type: 'resumed', position: 8_000, samples: 4_800 },
      { type: 'discarded', position: 16_000, samples: 3_200 },
      { type: 'updated', language: 'fr-CA' },
      { type: 'closing', reason: 'reconnect' },
      { type: 'ended', how: 'closed', closeCode: 1000, disconnect: undefined },
    ]);
    expect(server.notices.filter(({ type }) => type === 'rejected')).toStrictEqual([]);
  });
});

const handshakes: readonly (readonly [HandshakeFault, string])[] = [
  ['wrong-signature', 'wrong-signature'],
  ['expired-signature', 'expired'],
  ['future-signature', 'not-yet-valid'],
  ['unsigned', 'no-signature'],
  ['wrong-key', 'unknown-key'],
  ['no-organization', 'identity'],
];

describe('a client that may not come in', () => {
  it.each(handshakes)('(%s) gets 401 and no reason', async (handshake, reason) => {
    const server = await audioHookServer();
    const calls = callAudioHook({ ...CREDENTIALS, url: server.url, handshake });
    const [result] = await calls.results;
    server.stop();

    expect(result).toMatchObject({ outcome: 'refused', status: 401 });
    expect(server.notices).toContainEqual(expect.objectContaining({ type: 'refused', status: 401, reason }));
    expect(server.sessions.size).toBe(0);
  });

  it('(a replayed signature) comes in once', async () => {
    const server = await audioHookServer();
    const calls = callAudioHook({
      ...CREDENTIALS,
      url: server.url,
      sessions: 5,
      duration: 200,
      handshake: 'replayed-nonce',
    });
    const results = await calls.results;
    server.stop();

    const outcomes = results.map(({ outcome, status }) => `${outcome} ${status ?? ''}`).sort();
    expect(outcomes).toStrictEqual(['closed ', ...Array<string>(4).fill('refused 401')]);
    expect(server.notices.filter((notice) => notice.type === 'refused').map(({ reason }) => reason)).toStrictEqual(
      Array(4).fill('replayed'),
    );
  });

  it('(of another organisation than it says) is disconnected as unauthorized', async () => {
    const server = await audioHookServer();
    const calls = callAudioHook({ ...CREDENTIALS, url: server.url, handshake: 'other-organization' });
    const [result] = await calls.results;
    server.stop();

    expect(result).toMatchObject({ outcome: 'disconnected', disconnect: { reason: 'unauthorized' } });
    expect(result?.disconnect?.info).toBeUndefined();
    expect(server.sessions.size).toBe(0);
  });
});
