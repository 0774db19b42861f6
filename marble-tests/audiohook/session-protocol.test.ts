import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRejected, reject, type RejectedFrame } from '../../operators/frame.ts';
import { AudioFrame } from '../../src/genesys/audiohook/audio-frame.ts';
import type { AudioHookFrame, AudioHookMessage } from '../../src/genesys/audiohook/audio-hook-frame.ts';
import type { MediaParameter } from '../../src/genesys/audiohook/media.ts';
import type { ServerMessage } from '../../src/genesys/audiohook/server-message.ts';
import { SessionProtocol, type SessionState } from '../../src/genesys/audiohook/session-protocol.ts';
import { raw } from '../marbles.ts';
import {
  clientMessage,
  LINEAR,
  NULL_UUID,
  OPEN,
  ORGANIZATION,
  outcomeOf,
  SESSION,
  SOMEBODY_ELSE,
} from './client-messages.ts';

/** Both ends of a session: the protocol, and a client that counts as it should. */
class Ends {
  readonly sent: ServerMessage[] = [];
  readonly protocol: SessionProtocol;
  seq = 0;

  constructor(id = SESSION, organizationId = ORGANIZATION) {
    this.protocol = new SessionProtocol(id, organizationId, (message) => this.sent.push(message));
  }

  message(type: string, members: Readonly<Record<string, unknown>> = {}): AudioHookMessage | RejectedFrame {
    this.seq += 1;
    return outcomeOf(raw(clientMessage(type, this.seq, { serverseq: this.sent.length, ...members })));
  }

  receive(type: string, members: Readonly<Record<string, unknown>> = {}): AudioHookFrame | RejectedFrame {
    return this.protocol.receive(this.message(type, members));
  }

  audio(length: number): AudioHookFrame | RejectedFrame {
    return this.protocol.receive(outcomeOf(raw(new Uint8Array(length))));
  }

  opened(media: MediaParameter | undefined = LINEAR): this {
    this.receive('open');
    this.protocol.open(media, {});
    return this;
  }
}

/** How a session gets where it is. `leaving` is `disconnecting` for `completed`, while there was audio. */
const WAYS = {
  preparing: (ends: Ends) => ends,
  opening: (ends: Ends) => ends.receive('open'),
  active: (ends: Ends) => ends.opened(),
  paused: (ends: Ends) => ends.opened().receive('paused'),
  closing: (ends: Ends) => ends.opened().receive('close'),
  closed: (ends: Ends) => {
    ends.opened().receive('close');
    ends.protocol.closed();
  },
  disconnecting: (ends: Ends) => ends.opened().protocol.disconnect('error', 'a test'),
  leaving: (ends: Ends) => ends.opened().protocol.disconnect('completed'),
} as const satisfies Record<string, (ends: Ends) => unknown>;
type Place = keyof typeof WAYS;

/** Everything that a client may send, right or wrong. */
const MESSAGES: Readonly<Record<string, (ends: Ends) => AudioHookFrame | RejectedFrame>> = {
  open: (ends) => ends.receive('open'),
  close: (ends) => ends.receive('close'),
  ping: (ends) => ends.receive('ping'),
  paused: (ends) => ends.receive('paused'),
  resumed: (ends) => ends.receive('resumed'),
  discarded: (ends) => ends.receive('discarded'),
  update: (ends) => ends.receive('update'),
  error: (ends) => ends.receive('error'),
  audio: (ends) => ends.audio(8),
  'empty audio': (ends) => ends.audio(0),
  'odd audio': (ends) => ends.audio(6),
  'no JSON': (ends) => ends.protocol.receive(outcomeOf(raw('{"version":"2",'))),
  'no UTF-8': (ends) => ends.protocol.receive(outcomeOf(raw([0x22, 0xff, 0x22], { isBinary: false }))),
  'other type': (ends) => ends.receive('opened'),
  'type audio': (ends) => ends.receive('audio'),
  'no parameters': (ends) => ends.receive('close', { parameters: {} }),
  'other version': (ends) => ends.receive('ping', { version: '1' }),
  'seq again': (ends) => ends.receive('ping', { seq: ends.seq }),
  'seq left out': (ends) => ends.receive('ping', { seq: ends.seq + 2 }),
  'serverseq ahead': (ends) => ends.receive('ping', { serverseq: ends.sent.length + 1 }),
  'other id': (ends) => ends.receive('ping', { id: SOMEBODY_ELSE }),
  'other organisation': (ends) => ends.receive('open', { parameters: { ...OPEN, organizationId: SOMEBODY_ELSE } }),
  'start too far': (ends) =>
    ends.receive('discarded', { parameters: { start: 'PT999999999999999S', discarded: 'PT999999999999999S' } }),
  oversize: (ends) => ends.protocol.receive(reject(raw('"…"'), 'audio-hook', 'oversize', 'too long')),
};

/** Everything that the server may do. */
const CALLS: Readonly<Record<string, (ends: Ends) => unknown>> = {
  open: ({ protocol }) => protocol.open(LINEAR, {}),
  closed: ({ protocol }) => protocol.closed(),
  pause: ({ protocol }) => protocol.pause(),
  resume: ({ protocol }) => protocol.resume(),
  reconnect: ({ protocol }) => protocol.reconnect('elsewhere'),
  'tell if it may': ({ protocol }) => {
    if (protocol.tells) protocol.tell([{ type: 'test', data: null }]);
  },
  'disconnect error': ({ protocol }) => protocol.disconnect('error', 'a test'),
  'disconnect completed': ({ protocol }) => protocol.disconnect('completed'),
  'disconnect unauthorized': ({ protocol }) => protocol.disconnect('unauthorized'),
  end: ({ protocol }) => protocol.end(),
};

/*
 * A row is a message, a column is the state in which it comes. A cell says what becomes of it:
 *
 *   ok        it is taken, and nothing else happens
 *   reason    it is rejected for this reason, and nothing else happens
 *   reason !  it is rejected, `disconnect` with `error` is sent, and the session is disconnecting
 *   … +type   such a message is sent
 *   … >state  the session is in that state afterwards
 */
const WHAT_THE_CLIENT_SENDS = `
                   | preparing                | opening          | active           | paused           | closing        | closed         | disconnecting  | leaving
open               | ok >opening              | unexpected       | unexpected       | unexpected       | unexpected     | unexpected     | unexpected     | unexpected
close              | ok >closing              | ok >closing      | ok >closing      | ok >closing      | unexpected     | unexpected     | ok >closing    | ok >closing
ping               | ok +pong                 | ok +pong         | ok +pong         | ok +pong         | ok +pong       | ok +pong       | ok +pong       | ok +pong
paused             | unexpected               | unexpected       | ok >paused       | ok               | unexpected     | unexpected     | unexpected     | unexpected
resumed            | unexpected               | unexpected       | ok               | ok >active       | unexpected     | unexpected     | unexpected     | ok
discarded          | unexpected               | unexpected       | ok               | ok               | unexpected     | unexpected     | unexpected     | ok
update             | unexpected               | unexpected       | ok +updated      | ok +updated      | unexpected     | unexpected     | unexpected     | unexpected
error              | ok                       | ok               | ok               | ok               | ok             | ok             | ok             | ok
audio              | unexpected !             | unexpected !     | ok               | unexpected !     | unexpected     | unexpected     | unexpected     | ok
empty audio        | unexpected !             | unexpected !     | ok               | unexpected !     | unexpected     | unexpected     | unexpected     | ok
odd audio          | unexpected !             | unexpected !     | media !          | unexpected !     | unexpected     | unexpected     | unexpected     | media
no JSON            | malformed-json !         | malformed-json ! | malformed-json ! | malformed-json ! | malformed-json | malformed-json | malformed-json | malformed-json
no UTF-8           | invalid-utf8 !           | invalid-utf8 !   | invalid-utf8 !   | invalid-utf8 !   | invalid-utf8   | invalid-utf8   | invalid-utf8   | invalid-utf8
other type         | unknown-type !           | unknown-type !   | unknown-type !   | unknown-type !   | unknown-type   | unknown-type   | unknown-type   | unknown-type
type audio         | unknown-type !           | unknown-type !   | unknown-type !   | unknown-type !   | unknown-type   | unknown-type   | unknown-type   | unknown-type
no parameters      | schema !                 | schema !         | schema !         | schema !         | schema         | schema         | schema         | schema
other version      | schema !                 | schema !         | schema !         | schema !         | schema         | schema         | schema         | schema
seq again          | sequence !               | sequence !       | sequence !       | sequence !       | sequence       | sequence       | ok +pong       | ok +pong
seq left out       | sequence !               | sequence !       | sequence !       | sequence !       | sequence       | sequence       | ok +pong       | ok +pong
serverseq ahead    | sequence !               | sequence !       | sequence !       | sequence !       | sequence       | sequence       | sequence       | sequence
other id           | identity !               | identity !       | identity !       | identity !       | identity       | identity       | identity       | identity
other organisation | identity +disconnect >disconnecting | unexpected | unexpected  | unexpected       | unexpected     | unexpected     | unexpected     | unexpected
start too far      | unexpected               | unexpected       | media !          | media !          | unexpected     | unexpected     | unexpected     | media
oversize           | oversize !               | oversize !       | oversize !       | oversize !       | oversize       | oversize       | oversize       | oversize
`;

/* A cell says what a call does: nothing, or what is sent (+type), and in which state the session is afterwards (>state). */
const WHAT_THE_SERVER_DOES = `
                        | preparing                  | opening                    | active                     | paused                     | closing         | closed | disconnecting | leaving
open                    |                            | +opened >active            |                            |                            |                 |        |               |
closed                  |                            |                            |                            |                            | +closed >closed |        |               |
pause                   |                            |                            | +pause                     | +pause                     |                 |        |               |
resume                  |                            |                            | +resume                    | +resume                    |                 |        |               |
reconnect               |                            |                            | +reconnect                 | +reconnect                 |                 |        |               |
tell if it may          |                            |                            | +event                     | +event                     | +event          |        |               | +event
disconnect error        | +disconnect >disconnecting | +disconnect >disconnecting | +disconnect >disconnecting | +disconnect >disconnecting |                 |        |               |
disconnect completed    | +disconnect >disconnecting | +disconnect >disconnecting | +disconnect >disconnecting | +disconnect >disconnecting |                 |        |               |
disconnect unauthorized | +disconnect >disconnecting | +disconnect >disconnecting | +disconnect >disconnecting | +disconnect >disconnecting |                 |        |               |
end                     | >closed                    | >closed                    | >closed                    | >closed                    | >closed         |        | >closed       | >closed
`;

interface Cell {
  readonly row: string;
  readonly place: Place;
  readonly cell: string;
}

function cellsOf(table: string): readonly Cell[] {
  const [head = '', ...rows] = table.trim().split('\n');
  const places = head.split('|').slice(1) as Place[];
  return rows.flatMap((line) => {
    const [row = '', ...cells] = line.split('|').map((text) => text.trim());
    return cells.map((cell, index) => ({ row, place: (places[index] ?? '').trim() as Place, cell }));
  });
}

/** `+type >state`, as far as there is something to say. */
function changes(ends: Ends, sentBefore: number, stateBefore: SessionState): readonly string[] {
  const { state } = ends.protocol;
  return [
    ...ends.sent.slice(sentBefore).map(({ type }) => `+${type}`),
    ...(state === stateBefore ? [] : [`>${state}`]),
  ];
}

function inPlace(place: Place): Ends {
  const ends = new Ends();
  WAYS[place](ends);
  return ends;
}

describe('SessionProtocol', () => {
  describe('what becomes of what the client sends', () => {
    const cells = cellsOf(WHAT_THE_CLIENT_SENDS);

    it('has a cell for each message in each state', () => {
      expect(new Set(cells.map(({ row }) => row))).toStrictEqual(new Set(Object.keys(MESSAGES)));
      expect(cells).toHaveLength(Object.keys(MESSAGES).length * Object.keys(WAYS).length);
    });

    it.each(cells)('$row while it is $place: $cell', ({ row, place, cell }) => {
      const ends = inPlace(place);
      const { state } = ends.protocol;
      const sentBefore = ends.sent.length;
      const outcome = MESSAGES[row]!(ends);
      const what = isRejected(outcome) ? outcome.reason : 'ok';
      const expected = cell.replace('!', '+disconnect >disconnecting');
      expect([what, ...changes(ends, sentBefore, state)].join(' ')).toBe(expected);
      if (cell.includes('!')) {
        const { info } = (ends.sent.at(-1) as ServerMessage<'disconnect'>).parameters;
        const problem = (outcome as RejectedFrame).issues[0]!.message;
        expect(ends.sent.at(-1)!.parameters).toMatchObject({ reason: 'error' });
        expect(info).toContain(problem);
      }
    });

    it.each(cells)('$row while it is $place: the outcome is of the message itself', ({ row, place }) => {
      const ends = inPlace(place);
      const outcome = MESSAGES[row]!(ends);
      if (isRejected(outcome)) expect(outcome.issues[0]!.message).not.toBe('');
      else expect(outcome.kind).toBe('parsed');
    });
  });

  describe('what the server can do', () => {
    const cells = cellsOf(WHAT_THE_SERVER_DOES);

    it('has a cell for each call in each state', () => {
      expect(new Set(cells.map(({ row }) => row))).toStrictEqual(new Set(Object.keys(CALLS)));
      expect(cells).toHaveLength(Object.keys(CALLS).length * Object.keys(WAYS).length);
    });

    it.each(cells)('$row while it is $place: $cell', ({ row, place, cell }) => {
      const ends = inPlace(place);
      const { state } = ends.protocol;
      const sentBefore = ends.sent.length;
      const result = CALLS[row]!(ends);
      expect(changes(ends, sentBefore, state).join(' ')).toBe(cell);
      expect(result).toBe(row.startsWith('disconnect') ? cell !== '' : undefined);
    });
  });

  it('sends what the protocol wants to see in each message', () => {
    const ends = new Ends().opened();
    const { protocol } = ends;
    ends.receive('ping');
    protocol.reconnect(undefined);
    protocol.reconnect('elsewhere');
    protocol.tell([{ type: 'transcript', data: { id: 1 } }]);
    protocol.disconnect('completed');
    ends.receive('close');
    protocol.closed();
    const all = { version: '2', id: SESSION };
    expect(ends.sent).toStrictEqual([
      { ...all, type: 'opened', seq: 1, clientseq: 1, parameters: { media: [LINEAR] } },
      { ...all, type: 'pong', seq: 2, clientseq: 2, parameters: {} },
      { ...all, type: 'reconnect', seq: 3, clientseq: 2, parameters: {} },
      { ...all, type: 'reconnect', seq: 4, clientseq: 2, parameters: { info: 'elsewhere' } },
      {
        ...all,
        type: 'event',
        seq: 5,
        clientseq: 2,
        parameters: { entities: [{ type: 'transcript', data: { id: 1 } }] },
      },
      { ...all, type: 'disconnect', seq: 6, clientseq: 2, parameters: { reason: 'completed' } },
      { ...all, type: 'closed', seq: 7, clientseq: 3, parameters: {} },
    ]);
  });

  it('tells of the media and of what else the caller has to say in opened', () => {
    const ends = new Ends();
    ends.receive('open');
    ends.protocol.open(undefined, { startPaused: true, discardTo: 'PT2S', supportedLanguages: ['en-US'] });
    expect(ends.sent[0]!.parameters).toStrictEqual({
      media: [],
      startPaused: true,
      discardTo: 'PT2S',
      supportedLanguages: ['en-US'],
    });
    expect(ends.protocol.media).toBeUndefined();
    expect(ends.audio(8)).toMatchObject({ reason: 'unexpected' });
    expect(ends.sent.at(-1)).toMatchObject({ type: 'disconnect' });
  });

  it('says nothing of why where the organisation is another', () => {
    const ends = new Ends();
    ends.receive('open', { parameters: { ...OPEN, organizationId: SOMEBODY_ELSE } });
    expect(ends.sent[0]!.parameters).toStrictEqual({ reason: 'unauthorized' });
  });

  it('makes what it says of a malformed message safe and short', () => {
    const ends = new Ends();
    ends.receive(`\u001b[31m${'x'.repeat(500)}`);
    const { info } = (ends.sent[0] as ServerMessage<'disconnect'>).parameters;
    expect(info!.length).toBeLessThanOrEqual(200);
    expect(info).toMatch(/^decode: /);
    expect(info).not.toContain('\u001b');
  });

  it('takes ids in any case, and answers with that of the upgrade', () => {
    const ends = new Ends(SESSION.toUpperCase(), ORGANIZATION.toUpperCase());
    expect(ends.receive('open')).toMatchObject({ kind: 'parsed' });
    expect(ends.receive('ping', { id: SESSION })).toMatchObject({ kind: 'parsed' });
    expect(ends.sent[0]!.id).toBe(SESSION.toUpperCase());
    expect(ends.protocol.id).toBe(SESSION.toUpperCase());
  });

  it('takes the id of the first message where the upgrade named none, and no other afterwards', () => {
    const ends = new Ends(NULL_UUID);
    expect(ends.receive('open', { id: SOMEBODY_ELSE })).toMatchObject({ kind: 'parsed' });
    expect(ends.protocol.id).toBe(SOMEBODY_ELSE);
    ends.protocol.open(LINEAR, {});
    expect(ends.sent[0]!.id).toBe(SOMEBODY_ELSE);
    expect(ends.receive('ping', { id: SOMEBODY_ELSE })).toMatchObject({ kind: 'parsed' });
    expect(ends.receive('ping', { id: SESSION })).toMatchObject({ reason: 'identity' });
    expect(ends.receive('close', { id: NULL_UUID })).toMatchObject({ reason: 'identity' });
  });

  it('takes the null UUID for an id like any other where the first message names it', () => {
    const ends = new Ends(NULL_UUID);
    expect(ends.receive('ping', { id: NULL_UUID })).toMatchObject({ kind: 'parsed' });
    expect(ends.receive('ping', { id: SESSION })).toMatchObject({ reason: 'identity' });
  });

  it.each(['preparing', 'opening', 'active', 'paused', 'closing', 'closed', 'disconnecting'] as const)(
    'answers each of several pings while it is %s, with its number',
    (place) => {
      const ends = inPlace(place);
      const { length } = ends.sent;
      for (let count = 0; count < 3; count += 1) ends.receive('ping');
      const pongs = ends.sent.slice(length);
      expect(pongs.map(({ type, clientseq }) => [type, clientseq])).toStrictEqual(
        [2, 1, 0].map((before) => ['pong', ends.seq - before]),
      );
    },
  );

  it('does not count a message that is out of sequence', () => {
    const ends = new Ends().opened();
    ends.receive('ping', { seq: 7 });
    expect(ends.sent.at(-1)).toMatchObject({
      type: 'disconnect',
      clientseq: 1,
      parameters: { info: 'seq must be 2, got 7' },
    });
  });

  it('counts one that means nothing in its state', () => {
    const ends = new Ends();
    ends.receive('paused');
    ends.receive('ping');
    expect(ends.sent).toMatchObject([{ type: 'pong', clientseq: 2 }]);
  });

  it('lets a client close that has lost count before it was disconnected', () => {
    const ends = new Ends().opened();
    ends.receive('close', { parameters: { reason: 'nonsense' } });
    expect(ends.receive('close')).toMatchObject({ payloadType: 'close' });
    ends.protocol.closed();
    expect(ends.sent.at(-1)).toMatchObject({ type: 'closed', seq: 3, clientseq: 3 });
  });

  describe('the position', () => {
    const positions = (ends: Ends, ...lengths: readonly number[]) =>
      lengths.map((length) => (ends.audio(length) as AudioFrame).position);

    it('is that of the samples of one channel', () => {
      const ends = new Ends().opened();
      expect(positions(ends, 400, 0, 8, 4)).toStrictEqual([0, 100, 100, 102]);
      expect(ends.protocol.position).toBe(103);
      const frame = ends.audio(8) as AudioFrame;
      expect(frame).toBeInstanceOf(AudioFrame);
      expect(frame).toMatchObject({
        format: 'L16',
        channels: LINEAR.channels,
        rate: 8000,
        position: 103,
        samples: 2,
        filled: false,
      });
    });

    it.each(['discarded', 'resumed'])('goes on behind what was %s, and never back', (type) => {
      const ends = new Ends().opened();
      positions(ends, 400);
      ends.receive(type, { parameters: { start: 'PT0.0125S', discarded: 'PT0.5S' } });
      expect(ends.protocol.position).toBe(4100);
      ends.receive(type, { parameters: { start: 'PT0S', discarded: 'PT0.1S' } });
      expect(positions(ends, 4)).toStrictEqual([4100]);
    });

    it('stays where audio was rejected', () => {
      const ends = new Ends().opened();
      positions(ends, 400);
      ends.audio(401);
      expect(ends.protocol.position).toBe(100);
    });

    it('goes on with the last audio after completed', () => {
      const ends = new Ends().opened();
      positions(ends, 400);
      ends.protocol.disconnect('completed');
      expect(positions(ends, 4)).toStrictEqual([100]);
      ends.receive('close');
      expect(ends.audio(4)).toMatchObject({ reason: 'unexpected' });
    });

    it('is right for the last audio after completed, also behind what was discarded', () => {
      const ends = new Ends().opened();
      ends.protocol.disconnect('completed');
      ends.receive('discarded', { parameters: { start: 'PT0S', discarded: 'PT0.5S' } });
      expect(positions(ends, 4)).toStrictEqual([4000]);
      expect(ends.protocol.state).toBe('disconnecting');
    });

    it('takes no audio after completed where the client had paused', () => {
      const ends = new Ends().opened();
      ends.receive('paused');
      ends.protocol.disconnect('completed');
      expect(ends.audio(4)).toMatchObject({ reason: 'unexpected' });
    });
  });

  describe('any sequence of messages and calls', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...Object.keys(MESSAGES).map((name) => `receive ${name}`)) },
      { weight: 2, arbitrary: fc.constantFrom(...Object.keys(CALLS).map((name) => `call ${name}`)) },
      // What is needed to get far.
      { weight: 3, arbitrary: fc.constantFrom('receive open', 'call open', 'receive ping', 'receive audio') },
    );

    it('keeps its rules', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          const ends = new Ends();
          const { sent, protocol } = ends;
          let position = 0;
          for (const name of steps) {
            const stateBefore = protocol.state;
            const sentBefore = sent.length;
            const [, verb, what] = /^(\w+) (.*)$/.exec(name)!;
            if (verb === 'call') CALLS[what!]!(ends);
            else {
              const outcome = MESSAGES[what!]!(ends);
              expect(['parsed', 'rejected']).toContain(outcome.kind);
            }
            expect(protocol.position).toBeGreaterThanOrEqual(position);
            position = protocol.position;
            for (const { type, clientseq } of sent.slice(sentBefore)) {
              if (stateBefore === 'disconnecting' || stateBefore === 'closing') {
                expect(['pong', 'closed', 'event']).toContain(type);
              } else {
                if (stateBefore === 'closed') expect(type).toBe('pong');
                expect(clientseq).toBeGreaterThanOrEqual(sentBefore === 0 ? 0 : sent[sentBefore - 1]!.clientseq);
              }
            }
          }
          expect(sent.map(({ seq }) => seq)).toStrictEqual(sent.map((_, index) => index + 1));
          const times = (type: string) => sent.filter((message) => message.type === type).length;
          for (const once of ['opened', 'disconnect', 'closed']) expect(times(once)).toBeLessThanOrEqual(1);
        }),
        { numRuns: 1000 },
      );
    });
  });
});
