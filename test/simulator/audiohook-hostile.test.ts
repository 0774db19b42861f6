import { describe, expect, it } from 'vitest';
import { callAudioHook, driveTime } from '../../src/simulator/index.ts';
import { drivenCall, openCall, plainServer, type Answers, type ServerSession } from './audiohook-server.ts';

/** Arrays in arrays. */
const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

/** Sends a message that may be too deep for `JSON.stringify`; `"DEEP"` in it is replaced. */
function sendDeep(session: ServerSession, seq: number, type: string, parameters: object): void {
  const { id } = session.messages[0]!;
  const text = JSON.stringify({ version: '2', id, type, seq, clientseq: 1, parameters });
  session.webSocket.send(text.replace('"DEEP"', '['.repeat(20_000) + ']'.repeat(20_000)));
}

describe('what a server sends to do harm', () => {
  const noText = { toString: 1, valueOf: 1 };

  it.each<[string, object, string]>([
    ['a seq that has no text', { seq: noText }, 'Message has seq object, not 2'],
    ['a seq that is text', { seq: '2' }, 'Message has seq "2", not 2'],
    ['a clientseq that has no text', { clientseq: noText }, 'Message has clientseq object, at most 1 was sent'],
    ['a type that has no text', { type: noText }, 'Unknown type object'],
    ['a type in an array', { type: [[noText]] }, 'Unknown type object'],
    ['a type without end', { type: 'x'.repeat(60_000) }, `Unknown type "${'x'.repeat(100)}…"`],
  ])('%s: an error, and the session is closed', async (_, changes, message) => {
    const { calls, session } = await openCall({});
    session.send('pause', {}, changes);
    expect((await session.until('error')).parameters).toMatchObject({ message });
    await calls.finish();
    expect(await calls.results).toMatchObject([{ outcome: 'error', errors: [{ message }] }]);
  });

  it.each<[string, Answers]>([
    ['`opened`', { open: (session) => sendDeep(session, 1, 'opened', { media: [], more: 'DEEP' }) }],
    ['media', { open: (session) => sendDeep(session, 1, 'opened', { media: ['DEEP'] }) }],
  ])('%s nested deeper than 100 levels: an error, and a result that can be written as JSON', async (_, answers) => {
    const seen: unknown[] = [];
    const server = await plainServer(answers);
    const calls = drivenCall({ url: server.url, apiKey: 'key', onMessage: ({ message }) => seen.push(message) });
    await calls.drive(0);
    const session = await server.session();
    expect((await session.until('error')).parameters).toEqual({
      code: 400,
      message: 'Message is nested more than 100 levels deep',
    });
    await calls.finish();
    expect(await calls.results).toMatchObject([{ outcome: 'error' }]);
    expect(() => JSON.stringify([calls.totals, seen])).not.toThrow();
    expect(JSON.stringify(await calls.results)).toContain('nested more than 100 levels deep');
  });

  it('takes events up to that depth, and no deeper', async () => {
    // The message, its parameters, the entities and the entity are the first four.
    const { calls, session } = await openCall({});
    session.send('event', { entities: [{ type: 'odd', data: nested(96) }] });
    await calls.untilReceived('event');
    expect(session.messages.map(({ type }) => type)).not.toContain('error');
    session.send('event', { entities: [{ type: 'odd', data: nested(97) }] });
    expect((await session.until('error')).parameters).toMatchObject({ code: 400 });
    await calls.finish();
    expect((await calls.results)[0]!.events.last).toEqual([{ type: 'odd', data: nested(96) }]);
  });

  it('keeps of an entity without measure its type and its length', async () => {
    const { calls, session } = await openCall({ duration: 200 });
    const kept = { type: 'kept', data: 'x'.repeat(16_000) };
    const large = { type: 't'.repeat(20_000), data: 'x'.repeat(20_000) };
    session.send('event', { entities: [kept, large] });
    await calls.untilReceived('event');
    await calls.finish();
    expect((await calls.results)[0]!.events).toEqual({
      transcripts: 0,
      others: 2,
      last: [kept, { type: `${'t'.repeat(100)}…`, leftOut: `${JSON.stringify(large).length} characters of JSON` }],
    });
  });
});

describe('a server that asks for one reconnection after the other', () => {
  const reconnecting: Answers = {
    open: (session, { parameters }) => {
      session.send('opened', { media: [parameters.media[0]] });
      session.send('reconnect');
    },
  };

  it('gets ten without audio in between', async () => {
    const server = await plainServer(reconnecting);
    const calls = drivenCall({ url: server.url, apiKey: 'key', duration: 1000 });
    await driveTime(calls.scheduler, 0);
    const last = await server.session(10);
    const message = 'Too many reconnections: 10 without audio in between';
    expect((await last.until('error')).parameters).toEqual({ code: 429, message });
    expect((await last.until('close')).parameters).toEqual({ reason: 'error' });
    const results = await calls.results;
    expect(results.map(({ outcome }) => outcome)).toEqual([...Array.from({ length: 10 }, () => 'closed'), 'error']);
    expect(results.at(-1)!.errors).toEqual([{ code: 429, message }]);
    expect(server.sessions).toHaveLength(11);
  });

  it('is not held to it by discarding audio', async () => {
    const server = await plainServer({
      open: (session, { parameters }) => {
        session.send('opened', { media: [parameters.media[0]], discardTo: 'PT0.01S' });
        session.send('reconnect');
      },
    });
    const calls = drivenCall({ url: server.url, apiKey: 'key', duration: 1000 });
    await driveTime(calls.scheduler, 0);
    expect((await calls.results).at(-1)).toMatchObject({ outcome: 'error', errors: [{ code: 429 }] });
    expect(server.sessions).toHaveLength(11);
  });

  it('gets as many as it wants while audio passes, and is told the last ten sessions', async () => {
    const { calls, server } = await openCall({ duration: 10_000 });
    for (let ordinal = 0; ordinal < 13; ordinal += 1) {
      const session = await server.session(ordinal);
      await calls.untilReceived('opened', ordinal + 1);
      await calls.drive(ordinal * 200);
      await session.untilAudio(1);
      session.send('reconnect');
    }
    const last = await server.session(13);
    const { parameters } = await last.until('open');
    await calls.untilReceived('opened', 14);
    await calls.finish();
    const ids = server.sessions.map(({ messages }) => messages[0]!.id);
    const named = parameters['continuedSessions'] as readonly { readonly id: string }[];
    expect(named.map(({ id }) => id)).toEqual(ids.slice(3, 13));
    const results = await calls.results;
    expect(results.every(({ outcome }) => outcome === 'closed')).toBe(true);
    expect(results.at(-1)!.continues).toBe(ids[12]);
  });
});

describe('audio that does not go on', () => {
  it('Infinity: ends a session whose audio stands still for more than 10 s', async () => {
    const { calls, session } = await openCall(
      { pace: Infinity, duration: 10_000 },
      { open: (server, { parameters }) => server.send('opened', { media: [parameters.media[0]], startPaused: true }) },
    );
    await calls.drive(10_000);
    expect(session.order).toEqual(['open', 'paused']);
    await calls.drive(15_000);
    const message = 'Timeout waiting for the audio to go on';
    expect((await session.until('error')).parameters).toEqual({ code: 408, message });
    await calls.finish();
    expect(await calls.results).toMatchObject([{ outcome: 'timeout', errors: [{ code: 408, message }] }]);
  });

  it('Infinity: is not deceived by `resume` and `pause` in one go', async () => {
    const { calls, session } = await openCall(
      { pace: Infinity, duration: 10_000 },
      {
        open: (server, { parameters }) => server.send('opened', { media: [parameters.media[0]], startPaused: true }),
        ping: (server, { seq }) => {
          server.send('pong', {}, { clientseq: seq });
          server.send('resume');
          server.send('pause');
        },
      },
    );
    await calls.drive(15_000);
    expect((await session.until('error')).parameters).toMatchObject({ code: 408 });
    await calls.finish();
    expect(await calls.results).toMatchObject([{ outcome: 'timeout', audio: { messages: 0 } }]);
  });

  it('Infinity: ends a session that is never closed, too', async () => {
    const { calls } = await openCall(
      { pace: Infinity, duration: 10_000, script: [{ at: 0, fault: 'no-close' }] },
      {
        open: (server, { parameters }) => server.send('opened', { media: [parameters.media[0]] }),
      },
    );
    const { calls: paused, session } = await openCall(
      { pace: Infinity, duration: 3_600_000, script: [{ at: 0, fault: 'no-close' }] },
      { ping: (server, { seq }) => server.send('pong', {}, { clientseq: seq }) },
    );
    await driveTime(paused.scheduler, 1);
    session.send('pause');
    await paused.untilReceived('pause');
    await paused.drive(15_000);
    await calls.drive(15_000);
    expect(await paused.results).toMatchObject([{ outcome: 'timeout', errors: [] }]);
    expect(await calls.results).toMatchObject([{ outcome: 'timeout' }]);
  });

  it('waits longer where a frame lasts longer', async () => {
    const { calls, session } = await openCall({ pace: 0.01, duration: 400 });
    await calls.drive(40_000);
    await session.untilAudio(2);
    await calls.finish();
    expect(await calls.results).toMatchObject([{ outcome: 'closed', audio: { messages: 2 } }]);
  });

  it('starts anew after a standstill of the script', async () => {
    const { calls } = await openCall({
      pace: Infinity,
      duration: 1000,
      script: [{ at: 0, fault: 'stall', for: 15_999 }],
    });
    await calls.finish();
    expect(await calls.results).toMatchObject([{ outcome: 'closed', audio: { messages: 5 } }]);
  });
});

describe('`open`', () => {
  const good = { url: 'ws://127.0.0.1:1/', apiKey: 'key' };
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  it.each<[string, object, typeof TypeError | typeof RangeError, string]>([
    [
      'no room',
      { text: 'ü'.repeat(31_000) },
      RangeError,
      'customConfig must have at most 61440 bytes of JSON together',
    ],
    ['a circle', circular, TypeError, 'customConfig must be an object that can be written as JSON'],
    ['a bigint', { big: 1n }, TypeError, 'customConfig must be an object that can be written as JSON'],
  ])('is refused at the call where customConfig has %s', (_, customConfig, error, message) => {
    const act = (): unknown => callAudioHook({ ...good, customConfig });
    expect(act).toThrow(error);
    expect(act).toThrow(message);
  });

  it('has at most 64 KiB', async () => {
    const customConfig = { text: 'x'.repeat(61_000) };
    const { session } = await openCall({ customConfig });
    const open = session.received[0] as string;
    expect(Buffer.byteLength(open)).toBeGreaterThan(61_000);
    expect(Buffer.byteLength(open)).toBeLessThan(65_536);
  });
});
