import { describe, expect, it } from 'vitest';
import { driveTime, speechLikeSource, type AudioHookScriptEntry, type CallResult } from '../../src/simulator/index.ts';
import {
  drivenCall,
  openCall,
  plainServer,
  type Answers,
  type DrivenCalls,
  type Message,
  type ServerSession,
} from './audiohook-server.ts';

/** Plays a script to the end of the call. */
async function play(
  script: readonly AudioHookScriptEntry[],
  answers: Answers = {},
  duration = 1000,
): Promise<{ readonly session: ServerSession; readonly result: CallResult; readonly calls: DrivenCalls }> {
  const { calls, session } = await openCall({ duration, script }, answers);
  await calls.finish();
  return { session, result: (await calls.results)[0]!, calls };
}

/** Plays a script whose session the server ends as soon as it gets what `isFault` knows; gives that. */
async function playFault(
  entry: AudioHookScriptEntry,
  isFault: (received: string | Buffer) => boolean,
): Promise<string | Buffer> {
  const { session, result } = await play([entry]);
  expect(result.outcome).toBe('closed');
  const faulty = session.received.filter(isFault);
  expect(faulty).toHaveLength(1);
  expect(result.audio).toEqual({ messages: 5, bytes: 16_000, samples: 8000, discardedSamples: 0 });
  return faulty[0]!;
}

const isText = (received: string | Buffer): received is string => typeof received === 'string';

/** The messages that were sent with a number that is not the next. */
const outOfTurn = ({ messages }: ServerSession): readonly Message[] =>
  messages.filter(({ seq }, index) => seq !== index + 1);

describe('actions', () => {
  it('pause: says so, sends nothing for a time, and says what was discarded', async () => {
    const { session, result } = await play([{ at: 200, do: 'pause', for: 400 }]);
    expect(session.order).toEqual('open audio paused resumed audio audio close'.split(' '));
    expect((await session.until('paused')).position).toBe('PT0.2S');
    expect((await session.until('resumed')).parameters).toEqual({ start: 'PT0.2S', discarded: 'PT0.4S' });
    expect(result.audio).toEqual({ messages: 3, bytes: 9600, samples: 4800, discardedSamples: 3200 });
  });

  it('pause beyond the end: it is over when the audio is', async () => {
    const { session } = await play([{ at: 600, do: 'pause', for: 60_000 }]);
    expect(session.order).toEqual('open audio audio audio paused resumed close'.split(' '));
    expect((await session.until('resumed')).parameters).toEqual({ start: 'PT0.6S', discarded: 'PT0.4S' });
  });

  it('discard: sends nothing for a time, then says what was discarded', async () => {
    const { session } = await play([{ at: 400, do: 'discard', for: 300 }]);
    // To the end of the frame in which it is over.
    expect(session.order).toEqual('open audio audio discarded audio close'.split(' '));
    expect((await session.until('discarded')).parameters).toEqual({ start: 'PT0.4S', discarded: 'PT0.4S' });
  });

  it('discard, with a pause in its midst: each is told for itself', async () => {
    const { session, result } = await play([
      { at: 200, do: 'discard', for: 10_000 },
      { at: 400, do: 'pause', for: 200 },
      { at: 400, do: 'discard', for: 200 },
    ]);
    expect(session.order).toEqual('open audio discarded paused resumed audio audio close'.split(' '));
    expect((await session.until('discarded')).parameters).toEqual({ start: 'PT0.2S', discarded: 'PT0.2S' });
    expect((await session.until('resumed')).parameters).toEqual({ start: 'PT0.4S', discarded: 'PT0.2S' });
    expect(result.audio.samples + result.audio.discardedSamples).toBe(8000);
  });

  it('update, ping, send: messages with all that they need', async () => {
    const { session } = await play([
      { at: 200, do: 'update', language: 'de-DE' },
      { at: 200, do: 'ping' },
      { at: 200, do: 'send', message: { type: 'custom', parameters: { a: 1 }, position: 'PT9S' } },
    ]);
    const { id } = session.messages[0]!;
    const sent = session.messages.slice(1, 4);
    expect(sent).toMatchObject([
      { type: 'update', seq: 2, id, serverseq: 1, position: 'PT0.2S', parameters: { language: 'de-DE' } },
      { type: 'ping', seq: 3, parameters: {} },
      { type: 'custom', version: '2', seq: 4, id, parameters: { a: 1 }, position: 'PT9S' },
    ]);
  });

  it.each(['end', 'error', 'disconnect', 'reconnect'] as const)(
    'close with %s: and no other session',
    async (reason) => {
      const { session, calls } = await play([{ at: 400, do: 'close', reason }]);
      expect((await session.until('close')).parameters).toEqual({ reason });
      expect(session.order).toEqual('open audio audio close'.split(' '));
      expect(await calls.results).toMatchObject([{ outcome: 'closed' }]);
    },
  );

  it('reconnect: once, and the rest of the script goes on in the next session', async () => {
    const { calls, session, server } = await openCall({
      duration: 1000,
      script: [
        { at: 600, do: 'update', language: 'fr-FR' },
        { at: 400, do: 'reconnect' },
      ],
    });
    await calls.drive(400);
    const second = await server.session(1);
    await calls.untilReceived('opened', 2);
    await calls.finish();
    expect(session.order).toEqual('open audio audio close'.split(' '));
    expect((await session.until('close')).parameters).toEqual({ reason: 'reconnect' });
    expect(second.order).toEqual('open audio update audio audio close'.split(' '));
    expect(second.messages.at(-1)!.position).toBe('PT0.6S');
    expect(server.sessions).toHaveLength(2);
  });

  it('reconnect, twice: no audio is lost between, and all sessions before are named', async () => {
    const duration = 3000;
    const source = speechLikeSource({ seed: 4 });
    const script = [400, 1200].map((at) => ({ at, do: 'reconnect' as const }));
    const { calls, server } = await openCall({ duration, source, script });
    const audio: Buffer[] = [];
    for (const [ordinal, until] of [400, 1200, 3000].entries()) {
      await calls.untilReceived('opened', ordinal + 1);
      await calls.drive(until);
      const session = await server.session(ordinal);
      await session.until('close');
      audio.push(...(await session.untilAudio(0)));
    }
    await calls.finish();
    const whole = source.track({ format: 'PCMU', channels: ['external', 'internal'] }, 1600);
    const expected = Array.from({ length: 15 }, (_, index) => Buffer.from(whole.slice(index * 1600, 1600)));
    expect(Buffer.concat(audio).equals(Buffer.concat(expected))).toBe(true);
    const ids = server.sessions.map(({ messages }) => messages[0]!.id);
    const named = server.sessions[2]!.messages[0]!.parameters['continuedSessions'] as readonly {
      readonly id: string;
    }[];
    expect(named.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect((await calls.results).map(({ continues }) => continues)).toEqual([undefined, ids[0], ids[1]]);
  });

  it('reconnect, at the end: there is nothing to go on with', async () => {
    const { session, calls } = await play([{ at: 1000, do: 'reconnect' }]);
    expect((await session.until('close')).parameters).toEqual({ reason: 'reconnect' });
    expect(await calls.results).toMatchObject([{ outcome: 'closed' }]);
  });

  it('happens in one call where it names one, and at the end where it is then', async () => {
    const { calls, server } = await openCall({
      sessions: 2,
      duration: 400,
      script: [
        { at: 400, do: 'update', language: 'it-IT' },
        { at: 200, session: 1, do: 'update', language: 'es-ES' },
      ],
    });
    await server.session(1);
    await calls.untilReceived('opened', 2);
    await calls.finish();
    const languages = (session: number): unknown[] =>
      calls.exchanged
        .filter((entry) => entry.session === session && (entry.message as Message).type === 'update')
        .map(({ message }) => (message as Message).parameters.language);
    expect(languages(0)).toEqual(['it-IT']);
    expect(languages(1)).toEqual(['es-ES', 'it-IT']);
  });
});

describe('faults of messages', () => {
  it('reorder: two numbers are swapped', async () => {
    const { session } = await play([{ at: 200, fault: 'reorder' }]);
    expect(outOfTurn(session).map(({ type, seq }) => [type, seq])).toEqual([
      ['ping', 3],
      ['ping', 2],
    ]);
  });

  it('oversize: text of more than 64 KiB', async () => {
    const text = await playFault(
      { at: 200, fault: 'oversize' },
      (received) => isText(received) && received.length > 65_536,
    );
    expect(JSON.parse(text as string)).toMatchObject({ type: 'ping', seq: 2 });
  });

  it('oversize-audio: as many bytes of silence as it says', async () => {
    const entry = { at: 200, fault: 'oversize-audio', bytes: 100_000 } as const;
    const audio = await playFault(entry, (received) => !isText(received) && received.length === 100_000);
    expect(new Set(audio as Buffer)).toEqual(new Set([0xff]));
  });

  it('odd-audio: no whole number of samples', async () => {
    const isFault = (received: string | Buffer): boolean => !isText(received) && received.length % 2 === 1;
    expect(await playFault({ at: 200, fault: 'odd-audio' }, isFault)).toHaveLength(3201);
  });

  it('wrong-seq: another number, and the next message has the next', async () => {
    const { session } = await play([
      { at: 200, fault: 'wrong-seq' },
      { at: 400, do: 'update', language: 'nl-NL' },
    ]);
    expect(outOfTurn(session)).toMatchObject([{ type: 'ping', seq: 4 }]);
    expect(await session.until('update')).toMatchObject({ seq: 3 });
  });

  it.each([
    ['wrong-serverseq', { serverseq: 1_000_000 }],
    ['wrong-version', { version: '1' }],
    ['wrong-id', { id: 'ffffffff-ffff-4fff-bfff-ffffffffffff' }],
  ] as const)('%s: nothing else is wrong with it', async (fault, members) => {
    const { session } = await play([{ at: 200, fault }]);
    const { id } = session.messages[0]!;
    expect(session.messages[1]).toMatchObject({ type: 'ping', version: '2', id, seq: 2, serverseq: 1, ...members });
    expect(outOfTurn(session)).toEqual([]);
  });

  it('malformed-json: a message that is cut short', async () => {
    const isFault = (received: string | Buffer): boolean => isText(received) && !received.endsWith('}}');
    const text = (await playFault({ at: 200, fault: 'malformed-json' }, isFault)) as string;
    expect(JSON.parse(`${text}}`)).toMatchObject({ seq: 2 });
  });

  it('invalid-utf8: a byte that stands nowhere in UTF-8', async () => {
    const isFault = (received: string | Buffer): boolean => isText(received) && received.includes('\ufffd');
    await playFault({ at: 200, fault: 'invalid-utf8' }, isFault);
  });

  it('unknown-type and bad-parameters: messages that are otherwise right', async () => {
    const { session } = await play([
      { at: 200, fault: 'unknown-type' },
      { at: 400, fault: 'bad-parameters' },
    ]);
    expect(session.messages.slice(1, 3)).toMatchObject([
      { type: 'whisper', seq: 2, version: '2' },
      { type: 'discarded', seq: 3, parameters: { start: 'now', discarded: -1 } },
    ]);
  });

  it('flood: so many pings at once, each of which may be answered', async () => {
    const { session, result, calls } = await play([{ at: 200, fault: 'flood', messages: 300 }]);
    expect(session.messages.filter(({ type, position }) => type === 'ping' && position === 'PT0.2S')).toHaveLength(300);
    expect(result).toMatchObject({ outcome: 'closed', errors: [] });
    expect(calls.totals).toMatchObject({ pongs: 300, rateLimited: 0 });
  });
});

describe('faults of order', () => {
  it('audio-while-paused: a frame between `paused` and `resumed`', async () => {
    const { session, result } = await play([{ at: 200, fault: 'audio-while-paused' }]);
    expect(session.order.slice(0, 5)).toEqual('open audio paused audio resumed'.split(' '));
    expect((await session.until('resumed')).parameters).toEqual({ start: 'PT0.2S', discarded: 'PT0S' });
    expect(result.audio.messages).toBe(5);
  });

  it('audio-before-opened: a frame right after `open`', async () => {
    let order: readonly string[] = [];
    const { result } = await play([{ at: 0, fault: 'audio-before-opened' }], {
      open: (session, { parameters }) => {
        void session.untilAudio(1).then(() => {
          ({ order } = session);
          session.send('opened', { media: [parameters.media[0]] });
        });
      },
    });
    expect(order).toEqual(['open', 'audio']);
    expect(result.audio.messages).toBe(5);
  });

  it('ignore-pause: audio goes on, without an answer', async () => {
    const { calls, session } = await openCall({ duration: 1000, script: [{ at: 0, fault: 'ignore-pause' }] });
    await calls.drive(200);
    session.send('pause');
    await calls.untilReceived('pause');
    await calls.finish();
    expect(session.order).toEqual('open audio audio audio audio audio close'.split(' '));
  });
});

describe('faults of the connection', () => {
  it('cut: the socket is destroyed', async () => {
    const { session, result } = await play([{ at: 400, fault: 'cut' }]);
    expect(await session.closed).toBe(1006);
    expect(session.order).toEqual('open audio audio'.split(' '));
    expect(result).toMatchObject({ outcome: 'cut', closeCode: 1006 });
  });

  it('stall, for a time: nothing goes out, then all that was held back', async () => {
    const { calls, session } = await openCall({ duration: 3000, script: [{ at: 400, fault: 'stall', for: 1500 }] });
    await calls.drive(900);
    session.send('pause');
    session.send('resume');
    await calls.untilReceived('resume');
    await driveTime(calls.scheduler, 1800);
    expect(session.order).toEqual('open audio audio'.split(' '));
    await calls.drive(2000);
    await session.untilAudio(11);
    expect(session.order.slice(0, 12)).toEqual(
      'open audio audio paused resumed audio audio audio audio audio audio audio'.split(' '),
    );
    await calls.finish();
    expect((await calls.results)[0]).toMatchObject({ outcome: 'closed', audio: { messages: 15, discardedSamples: 0 } });
  });

  it.each(['stall', 'half-open'] as const)(
    '%s, for good: gives up 10 s after the audio would have ended',
    async (fault) => {
      const { calls, session } = await openCall({ duration: 2000, script: [{ at: 400, fault }] });
      await calls.drive(900);
      session.send('event', { entities: [{ type: 'transcript', data: {} }] });
      session.send('pause');
      if (fault === 'stall') await calls.untilReceived('pause');
      await calls.drive(11_900);
      expect(calls.totals.sessions.open).toBe(1);
      expect(session.order).toEqual('open audio audio'.split(' '));
      await calls.drive(12_000);
      expect(await session.closed).toBe(1006);
      const [result] = await calls.results;
      expect(result).toMatchObject({ outcome: 'timeout', events: { transcripts: fault === 'stall' ? 1 : 0 } });
    },
  );

  it('half-open, for a time: reads what came, and sends what was held back', async () => {
    const { calls, session } = await openCall({ duration: 2000, script: [{ at: 400, fault: 'half-open', for: 500 }] });
    await calls.drive(500);
    session.send('pause');
    await calls.drive(800);
    expect(calls.exchanged.filter(({ direction }) => direction === 'received')).toHaveLength(1);
    await calls.drive(900);
    await session.until('paused');
    session.send('resume');
    await calls.finish();
    expect((await calls.results)[0]!.outcome).toBe('closed');
  });

  it('no-open: nothing is said, and a disconnect is answered', async () => {
    const server = await plainServer();
    const calls = drivenCall({ url: server.url, apiKey: 'key', script: [{ at: 0, fault: 'no-open' }] });
    await calls.drive(0);
    const session = await server.session();
    await calls.drive(9000);
    expect(session.received).toEqual([]);
    const id = session.request.headers['audiohook-session-id'];
    const disconnect = { version: '2', id, type: 'disconnect', seq: 1, clientseq: 0, parameters: { reason: 'error' } };
    session.webSocket.send(JSON.stringify(disconnect));
    expect(await session.until('close')).toMatchObject({ seq: 1, parameters: { reason: 'disconnect' } });
  });

  it('no-close: a disconnect has no effect, and the socket stays until it gives up', async () => {
    const { calls, session } = await openCall({ duration: 1000, script: [{ at: 0, fault: 'no-close' }] });
    await calls.drive(200);
    session.send('disconnect', { reason: 'completed' });
    await calls.untilReceived('disconnect');
    await calls.drive(10_700);
    expect(session.order).toEqual('open audio audio audio audio audio'.split(' '));
    await calls.drive(10_800);
    expect(await session.closed).toBe(1006);
    expect(await calls.results).toMatchObject([{ outcome: 'disconnected', disconnect: { reason: 'completed' } }]);
  });
});
