import fc from 'fast-check';
import { concat, NEVER, of, Subject, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { isRejected } from '../../operators/frame.ts';
import type { ServerMessage } from '../../src/genesys/audiohook/server-message.ts';
import type { Acceptance } from '../../src/genesys/audiohook/session-settings.ts';
import type { AudioHookSession, SessionOffer } from '../../src/genesys/audiohook/session.ts';
import { MONO, NULL_UUID, OPEN, ORGANIZATION, SESSION, SOMEBODY_ELSE, STEREO } from './client-messages.ts';
import { DrivenSession } from './driven-session.ts';

/** All that an Observable gives, in the order of a common list. */
function noted(log: unknown[], name: string, source$: Observable<unknown>): void {
  source$.subscribe({
    next: (value) => log.push([name, value]),
    error: (error: unknown) => log.push([name, 'failed', error]),
    complete: () => log.push([name, 'complete']),
  });
}

/** The events of a session so far. */
function eventsOf(session: AudioHookSession): readonly unknown[] {
  const events: unknown[] = [];
  session.events$.subscribe((event) => events.push(event));
  return events;
}

/** Everything is over, and nothing is left. */
function expectOver(driven: DrivenSession): void {
  expect(driven.timers).toBe(0);
  const { log } = driven;
  const before = [...log];
  for (const session of driven.handedOut) {
    session.pause();
    session.resume();
    session.reconnect();
    session.disconnect();
    expect(session.sendEvent({ type: 'test', data: 1 })).toBe(false);
    of(1).pipe(session.holdOpen()).subscribe();
    session.flow.hold(session);
    session.flow.release(session);
  }
  driven.connection.stop();
  driven.sendAudio();
  driven.send('ping');
  driven.connection.ended(1000);
  expect(log).toStrictEqual(before);
  expect(driven.timers).toBe(0);
}

const ended = (driven: DrivenSession) => driven.notices.filter(({ type }) => type === 'ended');

/** Whom the notices are of. */
const WHO = { sessionId: SESSION, organizationId: ORGANIZATION, connectionId: 'c1' };

describe('SessionConnection', () => {
  describe('opening', () => {
    it('gives ten seconds for open, and five more for close', async () => {
      const driven = new DrivenSession();
      await driven.pass(9_999);
      driven.send('ping');
      await driven.pass(60_000);
      expect(driven.log).toStrictEqual(['9999 pong', '10000 disconnect', '15000 close 1002 error']);
      expect(driven.sent[1]!.parameters).toStrictEqual({ reason: 'error', info: 'no open within 10000 ms' });
      driven.connection.ended(1006);
      expect(ended(driven)).toStrictEqual([
        {
          type: 'ended',
          ...WHO,
          how: 'disconnected',
          closeCode: 1006,
          disconnect: { reason: 'error', info: 'no open within 10000 ms' },
        },
      ]);
      expectOver(driven);
    });

    it('does not open one that comes too late', async () => {
      const driven = new DrivenSession();
      await driven.pass(10_000);
      driven.send('open');
      await driven.pass();
      expect(driven.log).toStrictEqual(['10000 disconnect']);
      expect(driven.handedOut).toHaveLength(0);
    });

    it('takes the first of the offered media by the caller’s decision, and hands out before opened is sent', async () => {
      const driven = new DrivenSession();
      let before: unknown;
      driven.whenHandedOut = (session) => (before = [session.state, driven.sent.length]);
      const session = await driven.open();
      expect(before).toStrictEqual(['opening', 0]);
      expect(driven.log).toStrictEqual(['0 opened']);
      expect(driven.told).toStrictEqual({ media: [STEREO] });
      expect(session).toMatchObject({
        id: SESSION,
        organizationId: ORGANIZATION,
        conversationId: OPEN.conversationId,
        participant: OPEN.participant,
        language: 'en-US',
        customConfig: {},
        continuedSessions: [],
        offered: [STEREO, MONO],
        media: STEREO,
        isProbe: false,
        connectionId: 'c1',
        state: 'active',
        position: 0,
      });
      expect(driven.notices).toMatchObject([{ type: 'opened', session: { id: SESSION } }]);
    });

    it('tells the languages only where the client asks', async () => {
      const asked = new DrivenSession({ supportedLanguages: ['en-US', 'de-DE'] });
      await asked.open({ ...OPEN, supportedLanguages: true });
      expect(asked.told).toStrictEqual({ media: [STEREO], supportedLanguages: ['en-US', 'de-DE'] });
      const not = new DrivenSession({ supportedLanguages: ['en-US', 'de-DE'] });
      await not.open({ ...OPEN, supportedLanguages: false });
      expect(not.told).toStrictEqual({ media: [STEREO] });
    });

    it('takes what is optional, given or null', async () => {
      const customConfig = { a: { b: 1 } };
      const continuedSessions = [{ id: SOMEBODY_ELSE, serverseq: 3, clientseq: 4 }];
      const given = await new DrivenSession().open({ ...OPEN, customConfig, continuedSessions });
      expect(given).toMatchObject({ customConfig, continuedSessions });
      const nothing = await new DrivenSession().open({
        ...OPEN,
        language: null,
        customConfig: null,
        continuedSessions: null,
      });
      expect(nothing).toMatchObject({ language: undefined, customConfig: {}, continuedSessions: [] });
    });

    it.each<[string, Acceptance, object]>([
      ['another of the offered media', { media: MONO }, { media: [MONO] }],
      ['no audio', { media: undefined }, { media: [] }],
      ['where the audio begins', { media: STEREO, discardTo: 12_000 }, { media: [STEREO], discardTo: 'PT1.5S' }],
    ])('lets accept choose %s', async (_, acceptance, parameters) => {
      for (const accept of [() => acceptance, () => Promise.resolve(acceptance)]) {
        const driven = new DrivenSession({ accept });
        await driven.open();
        expect(driven.told).toStrictEqual(parameters);
      }
    });

    it('waits for accept, and answers pings meanwhile', async () => {
      const driven = new DrivenSession({
        accept: () => new Promise((resolve) => setImmediate(resolve, { media: MONO })),
      });
      driven.send('open');
      driven.send('ping');
      expect(driven.log).toStrictEqual(['0 pong']);
      await driven.pass();
      await driven.pass();
      expect(driven.log).toStrictEqual(['0 pong', '0 opened']);
      expect(driven.sent[1]!.clientseq).toBe(2);
    });

    it.each([
      ['says false', () => false as const],
      ['promises false', () => Promise.resolve(false as const)],
    ])('is unauthorized where accept %s', async (_, accept) => {
      const driven = new DrivenSession({ accept });
      driven.send('open');
      await driven.pass(10_000);
      expect(driven.log).toStrictEqual(['0 disconnect', '5000 close 1008 unauthorized']);
      expect(driven.told).toStrictEqual({ reason: 'unauthorized' });
      expect(driven.handedOut).toHaveLength(0);
      driven.connection.ended(1008);
      expectOver(driven);
    });

    const down = new Error('vault is down: secret');
    it.each<[string, () => unknown, unknown]>([
      [
        'throws',
        () => {
          throw down;
        },
        down,
      ],
      ['fails', () => Promise.reject(down), down],
      ['chooses what was not offered', () => ({ media: { ...STEREO, format: 'L16' } }), expect.any(TypeError)],
      ['chooses other channels', () => ({ media: { ...STEREO, channels: ['internal'] } }), expect.any(TypeError)],
      ['gives null for the media', () => ({ media: null }), expect.any(TypeError)],
      ['gives nothing', () => undefined, expect.any(TypeError)],
      ['gives no whole number to discard to', () => ({ media: STEREO, discardTo: NaN }), expect.any(RangeError)],
      ['gives half a sample to discard to', () => ({ media: STEREO, discardTo: 0.5 }), expect.any(RangeError)],
      ['gives text to discard to', () => ({ media: STEREO, discardTo: 'PT1S' }), expect.any(TypeError)],
      ['gives a negative number to discard to', () => ({ media: STEREO, discardTo: -1 }), expect.any(RangeError)],
    ])('is an error, without details, where accept %s', async (_, accept, cause) => {
      const driven = new DrivenSession({ accept: accept as never });
      driven.send('open');
      await driven.pass();
      expect(driven.log).toStrictEqual(['0 disconnect']);
      expect(driven.told).toStrictEqual({ reason: 'error', info: 'internal error' });
      expect(driven.notices).toStrictEqual([{ type: 'failed', ...WHO, cause }]);
      expect(driven.handedOut).toHaveLength(0);
    });

    it('lets the client close while accept thinks', async () => {
      const answer = new Subject<Acceptance>();
      const driven = new DrivenSession({ accept: () => new Promise((resolve) => answer.subscribe(resolve)) });
      driven.send('open');
      driven.send('close');
      expect(driven.log).toStrictEqual(['0 closed']);
      answer.next({ media: STEREO });
      await driven.pass();
      expect(driven.log).toStrictEqual(['0 closed']);
      driven.connection.ended(1000);
      expect(driven.handedOut).toHaveLength(0);
      expect(ended(driven)).toMatchObject([{ how: 'closed', closeCode: 1000, disconnect: undefined }]);
      expectOver(driven);
    });

    it.each<[string, () => Promise<Acceptance | false>]>([
      ['accepted', () => Promise.resolve({ media: STEREO })],
      ['refused', () => Promise.resolve(false as const)],
      ['failed', () => Promise.reject(new Error('no'))],
    ])('leaves nothing behind where the client is gone before it was %s', async (_, accept) => {
      const driven = new DrivenSession({ accept });
      driven.send('open');
      driven.connection.ended(1006);
      await driven.pass();
      expect(driven.log).toStrictEqual([]);
      expect(driven.handedOut).toHaveLength(0);
      expect(ended(driven)).toMatchObject([{ how: 'lost' }]);
      expectOver(driven);
    });

    it('leaves it to the client to give up where accept never answers', async () => {
      const driven = new DrivenSession({ accept: () => new Promise(() => undefined) });
      driven.send('open');
      await driven.pass(5_000);
      driven.send('error', { code: 408, message: 'no opened' });
      driven.send('close', { reason: 'error' });
      expect(driven.log).toStrictEqual(['5000 closed']);
    });

    it('answers a probe, and does not hand it out', async () => {
      const offers: unknown[] = [];
      const driven = new DrivenSession({
        accept: (offer) => {
          offers.push(offer);
          return { media: undefined };
        },
      });
      driven.send('open', {
        ...OPEN,
        conversationId: NULL_UUID,
        participant: { ...OPEN.participant, id: NULL_UUID },
        media: [],
      });
      await driven.pass();
      driven.send('close');
      expect(offers).toMatchObject([{ isProbe: true, offered: [] }]);
      expect(driven.log).toStrictEqual(['0 opened', '0 closed']);
      expect(driven.handedOut).toHaveLength(0);
      driven.connection.ended(1000);
      expect(driven.notices).toMatchObject([
        { type: 'opened', session: { isProbe: true } },
        { type: 'ended', how: 'closed' },
      ]);
      expectOver(driven);
    });

    it.each([
      ['conversation', { ...OPEN, conversationId: NULL_UUID }],
      ['participant', { ...OPEN, participant: { ...OPEN.participant, id: NULL_UUID } }],
    ])('takes a null %s alone for no probe', async (_, parameters) => {
      const session = await new DrivenSession().open(parameters);
      expect(session.isProbe).toBe(false);
    });

    it('lets the caller disconnect instead of opening', async () => {
      const driven = new DrivenSession();
      driven.whenHandedOut = (session) => session.disconnect('unauthorized', 'not you');
      await driven.open();
      expect(driven.log).toStrictEqual(['0 disconnect']);
      expect(driven.told).toStrictEqual({ reason: 'unauthorized', info: 'not you' });
    });
  });

  describe('frames', () => {
    it('are given to each subscriber from the first', async () => {
      const driven = new DrivenSession({ accept: () => Promise.resolve({ media: MONO }) });
      driven.send('ping');
      driven.send('open');
      driven.send('paused');
      const session = await driven.open();
      const early: unknown[] = [];
      const late: unknown[] = [];
      noted(early, 'early', session.frames$);
      driven.sendAudio(3);
      noted(late, 'late', session.frames$);
      driven.send('update');
      const types = (log: unknown[]) =>
        (log as [string, { kind: string; payloadType: string }][]).map(
          ([, { kind, payloadType }]) => `${kind} ${payloadType}`,
        );
      const before = ['parsed ping', 'parsed open', 'rejected paused', 'rejected open'];
      expect(types(early)).toStrictEqual([...before, 'parsed audio', 'parsed update']);
      expect(types(late)).toStrictEqual([...before, 'parsed update']);
    });

    it('are each given once, with the notice of those that were rejected', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const outcomes: unknown[] = [];
      session.frames$.subscribe((outcome) => outcomes.push(isRejected(outcome) ? outcome.reason : outcome.payloadType));
      driven.sendAudio();
      driven.sendText('nonsense');
      driven.send('ping');
      expect(outcomes).toStrictEqual(['open', 'audio', 'malformed-json', 'ping']);
      expect(driven.notices.filter(({ type }) => type === 'rejected')).toMatchObject([
        { sessionId: SESSION, frame: { reason: 'malformed-json' } },
      ]);
    });

    it('may have up to 65,535 bytes of text, and more of audio', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const reasons: unknown[] = [];
      session.frames$.subscribe((outcome) => reasons.push(isRejected(outcome) ? outcome.reason : 'ok'));
      reasons.length = 0;
      const length = 'x'.repeat(65_535 - 2);
      driven.sendAudio(65_536);
      driven.sendText(`"${length}"`);
      driven.sendText(`"${length}x"`);
      // Bytes, not characters.
      driven.sendText(`"${'é'.repeat(40_000)}"`);
      expect(reasons).toStrictEqual(['ok', 'unknown-type', 'oversize', 'oversize']);
    });

    it('come with their audio also as media, with its position', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const positions: number[] = [];
      session.media$.subscribe(({ position, samples }) => positions.push(position, samples));
      driven.sendAudio(320);
      driven.send('discarded', { start: 'PT0.02S', discarded: 'PT1S' });
      driven.sendAudio(160);
      expect(positions).toStrictEqual([0, 160, 8160, 80]);
      expect(session.position).toBe(8240);
    });
  });

  describe('events', () => {
    it('say what the client said', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const events = eventsOf(session);
      driven.send('ping', {});
      driven.send('ping', { rtt: 'PT0.25S' });
      driven.send('paused');
      driven.send('resumed', { start: 'PT1S', discarded: 'PT0.5S' });
      driven.send('discarded', { start: 'PT2S', discarded: 'PT.25S' });
      driven.send('update', { language: 'de-DE' });
      driven.send('error', { code: 500, message: 'oh' });
      driven.send('error', { code: 429, message: 'slower', retryAfter: 'PT1.5S' });
      driven.send('close', { reason: 'end' });
      expect(events).toStrictEqual([
        { type: 'ping', rtt: 250 },
        { type: 'paused' },
        { type: 'resumed', position: 8_000, samples: 4_000 },
        { type: 'discarded', position: 16_000, samples: 2_000 },
        { type: 'updated', language: 'de-DE' },
        { type: 'error', code: 500, message: 'oh', retryAfter: undefined },
        { type: 'error', code: 429, message: 'slower', retryAfter: 1_500 },
        { type: 'closing', reason: 'end' },
      ]);
      expect(session.language).toBe('de-DE');
    });
  });

  describe('the end', () => {
    const everything = (session: AudioHookSession) => {
      const log: unknown[] = [];
      noted(log, 'media', session.media$);
      noted(log, 'events', session.events$);
      noted(log, 'frames', session.frames$);
      log.length = 0;
      return log;
    };

    it('is closing, the end of the media, and ended as the last event', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const log = everything(session);
      driven.send('close', { reason: 'end' });
      const end = { type: 'ended', how: 'closed', closeCode: 1000, disconnect: undefined };
      expect(log).toStrictEqual([
        ['frames', expect.objectContaining({ payloadType: 'close' })],
        ['events', { type: 'closing', reason: 'end' }],
        ['media', 'complete'],
      ]);
      driven.connection.ended(1000);
      expect(log.slice(3)).toStrictEqual([
        ['events', end],
        ['events', 'complete'],
        ['frames', 'complete'],
      ]);
      expect(driven.notices.at(-1)).toStrictEqual({ ...WHO, ...end });
      expect(driven.log).toStrictEqual(['0 opened', '0 closed']);
      expectOver(driven);
    });

    it('is lost where the connection breaks', async () => {
      const driven = new DrivenSession();
      const log = everything(await driven.open());
      driven.connection.ended(1006);
      const end = { type: 'ended', how: 'lost', closeCode: 1006, disconnect: undefined };
      expect(log).toStrictEqual([
        ['media', 'complete'],
        ['events', end],
        ['events', 'complete'],
        ['frames', 'complete'],
      ]);
      expect(driven.session.state).toBe('closed');
      expectOver(driven);
    });

    it.each(['completed', 'unauthorized', 'error'] as const)(
      'is disconnected where the server said %s',
      async (reason) => {
        const codes = { completed: 1000, unauthorized: 1008, error: 1002 };
        const driven = new DrivenSession();
        const session = await driven.open();
        session.disconnect(reason, 'because');
        await driven.pass(4_000);
        driven.send('close', { reason: 'disconnect' });
        expect(driven.log).toStrictEqual(['0 opened', '0 disconnect', '4000 closed']);
        driven.connection.ended(1000);
        expect(ended(driven)).toMatchObject([{ how: 'disconnected', disconnect: { reason, info: 'because' } }]);
        expectOver(driven);

        const silent = new DrivenSession();
        (await silent.open()).disconnect(reason);
        await silent.pass(5_000);
        expect(silent.log.at(-1)).toBe(`5000 close ${codes[reason]} ${reason}`);
      },
    );

    it('is completed where nothing else is said, once', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      session.disconnect();
      session.disconnect('error');
      driven.connection.stop();
      expect(driven.told).toStrictEqual({ reason: 'completed' });
      expect(driven.log).toStrictEqual(['0 opened', '0 disconnect']);
    });

    it('is brought about where the client does not close its socket after closed', async () => {
      const driven = new DrivenSession({ closeTimeout: 700 });
      await driven.open();
      driven.send('close');
      await driven.pass(60_000);
      expect(driven.log).toStrictEqual(['0 opened', '0 closed', '700 close 1000']);
    });

    it('is brought about where nothing at all is received', async () => {
      const driven = new DrivenSession({ idleTimeout: 1_000 });
      await driven.open();
      await driven.pass(600);
      driven.sendAudio();
      await driven.pass(999);
      expect(driven.log).toStrictEqual(['0 opened']);
      await driven.pass(60_000);
      expect(driven.log).toStrictEqual(['0 opened', '1601 disconnect', '6601 close 1002 error']);
      expect(driven.told).toStrictEqual({ reason: 'error', info: 'nothing was received for 1000 ms' });
      driven.connection.ended(1006);
      expectOver(driven);
    });

    it('is not brought about where this process stood still, and the messages had come', async () => {
      const driven = new DrivenSession({ idleTimeout: 1_000 });
      await driven.open();
      await driven.pass(1_000);
      // What was waiting is read before the next look.
      driven.sendAudio();
      await driven.pass(999);
      expect(driven.log).toStrictEqual(['0 opened']);
    });

    it('completes the streams of a slow one in its order, whoever subscribes late', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      driven.connection.ended(1001);
      const log: unknown[] = [];
      noted(log, 'media', session.media$);
      noted(log, 'events', session.events$);
      expect(log).toStrictEqual([
        ['media', 'complete'],
        ['events', 'complete'],
      ]);
    });

    it('is not disturbed by a consumer that acts while it is told', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const act = () => {
        session.disconnect();
        session.pause();
        session.sendEvent({ type: 'test', data: 1 });
        session.reconnect('x');
      };
      session.media$.subscribe({ complete: act });
      session.events$.subscribe({ next: act, complete: act });
      session.frames$.subscribe({ complete: act });
      driven.connection.ended(1006);
      expect(driven.log).toStrictEqual(['0 opened']);
      expectOver(driven);
    });
  });

  describe('holdOpen', () => {
    const close = async (hold: (session: AudioHookSession) => void) => {
      const driven = new DrivenSession();
      hold(await driven.open());
      await driven.pass(1_000);
      driven.send('close');
      await driven.pass(20_000);
      return driven.log.filter((line) => /closed|event/.test(line));
    };

    it('lets it close at once where nobody holds it', async () => {
      expect(await close(() => undefined)).toStrictEqual(['1000 closed']);
    });

    it('holds it until the last holder is done', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const first = new Subject<number>();
      const second = new Subject<number>();
      const third = new Subject<number>();
      const values: number[] = [];
      first.pipe(session.holdOpen()).subscribe((value) => values.push(value));
      second.pipe(session.holdOpen()).subscribe({ error: () => undefined });
      const unsubscribed = third.pipe(session.holdOpen()).subscribe();
      first.next(1);
      driven.send('close');
      await driven.pass(1_000);
      first.next(2);
      first.complete();
      second.error(new Error('a consumer failed'));
      await driven.pass(1_000);
      expect(driven.log).toStrictEqual(['0 opened']);
      expect(session.sendEvent({ type: 'late', data: 1 })).toBe(true);
      unsubscribed.unsubscribe();
      expect(driven.log).toStrictEqual(['0 opened', '2000 event', '2000 closed']);
      expect(values).toStrictEqual([1, 2]);
      await driven.pass(5_000);
      expect(driven.log.at(-1)).toBe('7000 close 1000');
      driven.connection.ended(1000);
      expectOver(driven);
    });

    it('holds it for eight seconds at most', async () => {
      expect(await close((session) => NEVER.pipe(session.holdOpen()).subscribe())).toStrictEqual(['9000 closed']);
    });

    it('does not close what the client has not closed', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      of(1).pipe(session.holdOpen()).subscribe();
      expect(driven.log).toStrictEqual(['0 opened']);
      expect(session.state).toBe('active');
    });

    it('closes in the moment in which the media end, where that ends the last holder', async () => {
      expect(await close((session) => session.media$.pipe(session.holdOpen()).subscribe())).toStrictEqual([
        '1000 closed',
      ]);
    });

    it('can begin as late as the end of the media', async () => {
      const work = (session: AudioHookSession) => concat(session.media$, NEVER.pipe(session.holdOpen())).subscribe();
      expect(await close(work)).toStrictEqual(['9000 closed']);
    });

    it('is over with the connection', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const holder = NEVER.pipe(session.holdOpen()).subscribe();
      driven.send('close');
      driven.connection.ended(1006);
      holder.unsubscribe();
      expect(driven.log).toStrictEqual(['0 opened']);
      expect(ended(driven)).toMatchObject([{ how: 'closed', closeCode: 1006 }]);
      expectOver(driven);
    });

    it('is not ended by a server that stops', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const holder = NEVER.pipe(session.holdOpen()).subscribe();
      driven.connection.stop();
      driven.send('close', { reason: 'disconnect' });
      await driven.pass(6_000);
      expect(driven.log).toStrictEqual(['0 opened', '0 disconnect']);
      holder.unsubscribe();
      expect(driven.log.at(-1)).toBe('6000 closed');
    });
  });

  describe('pausing', () => {
    it('starts paused where it is wanted as soon as the session is handed out', async () => {
      const driven = new DrivenSession();
      driven.whenHandedOut = (session) => session.pause();
      const session = await driven.open();
      expect(driven.log).toStrictEqual(['0 opened']);
      expect(driven.told).toStrictEqual({ media: [STEREO], startPaused: true });
      session.resume();
      expect(driven.log).toStrictEqual(['0 opened', '0 resume']);
    });

    it('starts paused where the flow is held, and not where that is over', async () => {
      const held = new DrivenSession();
      held.whenHandedOut = ({ flow }) => flow.hold(held);
      await held.open();
      expect(held.told).toMatchObject({ startPaused: true });
      const free = new DrivenSession();
      free.whenHandedOut = ({ flow }) => {
        flow.hold(free);
        flow.release(free);
      };
      await free.open();
      expect(free.told).toStrictEqual({ media: [STEREO] });
      expect(free.log).toStrictEqual(['0 opened']);
    });

    it('asks once, for whatever reasons there are, and resumes when the last is gone', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      const told = () => driven.log.splice(0).map((line) => line.split(' ')[1]);
      told();
      session.pause();
      session.pause();
      session.flow.hold(driven);
      expect(told()).toStrictEqual(['pause']);
      session.resume();
      session.resume();
      expect(told()).toStrictEqual([]);
      session.flow.release(driven);
      expect(told()).toStrictEqual(['resume']);
      session.flow.hold(driven);
      session.pause();
      session.flow.release(driven);
      session.resume();
      expect(told()).toStrictEqual(['pause', 'resume']);
    });

    it('insists where the client resumes by itself', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      session.pause();
      driven.send('paused');
      driven.send('resumed');
      expect(driven.log).toStrictEqual(['0 opened', '0 pause', '0 pause']);
      session.resume();
      driven.send('resumed');
      expect(driven.log).toStrictEqual(['0 opened', '0 pause', '0 pause', '0 resume']);
    });

    it('does not let the client go on for long: five seconds of audio', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      session.pause();
      driven.sendAudio(2 * 5 * 8_000);
      expect(driven.log).toStrictEqual(['0 opened', '0 pause']);
      driven.sendAudio();
      expect(driven.log.at(-1)).toBe('0 disconnect');
      expect(driven.told).toStrictEqual({ reason: 'error', info: 'there was audio long after pause' });
    });

    it('insists where the client has gone on, and counts on', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      session.pause();
      driven.sendAudio(2 * 5 * 8_000);
      driven.send('paused');
      driven.send('resumed');
      expect(driven.log).toStrictEqual(['0 opened', '0 pause', '0 pause']);
      driven.sendAudio();
      expect(driven.log.at(-1)).toBe('0 disconnect');
    });

    it('asks no more than five times a second, however often the flow is held', async () => {
      const driven = new DrivenSession();
      const { flow } = await driven.open();
      const holder = {};
      for (let count = 0; count < 2_000; count += 1) {
        flow.hold(holder);
        flow.release(holder);
        await driven.pass(5);
        if (count % 1_000 === 0) driven.send('ping');
      }
      const asked = driven.log.filter((line) => /(?:pause|resume)$/.test(line));
      expect(asked.length).toBeLessThanOrEqual(25 + 10 * 5);
      expect(asked.at(-1)).toMatch(/resume$/);
    });

    it('lets audio come again after resume', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      session.pause();
      await driven.pass(4_000);
      session.resume();
      await driven.pass(4_000);
      driven.sendAudio();
      expect(session.position).toBe(1);
      expect(session.state).toBe('active');
    });

    it('takes no audio between paused and resumed', async () => {
      const driven = new DrivenSession();
      await driven.open();
      driven.send('paused');
      driven.sendAudio();
      expect(driven.told).toMatchObject({ reason: 'error' });
    });
  });

  describe('what is sent', () => {
    const sentEvents = (driven: DrivenSession) =>
      driven.sent
        .filter((message): message is ServerMessage<'event'> => message.type === 'event')
        .map(({ parameters }) => parameters.entities.map(({ data }) => data));

    it('is 25 messages at once with what else was sent, then a message of all that wait', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      for (let data = 0; data < 30; data += 1) expect(session.sendEvent({ type: 'n', data })).toBe(true);
      expect(sentEvents(driven)).toHaveLength(24);
      await driven.pass(199);
      expect(sentEvents(driven)).toHaveLength(24);
      await driven.pass(1);
      expect(sentEvents(driven).slice(24)).toStrictEqual([[24, 25, 26, 27, 28, 29]]);
      expect(driven.log.at(-1)).toBe('200 event');
      session.sendEvent({ type: 'n', data: 30 });
      await driven.pass(1_000);
      expect(driven.log.at(-1)).toBe('400 event');
      expect(driven.timers).toBe(1);
    });

    it('waits where the client says 429, for as long as it says, or for a second', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      driven.send('error', { code: 429, message: 'slower', retryAfter: 'PT3S' });
      session.sendEvent({ type: 'n', data: 1 });
      session.sendEvent({ type: 'n', data: 2 });
      await driven.pass(3_500);
      expect(sentEvents(driven)).toStrictEqual([[1, 2]]);
      expect(driven.log.slice(1)).toStrictEqual(['3000 event']);
      driven.send('error', { code: 429, message: 'slower' });
      session.sendEvent({ type: 'n', data: 3 });
      await driven.pass(1_500);
      expect(driven.log.at(-1)).toBe('4500 event');
    });

    it('does not wait where the error is another', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      driven.send('error', { code: 503, message: 'busy', retryAfter: 'PT3S' });
      session.sendEvent({ type: 'n', data: 1 });
      expect(driven.log.at(-1)).toBe('0 event');
    });

    it('is sent before closed, whatever waits', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      driven.send('error', { code: 429, message: 'slower', retryAfter: 'PT30S' });
      session.sendEvent({ type: 'n', data: 1 });
      session.sendEvent({ type: 'n', data: 2 });
      driven.send('close');
      expect(driven.log).toStrictEqual(['0 opened', '0 event', '0 closed']);
      expect(sentEvents(driven)).toStrictEqual([[1, 2]]);
      expect(session.sendEvent({ type: 'n', data: 3 })).toBe(false);
    });

    it('is still what was found out of the last audio, after the server said completed', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      session.disconnect('completed');
      driven.sendAudio();
      expect(session.sendEvent({ type: 'n', data: 1 })).toBe(true);
      driven.send('close');
      expect(driven.log).toStrictEqual(['0 opened', '0 disconnect', '0 event', '0 closed']);
    });

    it('is nothing any more where the connection ended while events waited', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      for (let data = 0; data < 30; data += 1) session.sendEvent({ type: 'n', data });
      const { length } = driven.log;
      driven.connection.ended(1006);
      expect(driven.timers).toBe(0);
      await driven.pass(1_000);
      expect(driven.log).toHaveLength(length);
      expectOver(driven);
    });

    it('is nothing before opened, and no event once it was told to end for another reason', async () => {
      const driven = new DrivenSession();
      const results: boolean[] = [];
      driven.whenHandedOut = (one) => results.push(one.sendEvent({ type: 'n', data: 0 }));
      const session = await driven.open();
      session.disconnect('error');
      results.push(session.sendEvent({ type: 'n', data: 1 }));
      expect(results).toStrictEqual([false, false]);
      expect(driven.log).toStrictEqual(['0 opened', '0 disconnect']);
    });

    it('is reconnect, where the caller wants it', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      session.reconnect('the other one');
      expect(driven.told).toStrictEqual({ info: 'the other one' });
      expect(session.state).toBe('active');
    });
  });

  describe('a flood', () => {
    it('may be as many messages as four seconds have at once, and then is told once and cut', async () => {
      const driven = new DrivenSession({ maxMessagesPerSecond: 5 });
      const session = await driven.open();
      const reasons: string[] = [];
      session.frames$.subscribe((outcome) => reasons.push(isRejected(outcome) ? outcome.reason : 'ok'));
      for (let count = 0; count < 19; count += 1) driven.sendAudio();
      expect(driven.log).toStrictEqual(['0 opened']);
      driven.sendAudio();
      expect(driven.told).toStrictEqual({ reason: 'error', info: 'at most 5 messages a second are allowed' });
      driven.sendAudio();
      expect(driven.log).toStrictEqual(['0 opened', '0 disconnect', '0 terminate']);
      expect(reasons).toHaveLength(22);
      expect(reasons.slice(20)).toStrictEqual(['rate', 'rate']);
    });

    it('is not what comes at the rate that is allowed', async () => {
      const driven = new DrivenSession({ maxMessagesPerSecond: 5 });
      await driven.open();
      for (let count = 0; count < 100; count += 1) {
        driven.sendAudio();
        await driven.pass(200);
      }
      expect(driven.log).toStrictEqual(['0 opened']);
    });

    it('is what comes faster than allowed after that', async () => {
      const driven = new DrivenSession({ maxMessagesPerSecond: 5 });
      await driven.open();
      for (let count = 0; count < 19; count += 1) driven.sendAudio();
      await driven.pass(200);
      driven.sendAudio();
      await driven.pass(199);
      expect(driven.log).toStrictEqual(['0 opened']);
      driven.sendAudio();
      expect(driven.log.at(-1)).toBe('399 disconnect');
    });

    it('is more than a hundred messages before opened', () => {
      const driven = new DrivenSession({ accept: () => new Promise(() => undefined) });
      driven.send('open');
      for (let count = 0; count < 99; count += 1) driven.send('ping');
      expect(driven.sent.every(({ type }) => type === 'pong')).toBe(true);
      driven.send('ping');
      expect(driven.told).toStrictEqual({
        reason: 'error',
        info: 'at most 100 messages, 131072 bytes, before opened are allowed',
      });
      for (let count = 0; count < 900; count += 1) driven.send('ping');
      expect(driven.log.at(-1)).toBe('0 terminate');
    });

    it('is 128 KiB before opened', () => {
      const driven = new DrivenSession({ accept: () => new Promise(() => undefined) });
      driven.send('open');
      driven.send('ping', { note: 'x'.repeat(60_000) });
      driven.send('ping', { note: 'x'.repeat(60_000) });
      expect(driven.sent.every(({ type }) => type === 'pong')).toBe(true);
      driven.send('ping', { note: 'x'.repeat(60_000) });
      expect(driven.told).toMatchObject({ info: 'at most 100 messages, 131072 bytes, before opened are allowed' });
    });

    it('is more than 1,024,000 bytes a second, in the mean of four', async () => {
      const driven = new DrivenSession({ maxMessagesPerSecond: 250 });
      await driven.open();
      for (let count = 0; count < 4; count += 1) driven.sendAudio(1_000_000);
      expect(driven.log).toStrictEqual(['0 opened']);
      driven.sendAudio(200_000);
      expect(driven.told).toStrictEqual({ reason: 'error', info: 'at most 1024000 bytes a second are allowed' });
    });

    it('is not many messages after opened', async () => {
      const driven = new DrivenSession();
      await driven.open();
      for (let count = 0; count < 300; count += 1) driven.sendAudio();
      expect(driven.log).toStrictEqual(['0 opened']);
    });
  });

  describe('what the caller asks for', () => {
    it('is checked before anything changes', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      expect(() => session.disconnect('error', 5n as unknown as string)).toThrow(TypeError);
      expect(() => session.reconnect({} as unknown as string)).toThrow(TypeError);
      expect(() => session.disconnect('over' as 'error')).toThrow(RangeError);
      expect(driven.log).toStrictEqual(['0 opened']);
      expect(session.state).toBe('active');
    });

    it('is said in one line of at most 200 characters', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      session.disconnect('error', `no\u001b[31m\n${'x'.repeat(100_000)}`);
      expect(driven.told).toStrictEqual({ reason: 'error', info: `no\ufffd[31m\ufffd${'x'.repeat(191)}…` });
    });

    it('sends no event after a disconnect for an error', async () => {
      const driven = new DrivenSession();
      const session = await driven.open();
      for (let count = 0; count < 40; count += 1) session.sendEvent({ type: 't', data: count });
      const before = driven.sent.filter(({ type }) => type === 'event').length;
      session.disconnect('error');
      await driven.pass(4_000);
      driven.send('close', { reason: 'disconnect' });
      expect(driven.sent.filter(({ type }) => type === 'event')).toHaveLength(before);
      expect(driven.sent.at(-1)?.type).toBe('closed');
    });

    it('is a choice of what was offered, and goes out as it was offered', async () => {
      const accept = ({ offered: [first] }: SessionOffer) => ({ media: { ...first!, rate: 16_000 } as never });
      const driven = new DrivenSession({ accept });
      await driven.open();
      expect(driven.sent[0]).toMatchObject({ type: 'opened', parameters: { media: [{ rate: 8_000 }] } });
    });
  });

  it('lets a probe have no audio', async () => {
    const probe = { ...OPEN, conversationId: NULL_UUID, participant: { ...OPEN.participant, id: NULL_UUID } };
    const driven = new DrivenSession();
    driven.send('open', probe);
    await driven.pass(0);
    driven.sendAudio(0);
    expect(driven.log).toStrictEqual(['0 opened']);
    driven.sendAudio(2);
    expect(driven.told).toStrictEqual({ reason: 'error', info: 'a probe has no audio' });
  });

  describe('whatever happens', () => {
    const wrongMessages: readonly ((driven: DrivenSession) => void)[] = [
      (driven) => driven.sendText('{'),
      (driven) => driven.send('ping', {}, { seq: 99 }),
      (driven) => driven.send('ping', {}, { serverseq: 99 }),
      (driven) => driven.send('ping', {}, { id: SOMEBODY_ELSE }),
      (driven) => driven.send('open'),
      (driven) => driven.sendAudio(3),
      (driven) => driven.sendText('x'.repeat(65_536)),
    ];
    const rightMessages: readonly ((driven: DrivenSession) => void)[] = [
      ...['ping', 'paused', 'resumed', 'discarded', 'update', 'error'].map(
        (type) => (driven: DrivenSession) => driven.send(type),
      ),
      (driven) => driven.sendAudio(),
    ];
    const calls: readonly ((session: AudioHookSession, holder: Subject<never>) => void)[] = [
      (session) => session.pause(),
      (session) => session.resume(),
      (session) => session.flow.hold(calls),
      (session) => session.flow.release(calls),
      (session) => {
        for (let data = 0; data < 10; data += 1) session.sendEvent({ type: 'n', data });
      },
      (session) => session.reconnect(),
      (session, holder) => holder.pipe(session.holdOpen()).subscribe(),
      (_, holder) => holder.complete(),
    ];
    type Step = (driven: DrivenSession, holder: Subject<never>) => unknown;
    const steps: fc.Arbitrary<Step> = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...rightMessages) },
      { weight: 1, arbitrary: fc.constantFrom(...wrongMessages) },
      { weight: 1, arbitrary: fc.constant((driven: DrivenSession) => driven.send('close')) },
      {
        weight: 8,
        arbitrary: fc.constantFrom(...calls).map((call) => (driven: DrivenSession, holder: Subject<never>) => {
          for (const session of driven.handedOut) call(session, holder);
        }),
      },
      { weight: 1, arbitrary: fc.constant((driven: DrivenSession) => driven.connection.stop()) },
      {
        weight: 4,
        arbitrary: fc.integer({ min: 0, max: 4_000 }).map((time) => (driven: DrivenSession) => driven.pass(time)),
      },
    );

    it('counts, gives each message one outcome, ends once, and leaves nothing', async () => {
      await fc.assert(
        fc.asyncProperty(fc.boolean(), fc.array(steps, { maxLength: 60 }), async (isOpened, all) => {
          const driven = new DrivenSession();
          const holder = new Subject<never>();
          const outcomes: unknown[] = [];
          const ends: unknown[] = [];
          driven.whenHandedOut = (session) => {
            noted(outcomes, 'frame', session.frames$);
            noted(ends, 'event', session.events$);
          };
          if (isOpened) await driven.open();
          for (const step of all) await step(driven, holder);
          driven.connection.ended(1000);
          await driven.pass();
          const types = driven.sent.map(({ type }) => type);
          expect(driven.sent.map(({ seq }) => seq)).toStrictEqual(types.map((_, index) => index + 1));
          for (const once of ['opened', 'disconnect', 'closed'] as const) {
            expect(types.filter((type) => type === once).length).toBeLessThanOrEqual(1);
          }
          const afterDisconnect = types.includes('disconnect') ? types.slice(types.indexOf('disconnect') + 1) : [];
          const afterClosed = types.includes('closed') ? types.slice(types.indexOf('closed') + 1) : [];
          expect(afterDisconnect.filter((type) => !['pong', 'event', 'closed'].includes(type))).toStrictEqual([]);
          expect(afterClosed.filter((type) => type !== 'pong')).toStrictEqual([]);
          if (driven.handedOut.length > 0) {
            expect(outcomes).toHaveLength(driven.received + 1);
            expect(ends.at(-1)).toStrictEqual(['event', 'complete']);
            expect(ends.at(-2)).toMatchObject(['event', { type: 'ended' }]);
          }
          expect(ended(driven)).toHaveLength(1);
          expectOver(driven);
        }),
        { numRuns: 150 },
      );
    });
  });
});
