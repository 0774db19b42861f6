import { describe, expect, it } from 'vitest';
import { browserSocket } from '../../src/connection/browser-socket.ts';
import type { ConnectOptions } from '../../src/connection/connect-options.ts';
import { connect } from '../../src/connection/connect.ts';
import { nodeSocket, type NodeSocketOptions } from '../../src/connection/node-socket.ts';

const url = 'wss://example.org/feed';

const bad: [Record<string, unknown>, string][] = [
  [{ url: 5 }, 'connect: url must be an address or a function, got 5'],
  [{ url: undefined }, 'connect: url must be an address or a function, got undefined'],
  [{ tokens: 'a' }, 'connect: there is no option "tokens"'],
  [{ token: 5 }, 'connect: token must be a bearer token (RFC 6750 section 2.1), got number'],
  [{ token: '' }, 'connect: token must be a bearer token (RFC 6750 section 2.1), and has other characters'],
  [{ token: 'a b' }, 'connect: token must be a bearer token (RFC 6750 section 2.1), and has other characters'],
  [{ token: { token: 'abc' } }, 'connect: token must be a bearer token (RFC 6750 section 2.1), got object'],
  [{ token: null }, 'connect: token must be a bearer token (RFC 6750 section 2.1), got null'],
  [{ headers: 'x: y' }, 'connect: headers must be an object of strings or a function, got string'],
  [{ headers: { 'x-n': 5 } }, 'connect: headers must be an object of strings or a function, got object'],
  [{ protocols: 5 }, 'connect: protocols must be a string, an array of strings or a function, got number'],
  [{ protocols: [5] }, 'connect: protocols must be a string, an array of strings or a function, got object'],
  [{ maxPayload: 0 }, 'connect: maxPayload must be a positive integer, got 0'],
  [{ maxPayload: 1.5 }, 'connect: maxPayload must be a positive integer, got 1.5'],
  [{ maxPayload: 2 ** 31 }, 'connect: maxPayload must be at most 2147483647, got 2147483648'],
  [{ handshakeTimeout: 0 }, 'connect: handshakeTimeout must be a number of milliseconds'],
  [{ handshakeTimeout: Infinity }, 'connect: handshakeTimeout must be a number of milliseconds'],
  [{ closeTimeout: '2s' }, 'connect: closeTimeout must be a number of milliseconds'],
  [{ heartbeat: { every: 5 } }, 'connect: heartbeat: there is no option "every"'],
  [{ heartbeat: { interval: -1 } }, 'connect: heartbeat.interval must be a number of milliseconds'],
  [{ heartbeat: { timeout: NaN } }, 'connect: heartbeat.timeout must be a number of milliseconds'],
  [{ heartbeat: { message: 'ping' } }, 'connect: heartbeat.message must be a function, got "ping"'],
  [{ outgoing$: 5 }, 'connect: outgoing$ must be an Observable, or what RxJS takes for one, got 5'],
  [{ state: () => undefined }, 'connect: state must be an object with a method next(), got a function'],
  [{ flow: {} }, 'connect: flow must be an object with a method attach(), got an object'],
  [{ socket: {} }, 'connect: socket must be an object with a method open(), got an object'],
  [{ scheduler: {} }, 'connect: scheduler must be an object with a method schedule(), got an object'],
];

describe('connect', () => {
  it.for(bad)('refuses %o at the call', ([options, message]) => {
    expect(() => connect({ url, ...options })).toThrow(message);
  });

  it('shows no token in the error about it', () => {
    expect(() => connect({ url, token: 'my secret token' })).toThrow(/^(?!.*secret)/s);
  });
});

describe('connect with sockets that send no headers', () => {
  it.for(['token', 'headers'] as const)('refuses %s at the call, and names the ways that work', (name) => {
    const options = { url, socket: browserSocket, [name]: () => 'x' };
    expect(() => connect(options as unknown as ConnectOptions)).toThrow(
      `connect: ${name} can't be sent from a browser, whose WebSocket sends no headers of ours. Put the token into url or protocols, which may be functions that are asked at each attempt.`,
    );
  });

  it('refuses a heartbeat without a message at the call, and needs none by itself', () => {
    expect(() => connect({ url, socket: browserSocket, heartbeat: {} })).toThrow(
      "connect: heartbeat needs a message here: a browser's WebSocket can't send pings",
    );
    expect(() => connect({ url, socket: browserSocket })).not.toThrow();
    expect(() => connect({ url, socket: browserSocket, heartbeat: { message: () => 'ping' } })).not.toThrow();
  });
});

describe('nodeSocket', () => {
  it.for([
    [{ agent: true }, 'TypeError: nodeSocket: agent must be an object with a method addRequest(), got true'],
    [{ perMessageDeflate: 'no' }, 'TypeError: nodeSocket: perMessageDeflate must be true or false, got "no"'],
    [{ lookup: 5 }, 'TypeError: nodeSocket: lookup must be a function, got 5'],
    [{ family: 9 }, 'RangeError: nodeSocket: family must be one of 0, 4, 6, got 9'],
    [{ family: 'IPv4' }, 'TypeError: nodeSocket: family must be one of 0, 4, 6, got "IPv4"'],
  ] as const)('refuses %j at the call', ([options, message]) => {
    expect(() => nodeSocket(options as unknown as NodeSocketOptions)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });

  it('refuses what it does not know, so that nothing is turned off by the way', () => {
    const off = { rejectUnauthorized: false, followRedirects: true } as NodeSocketOptions;
    expect(() => nodeSocket(off)).toThrow('nodeSocket: there is no option "rejectUnauthorized"');
  });
});
