import { createHash } from 'node:crypto';
import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  callAudioHook,
  driveTime,
  speechLikeSource,
  toneSource,
  type AudioHookCallOptions,
  type AudioHookScriptEntry,
  type SentAudio,
} from '../../src/simulator/index.ts';
import { frameTicker } from '../../src/simulator/audiohook/frame-ticker.ts';
import { call, drivenCall, openCall, plainServer } from './audiohook-server.ts';

const sha256 = (parts: readonly Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex');

describe('pace', () => {
  it.each([
    [1, 200],
    [4, 50],
    [0.5, 400],
    [3, 200 / 3],
    [7, 200 / 7],
  ])('%d: frames leave at exact times', async (pace, period) => {
    const times: number[] = [];
    const sent: SentAudio[] = [];
    const { calls } = await openCall({
      pace,
      duration: 2000,
      onAudio: (audio) => {
        times.push(calls.scheduler.frame);
        sent.push(audio);
      },
    });
    await calls.finish();
    // Timers have whole milliseconds; what is lost to that is not lost again.
    expect(times).toEqual(Array.from({ length: 10 }, (_, index) => Math.ceil(index * period)));
    expect(sent.map(({ position }) => position)).toEqual(Array.from({ length: 10 }, (_, index) => index * 1600));
    expect(calls.totals.pacingError!.max).toBeLessThan(1);
  });

  it('has frames of the length that it is told, the last one shorter', async () => {
    const { calls, session } = await openCall({ duration: 1010, frameDuration: 20 });
    await calls.finish();
    const audio = await session.untilAudio(51);
    expect(audio.map(({ length }) => length)).toEqual([...Array.from({ length: 50 }, () => 320), 160]);
  });

  it('spreads sessions over the time from one frame to the next', async () => {
    const times: number[][] = Array.from({ length: 8 }, () => []);
    const server = await plainServer();
    const calls = drivenCall({
      url: server.url,
      apiKey: 'key',
      sessions: 8,
      duration: 1000,
      onAudio: ({ session }) => times[session]!.push(calls.scheduler.frame),
    });
    await calls.drive(0);
    await calls.untilReceived('opened', 8);
    await calls.finish();
    expect(times.map((each) => each[0])).toEqual([0, 25, 50, 75, 100, 125, 150, 175]);
    for (const each of times) expect(each).toEqual(Array.from({ length: 5 }, (_, index) => each[0]! + index * 200));
  });

  it('starts sessions evenly over a time', async () => {
    const server = await plainServer();
    const calls = drivenCall({ url: server.url, apiKey: 'key', sessions: 4, startOver: 1000, duration: 200 });
    const started: number[] = [];
    for (const time of [0, 249, 250, 500, 749, 750]) {
      await calls.drive(time);
      started.push(calls.totals.sessions.started);
    }
    expect(started).toEqual([1, 1, 2, 3, 3, 4]);
    await calls.untilReceived('opened', 4);
    await calls.finish();
    expect((await calls.results).map(({ session }) => session)).toEqual([0, 1, 2, 3]);
  });

  it('Infinity: all at once over real sockets, and not one byte is lost', async () => {
    const server = await plainServer();
    const parts: Uint8Array[][] = [[], [], []];
    const calls = call({
      url: server.url,
      apiKey: 'key',
      sessions: 3,
      pace: Infinity,
      duration: 120_000,
      source: speechLikeSource({ seed: 2 }),
      onAudio: ({ session, data }) => parts[session]!.push(data),
    });
    const results = await calls.results;
    for (const [ordinal, result] of results.entries()) {
      expect(result).toMatchObject({ outcome: 'closed', audio: { messages: 600, bytes: 1_920_000, samples: 960_000 } });
      const session = server.sessions.find(({ messages }) => messages[0]!.id === result.sessionId)!;
      expect(result.sha256).toBe(sha256(await session.untilAudio(600)));
      expect(result.sha256).toBe(sha256(parts[ordinal]!));
    }
    expect(calls.totals).toMatchObject({
      sessions: { started: 3, open: 0, ended: 3 },
      audio: { messages: 1800, bytes: 5_760_000, samples: 2_880_000 },
      messages: { sent: 6, received: 6 },
      pacingError: undefined,
    });
  });

  it('Infinity: waits for a server that does not read', async () => {
    const { calls, session } = await openCall(
      { pace: Infinity, duration: 3_600_000 },
      {
        open: (server, { parameters }) => {
          server.send('opened', { media: [parameters.media[0]] });
          server.webSocket.pause();
        },
      },
    );
    let before = -1;
    for (let time = 1; before !== calls.totals.audio.bytes; time += 50) {
      before = calls.totals.audio.bytes;
      await driveTime(calls.scheduler, time);
    }
    // What the system takes, and what waits for it.
    expect(before).toBeLessThan(16 * 1024 * 1024);
    session.webSocket.resume();
    await session.untilAudio(100);
    await driveTime(calls.scheduler, calls.scheduler.frame + 50);
    expect(calls.totals.audio.bytes).toBeGreaterThan(before);
  });

  it('Infinity: time stands still while the server has paused', async () => {
    const { calls, session } = await openCall(
      { pace: Infinity, duration: 10_000 },
      { open: (server, { parameters }) => server.send('opened', { media: [parameters.media[0]], startPaused: true }) },
    );
    await calls.drive(500);
    expect(session.order).toEqual(['open', 'paused']);
    session.send('resume');
    await calls.untilReceived('resume');
    await calls.finish();
    expect((await calls.results)[0]!.audio).toMatchObject({ samples: 80_000, discardedSamples: 0 });
  });
});

describe('frameTicker', () => {
  it('makes up for what it missed, in order, and is back on time', () => {
    const scheduler = new VirtualTimeScheduler();
    let lag = 0;
    const ticker = frameTicker({ period: 100, catchesUp: true, clock: scheduler, now: () => scheduler.now() + lag });
    const calls: [string, number][] = [];
    ticker.join(0, (due) => calls.push(['a', due]));
    ticker.join(0.5, (due) => calls.push(['b', due]));
    scheduler.maxFrames = 60;
    scheduler.flush();
    lag = 250;
    scheduler.maxFrames = 110;
    scheduler.flush();
    expect(calls).toEqual([
      ['a', 0],
      ['b', 50],
      ['a', 100],
      ['b', 150],
      ['a', 200],
      ['b', 250],
      ['a', 300],
      ['b', 350],
    ]);
  });

  it('leaves out what it missed, where it is told to', () => {
    const scheduler = new VirtualTimeScheduler();
    let lag = 0;
    const ticker = frameTicker({ period: 1, catchesUp: false, clock: scheduler, now: () => scheduler.now() + lag });
    let calls = 0;
    ticker.join(0, () => (calls += 1));
    scheduler.maxFrames = 0;
    scheduler.flush();
    lag = 1000;
    scheduler.maxFrames = 1;
    scheduler.flush();
    expect(calls).toBe(2);
  });

  it('has no timer once all have left, even from within', () => {
    const scheduler = new VirtualTimeScheduler();
    const ticker = frameTicker({ period: 10, catchesUp: true, clock: scheduler, now: () => scheduler.now() });
    const seen: string[] = [];
    const leaveA = ticker.join(0, () => {
      seen.push('a');
      leaveB();
    });
    const leaveB = ticker.join(0, () => seen.push('b'));
    const leaveC = ticker.join(0, () => {
      seen.push('c');
      if (seen.length > 3) leaveC();
    });
    scheduler.maxFrames = 25;
    scheduler.flush();
    expect(seen).toEqual(['a', 'c', 'a', 'c', 'a']);
    leaveA();
    expect(scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
  });
});

describe('stop', () => {
  it('closes what is open, starts no more, and leaves no socket and no timer', async () => {
    const server = await plainServer();
    const calls = drivenCall({ url: server.url, apiKey: 'key', sessions: 10, startOver: 10_000, duration: 60_000 });
    await calls.drive(3000);
    await calls.untilReceived('opened', 4);
    await calls.drive(3500);
    expect(calls.totals.sessions).toEqual({ started: 4, open: 4, ended: 0 });
    await calls.stop();
    const results = await calls.results;
    expect(results).toHaveLength(4);
    for (const session of server.sessions) {
      expect((await session.until('close')).parameters).toEqual({ reason: 'end' });
      expect(await session.closed).toBe(1000);
    }
    expect(results.every(({ outcome }) => outcome === 'closed')).toBe(true);
    expect(calls.scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
    await calls.stop();
  });

  it('ends at once what can not be closed', async () => {
    const script: AudioHookScriptEntry[] = [
      { at: 0, session: 0, fault: 'stall' },
      { at: 0, session: 1, fault: 'half-open', for: 60_000 },
      { at: 0, session: 2, fault: 'no-close' },
    ];
    const { calls, server } = await openCall({ sessions: 3, duration: 60_000, script });
    await calls.untilReceived('opened', 3);
    await calls.drive(1000);
    await calls.stop();
    expect((await calls.results).map(({ outcome }) => outcome)).toEqual(['cut', 'cut', 'cut']);
    await Promise.all(server.sessions.map(({ closed }) => closed));
    expect(calls.scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
  });

  it('ends a session that waits for its upgrade, and one that has not begun', async () => {
    const server = await plainServer({ upgrade: 0 });
    const calls = drivenCall({ url: server.url, apiKey: 'key' });
    await calls.drive(0);
    await calls.stop();
    expect(await calls.results).toMatchObject([{ outcome: 'cut' }]);
    const others = drivenCall({ url: server.url, apiKey: 'key' });
    await others.stop();
    expect(await others.results).toEqual([]);
  });

  it('does not go on with another session', async () => {
    const { calls, session, server } = await openCall({ duration: 60_000, script: [{ at: 400, do: 'reconnect' }] });
    await driveTime(calls.scheduler, 400);
    await session.until('close');
    await calls.stop();
    expect(server.sessions).toHaveLength(1);
  });
});

describe('a life in real time', () => {
  it('is over when the audio is, with its round trips and its pacing measured', async () => {
    const server = await plainServer();
    const calls = call({ url: server.url, apiKey: 'key', pace: 4, duration: 4800, sessions: 5 });
    const results = await calls.results;
    expect(results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => 'closed'));
    const { pongs, rtt, pacingError } = calls.totals;
    expect(pongs).toBe(10);
    expect(rtt!.max).toBeGreaterThan(0);
    expect(pacingError!.p50).toBeGreaterThan(0);
    expect(pacingError!.p50).toBeLessThanOrEqual(pacingError!.p99);
  });
});

describe('options', () => {
  const good = { url: 'ws://127.0.0.1:1/', apiKey: 'key' };
  const entry = (value: object): Partial<AudioHookCallOptions> => ({ script: [value as AudioHookScriptEntry] });

  it.each<[Partial<AudioHookCallOptions> | Record<string, unknown>, typeof TypeError | typeof RangeError, string]>([
    [{ url: 'http://a/' }, RangeError, 'callAudioHook: url must be an address that begins with ws:// or wss://'],
    [{ url: 'ws://a/#b' }, RangeError, 'callAudioHook: url must have no fragment'],
    [{ url: 7 }, TypeError, 'callAudioHook: url must be a string, got 7'],
    [{ apiKey: '' }, RangeError, 'callAudioHook: apiKey must be visible ASCII without quotation marks and backslashes'],
    [
      { apiKey: 'a"b' },
      RangeError,
      'callAudioHook: apiKey must be visible ASCII without quotation marks and backslashes',
    ],
    [{ clientSecret: 'no base64!' }, RangeError, 'callAudioHook: clientSecret must be base64'],
    [{ organizationId: 'x' }, RangeError, 'callAudioHook: organizationId must be a UUID'],
    [{ sessions: 0 }, RangeError, 'callAudioHook: sessions must be an integer from 1 to 1000000, got 0'],
    [{ sessions: Infinity }, RangeError, 'callAudioHook: sessions must be an integer from 1 to 1000000, got Infinity'],
    [{ startOver: -1 }, RangeError, 'callAudioHook: startOver must be a number of milliseconds from 0, got -1'],
    [{ pace: 0 }, RangeError, 'callAudioHook: pace must be a number from 0.001 to 1000, or Infinity, got 0'],
    [{ pace: '1' }, TypeError, 'callAudioHook: pace must be a number from 0.001 to 1000, or Infinity, got "1"'],
    [{ frameDuration: 1.5 }, RangeError, 'callAudioHook: frameDuration must be an integer from 1 to 1000, got 1.5'],
    [{ source: {} }, TypeError, 'callAudioHook: source must be a source, such as toneSource()'],
    [{ media: [] }, RangeError, 'callAudioHook: media must have at least one entry'],
    [
      { media: [{ format: 'MP3', channels: ['external'] }] },
      RangeError,
      'callAudioHook: media[0].format must be one of PCMU, L16, got "MP3"',
    ],
    [
      { media: [{ format: 'PCMU', channels: [] }] },
      RangeError,
      'callAudioHook: media[0].channels must be external, internal, or both',
    ],
    [
      { media: [{ format: 'PCMU', channels: ['external'], rate: 16_000 }] },
      RangeError,
      'callAudioHook: media[0].rate must be 8000',
    ],
    [{ handshake: 'expired-signature' }, TypeError, 'callAudioHook: handshake expired-signature needs a clientSecret'],
    [{ sesions: 3 }, TypeError, 'callAudioHook: options has no member "sesions"'],
    [{ scheduler: {} }, TypeError, 'callAudioHook: scheduler must be a scheduler of RxJS'],
    [entry({ at: 0 }), TypeError, 'callAudioHook: script[0] must have either do or fault'],
    [entry({ at: 0, do: 'ping', fault: 'cut' }), TypeError, 'callAudioHook: script[0] must have either do or fault'],
    [entry({ at: 0, do: 'dance' }), RangeError, 'callAudioHook: script[0].do must be one of pause, discard,'],
    [entry({ at: 0, fault: 'toString' }), RangeError, 'callAudioHook: script[0].fault must be one of cut,'],
    [
      entry({ at: -1, do: 'ping' }),
      RangeError,
      'callAudioHook: script[0].at must be a number of milliseconds from 0, got -1',
    ],
    [entry({ at: 0, do: 'ping', for: 3 }), TypeError, 'callAudioHook: script[0] has no member "for"'],
    [entry({ at: 0, do: 'pause' }), TypeError, 'callAudioHook: script[0].for must be a number of milliseconds above 0'],
    [entry({ at: 1, fault: 'no-open' }), RangeError, 'callAudioHook: script[0].at must be 0 for no-open, got 1'],
    [
      entry({ at: 0, fault: 'flood', messages: 0 }),
      RangeError,
      'callAudioHook: script[0].messages must be an integer from 1',
    ],
    [
      entry({ at: 0, fault: 'stall', for: -1 }),
      RangeError,
      'callAudioHook: script[0].for must be a number of milliseconds above 0',
    ],
    [entry({ at: 0, do: 'send', message: {} }), TypeError, 'callAudioHook: script[0].message.type must be a string'],
  ])('%j', (options, error, message) => {
    const act = (): unknown => callAudioHook({ ...good, ...options });
    expect(act).toThrow(error);
    expect(act).toThrow(message);
  });

  it('shows no secret', () => {
    for (const options of [
      { clientSecret: 'hush hush' },
      { apiKey: 'hush hush' },
      { clientSecret: 5 as never },
    ] as const) {
      try {
        callAudioHook({ ...good, ...options });
        expect.unreachable();
      } catch (error) {
        expect(String(error)).not.toContain('hush');
      }
    }
  });

  it('takes the length of the audio from the source that has an end', async () => {
    const source = {
      samples: 800,
      track: (...asked: Parameters<ReturnType<typeof toneSource>['track']>) => toneSource().track(...asked),
    };
    const { calls, session } = await openCall({ source });
    await calls.finish();
    expect(session.messages.at(-1)).toMatchObject({ type: 'close', position: 'PT0.1S' });
  });
});
