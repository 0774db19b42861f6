import { describe, expect, it } from 'vitest';
import { driveTime, type AudioHookCallOptions, type CallResult } from '../../src/simulator/index.ts';
import {
  drivenCall,
  openCall,
  plainServer,
  type Answers,
  type DrivenCalls,
  type ServerSession,
} from './audiohook-server.ts';

async function opening(options: Partial<AudioHookCallOptions> = {}, answers: Answers = {}) {
  const server = await plainServer(answers);
  const calls = drivenCall({ url: server.url, apiKey: 'key', ...options });
  await calls.drive(0);
  const session = await server.session();
  const open = await session.until('open');
  return { server, calls, session, open };
}

/** What the client says when the server sends that. */
async function reaction(
  options: Partial<AudioHookCallOptions>,
  send: (session: ServerSession) => void,
  type = 'error',
): Promise<{
  readonly said: unknown;
  readonly result: CallResult;
  readonly session: ServerSession;
  readonly calls: DrivenCalls;
}> {
  const { calls, session } = await openCall(options);
  send(session);
  const said = (await session.until(type)).parameters as unknown;
  await calls.finish();
  return { said, result: (await calls.results)[0]!, session, calls };
}

describe('a session that opens', () => {
  it('says who and what it is in `open`', async () => {
    const { open, session } = await opening({
      organizationId: 'd7934305-0972-4844-938e-9060eef73d05',
      language: 'en-US',
      supportedLanguages: true,
      customConfig: { a: 1 },
      seed: 7,
    });
    expect(open).toMatchObject({ version: '2', type: 'open', seq: 1, serverseq: 0, position: 'PT0S' });
    expect(open.id).toBe(session.request.headers['audiohook-session-id']);
    expect(open.parameters).toMatchObject({
      organizationId: 'd7934305-0972-4844-938e-9060eef73d05',
      language: 'en-US',
      supportedLanguages: true,
      customConfig: { a: 1 },
      media: [
        { type: 'audio', format: 'PCMU', channels: ['external', 'internal'], rate: 8000 },
        { type: 'audio', format: 'PCMU', channels: ['external'], rate: 8000 },
        { type: 'audio', format: 'PCMU', channels: ['internal'], rate: 8000 },
      ],
    });
    expect(open.parameters).not.toHaveProperty('continuedSessions');
  });

  it('has the same ids with the same seed, and others without', async () => {
    const ids = [];
    for (const options of [{ seed: 3 }, { seed: 3 }, {}, {}]) ids.push((await opening(options)).open.id);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it('sends audio only once it is open, and closes at its end', async () => {
    const { calls, session } = await openCall({ duration: 500 });
    await calls.finish();
    expect(session.order).toEqual(['open', 'audio', 'audio', 'audio', 'close']);
    expect(session.messages.at(-1)).toMatchObject({ parameters: { reason: 'end' }, position: 'PT0.5S' });
    expect(await session.closed).toBe(1000);
    const [result] = await calls.results;
    expect(result).toMatchObject({
      outcome: 'closed',
      closeCode: 1000,
      audio: { messages: 3, bytes: 8000, samples: 4000, discardedSamples: 0 },
      opened: { media: [{ format: 'PCMU', channels: ['external', 'internal'] }] },
      errors: [],
    });
  });

  it('lets time pass without audio where the server selects no media', async () => {
    const { calls, session } = await openCall(
      { duration: 600 },
      { open: (server) => server.send('opened', { media: [] }) },
    );
    await calls.finish();
    expect(session.order).toEqual(['open', 'close']);
    expect(session.messages.at(-1)!.position).toBe('PT0.6S');
  });

  it('opens and closes as a probe, without audio', async () => {
    const { calls, session } = await openCall({ probe: true });
    await calls.finish();
    expect(session.order).toEqual(['open', 'close']);
    const zeros = '00000000-0000-0000-0000-000000000000';
    expect(session.messages[0]!.parameters).toMatchObject({ conversationId: zeros, participant: { id: zeros } });
    expect((await calls.results)[0]!.outcome).toBe('closed');
  });

  it('discards up to discardTo and starts paused, where `opened` says so', async () => {
    const { calls, session } = await openCall(
      { duration: 1000 },
      {
        open: (server, { parameters }) =>
          server.send('opened', { media: [parameters.media[1]], discardTo: 'PT0.1S', startPaused: true }),
      },
    );
    await calls.drive(400);
    session.send('resume');
    await calls.untilReceived('resume');
    await calls.finish();
    expect(session.order.slice(0, 5)).toEqual(['open', 'discarded', 'paused', 'resumed', 'audio']);
    expect((await session.until('discarded')).parameters).toEqual({ start: 'PT0S', discarded: 'PT0.1S' });
    expect((await session.until('resumed')).parameters).toEqual({ start: 'PT0.1S', discarded: 'PT0.6S' });
    const [result] = await calls.results;
    expect(result!.audio).toEqual({ messages: 2, bytes: 2400, samples: 2400, discardedSamples: 5600 });
  });
});

describe('a server that does not answer', () => {
  it('is given 10 s for the upgrade', async () => {
    const server = await plainServer({ upgrade: 0 });
    const calls = drivenCall({ url: server.url, apiKey: 'key' });
    await calls.drive(9999);
    expect(calls.totals.sessions).toEqual({ started: 1, open: 0, ended: 0 });
    await calls.drive(10_000);
    expect(await calls.results).toMatchObject([{ outcome: 'timeout' }]);
    expect((await calls.results)[0]).not.toHaveProperty('closeCode');
  });

  it('is given 5 s for `opened`', async () => {
    const { calls, session } = await opening({}, { open: () => undefined });
    await calls.drive(4999);
    expect(session.order).toEqual(['open']);
    await calls.drive(5000);
    expect((await session.until('error')).parameters).toEqual({ code: 408, message: 'Open transaction timeout' });
    expect((await session.until('close')).parameters).toEqual({ reason: 'error' });
    await calls.untilReceived('closed');
    await calls.finish();
    expect(await calls.results).toMatchObject([{ outcome: 'timeout', errors: [{ code: 408 }] }]);
  });

  it('is given 10 s for `closed`', async () => {
    const { calls, session } = await openCall({ duration: 200 }, { close: () => undefined });
    await calls.drive(9999);
    expect(session.order).toEqual(['open', 'audio', 'close']);
    await calls.drive(10_000);
    expect((await session.until('error')).parameters).toEqual({ code: 408, message: 'Close transaction timeout' });
    expect(await session.closed).toBe(1000);
    expect(await calls.results).toMatchObject([{ outcome: 'timeout' }]);
  });

  it('is cut off where it does not answer the closing handshake', async () => {
    const { calls, session } = await openCall({ duration: 200 });
    await calls.drive(0);
    await session.until('close');
    session.webSocket.pause();
    await calls.untilReceived('closed');
    await calls.drive(1999);
    expect(calls.totals.sessions.open).toBe(1);
    await calls.drive(2000);
    expect(await calls.results).toMatchObject([{ outcome: 'closed', closeCode: 1006 }]);
  });

  it('is given until the next ping for `pong`', async () => {
    const { calls, session } = await openCall({ duration: 20_000 }, { ping: () => undefined });
    await driveTime(calls.scheduler, 5999);
    await session.untilAudio(30);
    expect(session.messages.map(({ type }) => type)).toEqual(['open', 'ping']);
    await driveTime(calls.scheduler, 6000);
    expect((await session.until('error')).parameters).toEqual({ code: 408, message: 'Timeout waiting for pong' });
    expect((await session.until('close')).parameters).toEqual({ reason: 'error' });
    expect(await calls.results).toMatchObject([{ outcome: 'timeout' }]);
  });
});

describe('pings', () => {
  it('come 1 s after `opened`, again at once after the first pong, then every 5 s', async () => {
    const times: number[] = [];
    const { calls, session } = await openCall(
      { duration: 17_000 },
      {
        ping: (server, { seq }) => {
          times.push(calls.scheduler.frame);
          server.send('pong', {}, { clientseq: seq });
        },
      },
    );
    await calls.finish();
    expect(times).toEqual([1000, 1000, 6000, 11_000, 16_000]);
    const pings = session.messages.filter(({ type }) => type === 'ping').map(({ parameters }) => parameters as unknown);
    expect(pings).toEqual([{}, ...Array.from({ length: 4 }, () => ({ rtt: 'PT0.000000S' }))]);
    expect(calls.totals).toMatchObject({ pongs: 5, rtt: { p50: 0, p99: 0, max: 0 } });
  });

  it('tell how long the last round trip took', async () => {
    let held: (() => void) | undefined;
    const { calls, session } = await openCall(
      { duration: 3000 },
      {
        ping: (server, { seq }) => {
          held = () => server.send('pong', {}, { clientseq: seq });
        },
      },
    );
    await driveTime(calls.scheduler, 1000);
    await session.until('ping');
    await driveTime(calls.scheduler, 1250);
    held!();
    const second = await session.until('ping', 2);
    expect(second.parameters).toEqual({ rtt: 'PT0.250000S' });
    expect(calls.totals.rtt!.max).toBe(250);
    held!();
    await calls.untilReceived('pong', 2);
    await calls.finish();
  });
});

describe('numbers and positions', () => {
  it('counts its messages without a hole, and says which it has seen and how far the audio is', async () => {
    const { calls, session } = await openCall({ duration: 3000, script: [{ at: 1000, do: 'ping' }] });
    await calls.drive(2000);
    session.send('event', {
      entities: [
        { type: 'transcript', data: {} },
        { type: 'other', data: {} },
      ],
    });
    await calls.untilReceived('event');
    await calls.finish();
    expect(session.messages.map(({ seq }) => seq)).toEqual(session.messages.map((_, index) => index + 1));
    const close = session.messages.at(-1)!;
    expect(close).toMatchObject({ type: 'close', position: 'PT3S' });
    // opened, three pongs, the event
    expect(close.serverseq).toBe(5);
    const [result] = await calls.results;
    expect(result!.events).toMatchObject({
      transcripts: 1,
      others: 1,
      last: [{ type: 'transcript' }, { type: 'other' }],
    });
  });
});

describe('pause and resume', () => {
  it('stops the audio, goes on with the time, and says what was discarded', async () => {
    const { calls, session } = await openCall({ duration: 2000 });
    await calls.drive(400);
    session.send('pause');
    await session.until('paused');
    await calls.drive(1000);
    session.send('resume');
    await session.until('resumed');
    await calls.finish();
    expect((await session.until('paused')).position).toBe('PT0.6S');
    expect(await session.until('resumed')).toMatchObject({
      position: 'PT1.2S',
      parameters: { start: 'PT0.6S', discarded: 'PT0.6S' },
    });
    expect(session.order).toEqual('open audio audio audio paused resumed audio audio audio audio close'.split(' '));
    expect((await calls.results)[0]!.audio).toMatchObject({ samples: 7 * 1600, discardedSamples: 3 * 1600 });
  });

  it('answers each again', async () => {
    const { calls, session } = await openCall({ duration: 2000 });
    for (const type of ['resume', 'pause', 'pause', 'resume', 'resume']) session.send(type);
    await calls.untilReceived('resume', 3);
    await calls.finish();
    expect(session.order.slice(1, 6)).toEqual('resumed paused paused resumed resumed'.split(' '));
    expect((await session.until('resumed', 1)).parameters).toEqual({ start: 'PT0S', discarded: 'PT0S' });
  });

  it('keeps a session paused that has paused itself, and says so', async () => {
    const { calls, session } = await openCall({ duration: 2000, script: [{ at: 200, do: 'pause', for: 1000 }] });
    await calls.drive(400);
    await session.until('paused');
    session.send('pause');
    await session.until('paused', 2);
    session.send('resume');
    await session.until('paused', 3);
    await calls.finish();
    expect(session.order.filter((type) => type !== 'audio')).toEqual(
      'open paused paused paused resumed close'.split(' '),
    );
    expect((await session.until('resumed')).parameters).toEqual({ start: 'PT0.2S', discarded: 'PT1S' });
  });

  it('leaves a session paused that the server has paused, when its own pause is over', async () => {
    const { calls, session } = await openCall({ duration: 2000, script: [{ at: 200, do: 'pause', for: 400 }] });
    await calls.drive(200);
    session.send('pause');
    await session.until('paused', 2);
    await calls.drive(1200);
    expect(session.order).toEqual(['open', 'audio', 'paused', 'paused']);
    session.send('resume');
    expect((await session.until('resumed')).parameters).toEqual({ start: 'PT0.2S', discarded: 'PT1.2S' });
    await calls.finish();
  });
});

describe('what ends a session', () => {
  it('answers `disconnect` with `close`', async () => {
    const send = (session: ServerSession): void => session.send('disconnect', { reason: 'completed', info: 'enough' });
    const { said, result, session } = await reaction({}, send, 'close');
    expect(said).toEqual({ reason: 'disconnect' });
    expect(result).toMatchObject({ outcome: 'disconnected', disconnect: { reason: 'completed', info: 'enough' } });
    expect(session.order.at(-1)).toBe('close');
  });

  it('is not disconnected by a `disconnect` that crosses its `close`', async () => {
    const { calls, session } = await openCall(
      { duration: 200 },
      {
        close: (server) => {
          server.send('disconnect', { reason: 'completed' });
          server.send('closed');
        },
      },
    );
    await calls.finish();
    expect(await calls.results).toMatchObject([{ outcome: 'closed', disconnect: { reason: 'completed' } }]);
    expect(session.order).toEqual(['open', 'audio', 'close']);
  });

  it('goes on with another session of the same conversation after `reconnect`', async () => {
    const { calls, session, server } = await openCall({ duration: 1000 });
    await calls.drive(200);
    session.send('reconnect', {});
    expect((await session.until('close')).parameters).toEqual({ reason: 'reconnect' });
    const second = await server.session(1);
    await calls.untilReceived('opened', 2);
    await calls.finish();
    const [one, two] = [session.messages[0]!, second.messages[0]!];
    expect(two.id).not.toBe(one.id);
    expect(two.seq).toBe(1);
    expect(two.parameters.conversationId).toBe(one.parameters.conversationId);
    expect(second.request.headers['audiohook-correlation-id']).toBe(
      session.request.headers['audiohook-correlation-id'],
    );
    const { seq } = session.messages.at(-1)!;
    expect(two.parameters.continuedSessions).toEqual([{ id: one.id, serverseq: 3, clientseq: seq }]);
    expect(await calls.results).toMatchObject([
      { session: 0, outcome: 'closed', audio: { messages: 2 } },
      { session: 0, outcome: 'closed', continues: one.id, audio: { messages: 3 } },
    ]);
  });

  it.each([400, 401, 403, 429, 500, 503])('reports a refused upgrade: %i', async (upgrade) => {
    const server = await plainServer({ upgrade });
    const calls = drivenCall({ url: server.url, apiKey: 'key' });
    await calls.drive(0);
    const [result] = await calls.results;
    expect(result).toMatchObject({ outcome: 'refused', status: upgrade });
    expect(result).not.toHaveProperty('failure');
  });

  it('reports a server that is not there', async () => {
    const calls = drivenCall({ url: 'ws://127.0.0.1:1/', apiKey: 'key' });
    await calls.drive(0);
    expect(await calls.results).toMatchObject([
      { outcome: 'error', failure: expect.stringContaining('ECONNREFUSED') as string },
    ]);
  });

  it('reports a socket that the server ends', async () => {
    const { calls, session } = await openCall({});
    session.webSocket.close(4000);
    expect(await calls.results).toMatchObject([{ outcome: 'cut', closeCode: 4000 }]);
    const other = await openCall({});
    other.session.webSocket.terminate();
    expect(await other.calls.results).toMatchObject([{ outcome: 'cut', closeCode: 1006 }]);
  });
});

describe('a server that breaks the protocol', () => {
  const cases: Record<string, readonly [code: number, send: (session: ServerSession) => void]> = {
    'a wrong seq': [400, (session) => session.send('pause', {}, { seq: 3 })],
    'the same seq again': [400, (session) => session.send('pause', {}, { seq: 1 })],
    'a clientseq that was not sent': [400, (session) => session.send('pause', {}, { clientseq: 99 })],
    'another id': [400, (session) => session.send('pause', {}, { id: '30b0e395-84d3-4570-ac13-9a62d8f514c0' })],
    'another version': [400, (session) => session.send('pause', {}, { version: '1' })],
    'no parameters': [400, (session) => session.send('pause', {}, { parameters: undefined })],
    'an unknown type': [405, (session) => session.send('sing')],
    "a client's type": [405, (session) => session.send('ping')],
    'text that is no JSON': [400, (session) => session.webSocket.send('{')],
    'JSON that is no object': [400, (session) => session.webSocket.send('[]')],
    'a binary message': [415, (session) => session.webSocket.send(Buffer.alloc(4))],
    'a message over 64 KiB': [413, (session) => session.webSocket.send('x'.repeat(65_537))],
    'a second `opened`': [409, (session) => session.send('opened', { media: [] })],
    '`closed` out of turn': [409, (session) => session.send('closed')],
    'an event without entities': [400, (session) => session.send('event')],
    'a disconnect without a reason': [400, (session) => session.send('disconnect', { reason: 'tired' })],
  };

  it.each(Object.entries(cases))('%s: an error, and the session is closed', async (_, [code, send]) => {
    const { said, result, session } = await reaction({}, send);
    expect(said).toMatchObject({ code });
    expect((await session.until('close')).parameters).toEqual({ reason: 'error' });
    expect(result).toMatchObject({ outcome: 'error', errors: [{ code }] });
  });

  it.each([
    ['media that was not offered', { media: [{ type: 'audio', format: 'L16', channels: ['external'], rate: 8000 }] }],
    [
      'channels in another order',
      { media: [{ type: 'audio', format: 'PCMU', channels: ['internal', 'external'], rate: 8000 }] },
    ],
    [
      'two media',
      {
        media: [
          { type: 'audio', format: 'PCMU', channels: ['external'], rate: 8000 },
          { type: 'audio', format: 'PCMU', channels: ['internal'], rate: 8000 },
        ],
      },
    ],
    ['a discardTo that is no duration', { media: [], discardTo: '1s' }],
  ])('`opened` with %s: error 400', async (_, parameters) => {
    const { calls, session } = await openCall({}, { open: (server) => server.send('opened', parameters) });
    expect((await session.until('error')).parameters).toMatchObject({ code: 400 });
    await session.until('close');
    await calls.finish();
    expect(session.order).toEqual(['open', 'error', 'close']);
  });

  it.each(['pause', 'resume', 'closed'])('`%s` before `opened`: error 409', async (type) => {
    const { calls, session } = await opening({}, { open: (server) => server.send(type) });
    expect((await session.until('error')).parameters).toMatchObject({ code: 409 });
    await calls.finish();
  });

  it('complains of a pong that answers no ping, and goes on', async () => {
    const { calls, session } = await openCall({ duration: 600 });
    session.send('pong');
    expect((await session.until('error')).parameters).toMatchObject({ code: 409 });
    await calls.finish();
    expect(await calls.results).toMatchObject([{ outcome: 'closed', errors: [{ code: 409 }] }]);
  });
});

describe('the rate limit', () => {
  it('lets 25 messages pass in a row and 5 a second, and answers more with error 429', async () => {
    const { calls, session } = await openCall({ duration: 6000 });
    const event = { entities: [{ type: 'transcript', data: {} }] };
    for (let count = 0; count < 25; count += 1) session.send('event', event);
    await calls.untilReceived('event', 25);
    expect(calls.totals.rateLimited).toBe(0);
    for (let count = 0; count < 3; count += 1) session.send('event', event);
    await calls.untilReceived('event', 28);
    expect(calls.totals.rateLimited).toBe(3);
    expect((await session.until('error')).parameters).toEqual({
      code: 429,
      message: 'Too many messages',
      retryAfter: 'PT0.200000S',
    });
    await calls.drive(200);
    session.send('event', event);
    await calls.untilReceived('event', 29);
    expect(calls.totals.rateLimited).toBe(3);
    session.send('event', event);
    await session.until('error', 2);
    await calls.finish();
    const [result] = await calls.results;
    expect(result).toMatchObject({ outcome: 'closed', events: { transcripts: 30 } });
    expect(result!.errors.map(({ code }) => code)).toEqual([429, 429]);
  });

  it('does not count answers, and goes with the pace', async () => {
    const { calls, session } = await openCall({
      duration: 8000,
      pace: 4,
      script: [{ at: 200, fault: 'flood', messages: 40 }],
    });
    await calls.drive(50);
    await calls.untilReceived('pong', 40);
    for (let count = 0; count < 25; count += 1) session.send('pause');
    await calls.untilReceived('pause', 25);
    await calls.drive(100);
    session.send('resume');
    await calls.untilReceived('resume');
    expect(calls.totals.rateLimited).toBe(0);
    await calls.finish();
  });
});
