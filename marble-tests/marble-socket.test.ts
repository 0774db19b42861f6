import { map, Subject, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../operators/connection-state.ts';
import {
  AuthError,
  ClosedError,
  NetworkError,
  ThrottledError,
  TimeoutError,
  type RxFrameError,
} from '../operators/errors.ts';
import { Flow } from '../operators/flow.ts';
import { processWith } from '../operators/process-with.ts';
import { reconnect } from '../operators/reconnect.ts';
import { connect, type ConnectOptions } from '../src/index.ts';
import { FakeTokens, frames, marbleSocket, peer, type MarbleSocket } from '../src/testing/index.ts';
import { marbles } from './marbles.ts';

const open = (socket: MarbleSocket, options: Partial<ConnectOptions> = {}) =>
  connect({ url: 'wss://example.org/feed', socket, heartbeat: false, ...options });

describe('marbleSocket', () => {
  it(
    'brings text, binary messages and those of frames, and completes where the server closes with 1000',
    marbles(({ scheduler, expectObservable, expectSubscriptions }) => {
      const values = { a: 'text', b: Uint8Array.of(1, 2), c: frames.keepalive() };
      const socket = marbleSocket(scheduler, '--o-a-bcd-|', values);
      expectObservable(open(socket)).toBe('    ----a-bcd-|', {
        a: frames.raw('text'),
        b: frames.raw([1, 2]),
        c: frames.raw('{"type":"keepalive"}'),
        d: frames.raw('d'),
      });
      expectSubscriptions(socket.connections).toBe('^---------!');
    }),
  );

  it(
    'gives frames the virtual time, without being told the scheduler',
    marbles(({ scheduler, expectObservable }) => {
      const socket = marbleSocket(scheduler, 'o 50ms a|');
      const times$ = open(socket).pipe(map(({ timestamp, receivedAt, sequence }) => [timestamp, receivedAt, sequence]));
      expectObservable(times$).toBe('- 50ms a|', { a: [51, 51, 0] });
    }),
  );

  it.each<[string, RxFrameError, string]>([
    ['-o-#', new ClosedError(1006, ''), 'the loss of an open connection'],
    ['---#', new NetworkError(''), 'a connection that never came to be'],
    ['-o-x', new ClosedError(1012, 'restart'), 'a close code'],
    ['---r', new AuthError('', 401), 'a refused upgrade'],
    ['---t', new ThrottledError('', 429, 5_000), 'a refused upgrade that asks for patience'],
  ])('%s fails with an error of its own: %#', (life, error) => {
    marbles(({ scheduler, expectObservable }) => {
      const values = { x: peer.close(1012, 'restart'), r: peer.refuse(401), t: peer.refuse(429, 5) };
      expectObservable(open(marbleSocket(scheduler, life, values))).toBe('---#', undefined, error);
    })();
  });

  it(
    'plays one life after the other as the client connects again, and shows the waits between',
    marbles(({ scheduler, expectObservable, expectSubscriptions }) => {
      const socket = marbleSocket(scheduler, ['-o-a-#', '-r', '-o-b-|'], { r: peer.refuse(503) });
      const state = new Subject<ConnectionState>();
      const frames$ = open(socket, { state }).pipe(reconnect({ random: () => 0.5, state }));
      expectObservable(state.pipe(map(({ status }) => status))).toBe('co---(dw) 496ms c(dw) 996ms co---d', {
        c: 'connecting',
        o: 'open',
        d: 'closed',
        w: 'waiting',
      });
      expectObservable(frames$).toBe('---a-- 500ms - 1s --b-|', { a: frames.raw('a'), b: frames.raw('b') });
      expectSubscriptions(socket.connections).toBe(['^----!', '----- 500ms ^!', '------ 1500ms ^----!']);
    }),
  );

  it(
    'shows what each connection was asked for with, also to one who listens later in the same millisecond',
    marbles(({ scheduler, expectObservable }) => {
      const socket = marbleSocket(scheduler, ['-o-x', '-r', '-o-|'], { x: peer.close(1008), r: peer.refuse(401) });
      const token = new FakeTokens();
      const frames$ = open(socket, { token }).pipe(reconnect({ random: () => 0.5, authDelay: 10 }));
      expectObservable(frames$).toBe('--- 500ms - 10ms ---|');
      const tokens$ = socket.requests$.pipe(map(({ headers }) => headers['Authorization']));
      expectObservable(tokens$).toBe('a-- 500ms a 10ms b', { a: 'Bearer token-1', b: 'Bearer token-2' });
    }),
  );

  it(
    'shows what the client sends, and its pings, which are answered',
    marbles(({ scheduler, cold, expectObservable, expectSubscriptions }) => {
      const socket = marbleSocket(scheduler, '-o 30ms |');
      const bytes = Uint8Array.of(1);
      const outgoing$ = cold('-s-b', { s: 'hello', b: bytes });
      expectObservable(open(socket, { outgoing$, heartbeat: { interval: 10, timeout: 5 } })).toBe('-- 30ms |');
      expectObservable(socket.sent$).toBe('--s-b', { s: 'hello', b: bytes });
      expectObservable(socket.actions$).toBe('- 10ms p 9ms p 9ms p', { p: 'ping' });
      expectSubscriptions(socket.connections).toBe('^- 30ms !');
    }),
  );

  it(
    'answers the pings of the server, unless the client has paused it',
    marbles(({ scheduler, at, expectObservable }) => {
      const flow = new Flow();
      const socket = marbleSocket(scheduler, 'o-p-p-----|');
      expectObservable(open(socket, { flow })).toBe('----------|');
      at(3, () => flow.hold(socket));
      at(5, () => flow.release(socket));
      expectObservable(socket.actions$).toBe('--pH-(Rp)', { p: 'pong', H: 'pause', R: 'resume' });
    }),
  );

  it(
    'keeps what the server sends while it is paused, its end too',
    marbles(({ scheduler, expectObservable, expectSubscriptions }) => {
      const flow = new Flow();
      const socket = marbleSocket(scheduler, 'oabc|');
      const slow = processWith(() => timer(10), { flow, highWaterMark: 2, lowWaterMark: 1 });
      expectObservable(open(socket, { flow }).pipe(slow)).toBe('- 10ms a 9ms b 9ms (c|)', { a: 0, b: 0, c: 0 });
      expectObservable(socket.actions$).toBe('--p 8ms (rp) 6ms r', { p: 'pause', r: 'resume' });
      expectSubscriptions(socket.connections).toBe('^ 20ms !');
    }),
  );

  it(
    'answers the closing handshake in the same millisecond, and after peer.stall() not at all',
    marbles(({ scheduler, expectObservable, expectSubscriptions }) => {
      const polite = marbleSocket(scheduler, '-o-a');
      const silent = marbleSocket(scheduler, '-o-s', { s: peer.stall() });
      expectObservable(open(polite), '^----!').toBe('---a', { a: frames.raw('a') });
      expectObservable(open(silent, { closeTimeout: 20 }), '^----!').toBe('');
      expectObservable(polite.actions$).toBe('-----c', { c: 'close 1000' });
      expectObservable(silent.actions$).toBe('-----c 19ms t', { c: 'close 1000', t: 'terminate' });
      expectSubscriptions(polite.connections).toBe('^----!');
      expectSubscriptions(silent.connections).toBe('^---- 20ms !');
    }),
  );

  it(
    'lets the heartbeat find a server that has stalled',
    marbles(({ scheduler, expectObservable }) => {
      const socket = marbleSocket(scheduler, 'o 15ms s', { s: peer.stall() });
      const heartbeat = { interval: 10, timeout: 5 };
      expectObservable(open(socket, { heartbeat })).toBe('26ms #', undefined, new TimeoutError('', 'heartbeat', 5));
    }),
  );

  it(
    'times the handshake out where the upgrade is never answered',
    marbles(({ scheduler, expectObservable }) => {
      const socket = marbleSocket(scheduler, '---');
      const error = new TimeoutError('', 'handshake', 10_000);
      expectObservable(open(socket)).toBe('10s #', undefined, error);
      expectObservable(socket.actions$).toBe('10s t', { t: 'terminate' });
    }),
  );

  it(
    'closes with 1009 where a message is larger than maxPayload',
    marbles(({ scheduler, expectObservable }) => {
      const socket = marbleSocket(scheduler, 'oab', { a: 'four', b: 'fiver' });
      const error = new ClosedError(1009, 'a message was larger than maxPayload');
      expectObservable(open(socket, { maxPayload: 4 })).toBe('-a#', { a: frames.raw('four') }, error);
    }),
  );

  it(
    'lets a connection more than there are lives fail, for good',
    marbles(({ scheduler, expectObservable }) => {
      const frames$ = open(marbleSocket(scheduler, '-#')).pipe(reconnect({ random: () => 0.5 }));
      const error = new RangeError('marbleSocket: connection 2 was made, and there are lives for 1');
      expectObservable(frames$).toBe('- 500ms #', undefined, error);
    }),
  );

  it.each([
    ['a', "'message' at 0 ms can't be: the connection is not open yet, in life 2, a"],
    ['-o-o', "'open' at 3 ms can't be: the connection is open already, in life 2, -o-o"],
    ['|', "'close' at 0 ms can't be: the connection is not open yet, in life 2, |"],
    ['o|a', "'message' at 2 ms can't be: the connection is over, in life 2, o|a"],
    ['o#-#', "'lose' at 3 ms can't be: the connection is over, in life 2, o#-#"],
    ['os|', "'close' at 2 ms can't be: the connection is stalled, in life 2, os|"],
    ['or', "'refuse' at 1 ms can't be: the connection is open already, in life 2, or"],
    ['ro', "'open' at 1 ms can't be: the connection is over, in life 2, ro"],
    ['^o', 'there can be no ^ and no ! in life 2, ^o'],
    ['o!', 'there can be no ^ and no ! in life 2, o!'],
    ['ox', "the value of 'x' must be a string, bytes, a frame, or an event of peer, and is none"],
    ['oy', "the value of 'y' must be a string, bytes, a frame, or an event of peer, and is none"],
  ])('refuses the life %s at the call', (life, message) => {
    marbles(({ scheduler }) => {
      const values = { s: peer.stall(), r: peer.refuse(500), x: 5, y: { type: 'keepalive' } } as never;
      expect(() => marbleSocket(scheduler, ['o', life], values)).toThrow(new TypeError(`marbleSocket: ${message}`));
    })();
  });

  it(
    'may lose a connection that has stalled',
    marbles(({ scheduler, expectObservable }) => {
      const socket = marbleSocket(scheduler, 'o-s-#', { s: peer.stall() });
      expectObservable(open(socket)).toBe('----#', undefined, new ClosedError(1006, ''));
    }),
  );
});

describe('peer', () => {
  it.each([
    ['close(999)', () => peer.close(999)],
    ['close(1006)', () => peer.close(1006)],
    ['close(5000)', () => peer.close(5000)],
    ['refuse(101)', () => peer.refuse(101)],
    ['refuse(600)', () => peer.refuse(600)],
    ['refuse(429, -1)', () => peer.refuse(429, -1)],
  ])('refuses %s', (_, make) => expect(make).toThrow(/^peer\.\w+: \w+ must be /));
});
