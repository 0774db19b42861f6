import { describe, expect, it } from 'vitest';
import { callAudioHook, type AudioHookScriptEntry } from '../../../src/simulator/index.ts';
import { mulberry32, pick, type Random } from '../../../src/simulator/random.ts';
import { leftSince, resources } from '../network/resources.ts';
import { FAULT_SEED } from '../seed.ts';
import { audioHookServer, CREDENTIALS } from './audio-hook-server.ts';

const SESSIONS = 100;
/** How much audio a session has, in milliseconds of audio. */
const DURATION = 10_000;

const FAULTS = [
  'cut',
  'reorder',
  'oversize',
  'wrong-seq',
  'wrong-id',
  'odd-audio',
  'audio-while-paused',
  'malformed-json',
  'invalid-utf8',
  'unknown-type',
  'bad-parameters',
  'stall',
  'half-open',
  'no-close',
] as const;

/** Half of the sessions have a fault, half of the others a pause or a hole. */
function randomScript(random: Random): readonly AudioHookScriptEntry[] {
  return Array.from({ length: SESSIONS }, (_, session): AudioHookScriptEntry[] => {
    const at = Math.floor(random() * DURATION);
    const kind = random();
    if (kind < 0.5) return [{ at, session, fault: pick(random, FAULTS) }];
    if (kind < 0.65) return [{ at, session, do: 'pause', for: 500 }];
    return kind < 0.8 ? [{ at, session, do: 'discard', for: 500 }] : [];
  }).flat();
}

describe(`${SESSIONS} sessions with faults at random (FAULT_SEED=${FAULT_SEED})`, () => {
  it('end once each; who kept to the protocol is served to the end; nothing is left', { timeout: 60_000 }, async () => {
    const before = resources();
    const script = randomScript(mulberry32(FAULT_SEED));
    const server = await audioHookServer({ idleTimeout: 2_000, closeTimeout: 500 });
    const calls = callAudioHook({
      ...CREDENTIALS,
      url: server.url,
      sessions: SESSIONS,
      startOver: 500,
      duration: DURATION,
      pace: 4,
      script,
    });
    await server.ended(SESSIONS);
    await calls.stop();
    const results = await calls.results;
    server.stop();

    const ends = server.notices.flatMap((notice) => (notice.type === 'ended' ? [notice.sessionId] : []));
    expect(new Set(ends).size).toBe(SESSIONS);
    expect(ends).toHaveLength(SESSIONS);
    expect(server.sessions.size).toBe(SESSIONS);
    const faulty = new Set(script.filter((entry) => 'fault' in entry).map(({ session }) => session));
    for (const { session, sessionId, outcome, sha256, audio } of results) {
      if (faulty.has(session)) continue;
      const record = server.sessions.get(sessionId);
      expect([session, outcome, record?.audio, record?.sha256]).toStrictEqual([session, 'closed', audio.bytes, sha256]);
    }
    expect(await leftSince(before)).toStrictEqual([]);
  });
});
