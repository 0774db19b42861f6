import { concatMap, map, of, throwError, timeout, timer, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { AuthError, TimeoutError } from '../../operators/errors.ts';
import type { FailureClass } from '../../operators/failure-class.ts';
import type { RawFrame } from '../../operators/frame.ts';
import { reconnect, type ReconnectOptions } from '../../operators/reconnect.ts';
import type { TokenSource } from '../../src/auth/token-source.ts';
import type { ConnectOptions } from '../../src/connection/connect-options.ts';
import { connect } from '../../src/connection/connect.ts';
import { nodeSocket } from '../../src/connection/node-socket.ts';
import type { Simulator, UpgradeResponse } from '../../src/simulator/index.ts';
import { start, validToken } from '../simulator/plain-client.ts';
import { selfSigned } from './certificate.ts';
import { HandClock } from './hand-clock.ts';
import { record, States } from './record.ts';
import { switching, tcpServer, webSocketServer } from './servers.ts';

const FRAMES = 3;

/** The simulator's tokens, and what became of them. */
class SimulatorTokens implements TokenSource {
  readonly given: string[] = [];
  readonly refused: (string | undefined)[] = [];
  readonly #simulator: Simulator;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  async token(): Promise<string> {
    const token = await validToken(this.#simulator);
    this.given.push(token);
    return token;
  }

  invalidate(token?: string): void {
    this.refused.push(token);
  }
}

/**
 * Connects and reconnects. The waits of `reconnect` are over as soon as they begin, on a clock of their own, so that they
 * may be as long as they are by default; the jitter is half of its ceiling.
 */
function run(
  options: ConnectOptions,
  retry: ReconnectOptions = {},
  between: (frames$: Observable<RawFrame>) => Observable<RawFrame> = (frames$) => frames$,
) {
  const clock = new HandClock();
  const state = new States();
  const observed = {
    next: (value: States['items'][number]) => {
      state.next(value);
      // Once the timer is set, which is after this.
      if (value.status === 'waiting') queueMicrotask(() => clock.advance(value.delay));
    },
  };
  const frames$ = between(connect({ heartbeat: false, ...options, state })).pipe(
    reconnect({ random: () => 0.5, ...retry, state: observed, scheduler: clock }),
  );
  return { ...record(frames$), state, waits: () => state.items.filter(({ status }) => status === 'waiting') };
}

/** The simulator with three frames a connection, and a run against it. */
async function simulated(
  simulator: Omit<Parameters<typeof start>[0] & object, 'rate' | 'frames'>,
  options: Partial<ConnectOptions> = {},
  retry: ReconnectOptions = {},
) {
  const running = await start({ rate: Infinity, frames: FRAMES, ...simulator });
  const token = new SimulatorTokens(running);
  return { simulator: running, token, ...run({ url: running.streamUrl, token, ...options }, retry) };
}

const RECOVERED = ['connecting', 'closed', 'waiting', 'connecting', 'open', 'closed'];

describe('a refusal at the upgrade', () => {
  const retried: [string, UpgradeResponse, FailureClass, number, object][] = [
    ['401', 401, 'auth', 2_000, { code: 'ERR_AUTH', status: 401 }],
    ['403', 403, 'auth', 2_000, { code: 'ERR_AUTH', status: 403 }],
    ['429', 429, 'throttled', 500, { code: 'ERR_THROTTLED', status: 429, retryAfter: undefined }],
    ['429 with Retry-After', { status: 429, retryAfter: '7' }, 'throttled', 7_500, { status: 429, retryAfter: 7_000 }],
    [
      '503 with Retry-After',
      { status: 503, retryAfter: '120' },
      'throttled',
      120_500,
      { code: 'ERR_THROTTLED', status: 503, retryAfter: 120_000 },
    ],
    [
      '503 with a date that has passed',
      { status: 503, retryAfter: 'Sun, 06 Nov 1994 08:49:37 GMT' },
      'throttled',
      500,
      { retryAfter: 0 },
    ],
    ['503', 503, 'transient', 500, { code: 'ERR_UPGRADE', status: 503 }],
    ['500', 500, 'transient', 500, { code: 'ERR_UPGRADE', status: 500 }],
  ];
  it.for(retried)('with %s is tried again', async ([, upgrade, failure, delay, cause]) => {
    const { state, values, ended, simulator, token } = await simulated({ upgrades: [upgrade] });
    expect(await ended).toBe('complete');
    expect(values.items.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(state.statuses).toEqual(RECOVERED);
    expect(state.items[1]).toHaveProperty('cause');
    expect(state.items[2]).toMatchObject({ delay, attempt: 1, failure, cause: { ...cause, openFor: 0 } });
    expect(simulator.upgradeRequests).toHaveLength(2);
    expect(token.given).toHaveLength(2);
    expect(token.refused).toEqual(failure === 'auth' ? [token.given[0]] : []);
  });

  const fatal: [string, UpgradeResponse, object][] = [
    ['404', 404, { code: 'ERR_UPGRADE', status: 404 }],
    ['400', 400, { code: 'ERR_UPGRADE', status: 400 }],
    ['301', { status: 301, location: 'ws://127.0.0.1:1/' }, { code: 'ERR_UPGRADE', status: 301 }],
  ];
  it.for(fatal)('with %s is fatal: the error of the stream at once', async ([, upgrade, cause]) => {
    const { state, ended, simulator } = await simulated({ upgrades: [upgrade] });
    const error = await ended;
    expect(error).toMatchObject(cause);
    expect(state.statuses).toEqual(['connecting', 'closed', 'failed']);
    expect(state.items[2]).toHaveProperty('cause', error);
    expect(simulator.upgradeRequests).toHaveLength(1);
  });

  it('with 401 three times in a row is the end, each token told to be forgotten', async () => {
    const { state, ended, token, waits } = await simulated({ upgrades: [401, 401, 401] });
    expect(await ended).toMatchObject({ code: 'ERR_AUTH', status: 401 });
    expect(waits()).toHaveLength(2);
    expect(state.statuses.at(-1)).toBe('failed');
    expect(token.refused).toEqual(token.given);
    expect(token.given).toHaveLength(3);
  });

  it('with 301 is not followed, so that the token does not travel on', async () => {
    const elsewhere = await webSocketServer();
    const { url } = await tcpServer((socket) =>
      socket.end(`HTTP/1.1 301 Moved\r\nLocation: ${elsewhere.url}\r\nContent-Length: 0\r\n\r\n`),
    );
    const { ended } = run({ url, token: 'stays-here' });
    expect(await ended).toHaveProperty(
      'message',
      `${url} answered the upgrade with 301, a redirect. Redirects are not followed: give the address that it leads to.`,
    );
    expect(elsewhere.accepted.items).toEqual([]);
  });
});

describe('an error of the token source', () => {
  it('of class auth is tried again, and the end after three in a row, however long each took', async () => {
    const { url, accepted } = await webSocketServer();
    const state = new States();
    const frames$ = connect({
      url,
      state,
      token: () => timer(2).pipe(concatMap(() => throwError(() => new AuthError('the client was refused', 401)))),
    });
    const { ended } = record(frames$.pipe(reconnect({ state, authDelay: 1 })));
    expect(await ended).toMatchObject({ code: 'ERR_AUTH' });
    expect(state.items.slice(0, 2)).toMatchObject([
      { failure: 'auth', delay: 1, attempt: 1 },
      { failure: 'auth', delay: 1, attempt: 2 },
    ]);
    expect(state.statuses).toEqual(['waiting', 'waiting', 'failed']);
    expect(accepted.items).toEqual([]);
  });
});

describe('a close', () => {
  it.for([1001, 1011, 1012, 1013, 3000, 4000])('with %d is transient: tried again with backoff', async (closeCode) => {
    const { state, values, ended, simulator } = await simulated({
      script: [{ at: 1, connection: 0, close: closeCode, reason: 'as scripted' }],
    });
    expect(await ended).toBe('complete');
    expect(values.items.map(({ sequence }) => sequence)).toEqual([0, 0, 1, 2]);
    expect(new Set(values.items.map(({ connectionId }) => connectionId)).size).toBe(2);
    expect(state.statuses).toEqual(['connecting', 'open', 'closed', 'waiting', 'connecting', 'open', 'closed']);
    expect(state.items[3]).toMatchObject({
      delay: 500,
      failure: 'transient',
      cause: { code: 'ERR_CLOSED', closeCode, reason: 'as scripted' },
    });
    expect(simulator.totals.connections).toBe(2);
  });

  it('that never came, the TCP connection being lost (1006), is transient', async () => {
    const { values, ended, waits } = await simulated({ script: [{ at: 2, connection: 0, drop: true }] });
    expect(await ended).toBe('complete');
    expect(values.items.map(({ sequence }) => sequence)).toEqual([0, 1, 0, 1, 2]);
    expect(waits()).toMatchObject([{ failure: 'transient', cause: { code: 'ERR_CLOSED', closeCode: 1006 } }]);
  });

  it.for([1002, 1003, 1007, 1008, 1009])('with %d is of class protocol: tried again', async (closeCode) => {
    const { ended, waits } = await simulated({ script: [{ at: 1, connection: 0, close: closeCode }] });
    expect(await ended).toBe('complete');
    expect(waits()).toMatchObject([{ delay: 500, failure: 'protocol', cause: { code: 'ERR_CLOSED', closeCode } }]);
  });

  it.for([1002, 1003, 1007, 1008, 1009])('with %d five times, never stable, is the end', async (closeCode) => {
    const { ended, waits, simulator } = await simulated({ script: [{ at: 1, close: closeCode }] });
    expect(await ended).toMatchObject({ code: 'ERR_GAVE_UP', attempts: 5, cause: { closeCode } });
    expect(waits()).toMatchObject([{ delay: 500 }, { delay: 1_000 }, { delay: 2_000 }, { delay: 4_000 }]);
    expect(simulator.totals.connections).toBe(5);
  });

  it('with 1000 completes', async () => {
    const { state, values, ended } = await simulated({});
    expect(await ended).toBe('complete');
    expect(values.items).toHaveLength(FRAMES);
    expect(state.statuses).toEqual(['connecting', 'open', 'closed']);
  });

  it("with 1000 is tried again where onComplete is 'reconnect'", async () => {
    const retry: ReconnectOptions = { onComplete: 'reconnect', maxAttempts: 3 };
    const { values, ended, waits } = await simulated({}, {}, retry);
    expect(await ended).toMatchObject({ code: 'ERR_GAVE_UP', attempts: 3, cause: { closeCode: 1000 } });
    expect(values.items).toHaveLength(3 * FRAMES);
    expect(waits()).toMatchObject([
      { delay: 500, failure: 'transient' },
      { delay: 1_000, failure: 'transient' },
    ]);
  });

  it('after a stable connection starts the counts anew', async () => {
    const retry: ReconnectOptions = { stableAfter: 0.001, maxAttempts: 2 };
    const script = [0, 1, 2, 3, 4, 5].map((connection) => ({ at: 1, connection, close: 1008 }));
    const { ended, waits, values } = await simulated({ script }, {}, retry);
    expect(await ended).toBe('complete');
    expect(values.items).toHaveLength(6 + FRAMES);
    expect(waits().map((wait) => 'attempt' in wait && wait.attempt)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe('a violation of the protocol by the server', () => {
  it.for([
    ['a reserved bit', [0xc1, 0], 1002],
    ['a reserved opcode', [0x83, 0], 1002],
    ['a masked frame', [0x81, 0x80, 1, 2, 3, 4], 1002],
    ['a fragment that continues nothing', [0x80, 0], 1002],
    ['a message over maxPayload', [0x82, 126, 255, 255], 1009],
  ] as const)('%s is of class protocol', async ([, bytes, closeCode]) => {
    const { url } = await tcpServer((socket, request) => {
      socket.write(switching(request));
      socket.write(Buffer.from(bytes));
    });
    const { ended } = run({ url, maxPayload: 1_000 }, { maxProtocolFailures: 1 });
    expect(await ended).toMatchObject({ code: 'ERR_GAVE_UP', attempts: 1, cause: { code: 'ERR_CLOSED', closeCode } });
  });

  it('data that does not inflate is of class protocol, as 1007', async () => {
    const { url } = await tcpServer((socket, request) => {
      socket.write(switching(request, 'Sec-WebSocket-Extensions: permessage-deflate'));
      socket.write(Buffer.from([0xc1, 3, 255, 255, 255]));
    });
    const { ended } = run({ url }, { maxProtocolFailures: 1 });
    expect(await ended).toMatchObject({ code: 'ERR_GAVE_UP', cause: { closeCode: 1007 } });
  });
});

describe('no connection at all', () => {
  /** What is retried once, and then given up. */
  async function transient(options: ConnectOptions): Promise<Error & { cause: Error }> {
    const { ended, waits, state } = run(options, { maxAttempts: 2 });
    const error = (await ended) as Error & { cause: Error };
    expect(error).toMatchObject({ code: 'ERR_GAVE_UP', attempts: 2 });
    expect(waits()).toMatchObject([{ failure: 'transient', delay: 500, attempt: 1 }]);
    expect(state.statuses).toEqual(['connecting', 'closed', 'waiting', 'connecting', 'closed', 'failed']);
    return error;
  }

  it('for a name that DNS does not know is transient', async () => {
    const { cause } = await transient({ url: 'wss://feed.invalid/' });
    expect(cause).toMatchObject({ code: 'ERR_NETWORK', openFor: 0 });
    expect(cause.message).toMatch(/^The connection to wss:\/\/feed\.invalid\/ failed: getaddrinfo /);
  });

  it('for a resolver that does not answer well is transient', async () => {
    const socket = nodeSocket({
      lookup: (hostname, _, callback) =>
        callback(Object.assign(new Error(`queryA ESERVFAIL ${hostname}`), { code: 'ESERVFAIL' }), ''),
    });
    const { cause } = await transient({ url: 'wss://feed.example/', socket });
    expect(cause).toMatchObject({
      code: 'ERR_NETWORK',
      message: 'The connection to wss://feed.example/ failed: queryA ESERVFAIL feed.example.',
    });
  });

  it('for a refused TCP connection is transient', async () => {
    const { cause } = await transient({ url: 'ws://127.0.0.1:1/' });
    expect(cause).toMatchObject({
      code: 'ERR_NETWORK',
      message: 'The connection to ws://127.0.0.1:1/ failed: connect ECONNREFUSED 127.0.0.1:1.',
    });
  });

  it('for a connection that is refused on every address of a name says so too', async () => {
    const socket = nodeSocket({
      lookup: (_, __, callback) =>
        callback(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.2', family: 4 },
        ]),
    });
    const { cause } = await transient({ url: 'ws://several.example:1/', socket });
    expect(cause.message).toBe('The connection to ws://several.example:1/ failed: ECONNREFUSED.');
  });

  it('for a handshake that takes too long is transient', async () => {
    const { url } = await tcpServer(() => undefined);
    const { cause } = await transient({ url, handshakeTimeout: 10 });
    expect(cause).toMatchObject({ code: 'ERR_TIMEOUT', during: 'handshake', timeout: 10 });
  });

  it('for a server that hangs up on the upgrade is transient', async () => {
    const { url } = await tcpServer((socket) => socket.destroy());
    const { cause } = await transient({ url });
    expect(cause).toMatchObject({ code: 'ERR_NETWORK', message: `The connection to ${url} failed: socket hang up.` });
  });

  it('for a server that does not speak HTTP, or computes the handshake wrong, is transient', async () => {
    const ssh = await tcpServer((socket) => socket.write('SSH-2.0-nothing\r\n'));
    expect((await transient({ url: ssh.url })).cause).toMatchObject({ code: 'ERR_NETWORK' });
    const wrong = await tcpServer((socket) => socket.write(switching('sec-websocket-key: another')));
    expect((await transient({ url: wrong.url })).cause).toMatchObject({
      message: `The connection to ${wrong.url} failed: Invalid Sec-WebSocket-Accept header.`,
    });
  });

  it('for an address that is none is fatal', async () => {
    const { ended, state } = run({ url: () => 'https://127.0.0.1/' });
    const error = await ended;
    expect(error).toMatchObject({ code: 'ERR_URL' });
    expect(state.items).toEqual([{ status: 'failed', cause: error }]);
  });

  it('for an address of a function that may not have the token is fatal', async () => {
    const { ended, state } = run({ url: () => 'ws://feed.invalid/', token: 'secret' });
    expect(await ended).toMatchObject({ code: 'ERR_INSECURE' });
    expect(state.statuses).toEqual(['failed']);
  });
});

describe('a certificate', () => {
  const distrusted = {
    'that nobody vouches for': { tls: {}, trusted: false, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    'that has expired': { tls: { expires: '210101000000Z' }, trusted: true, code: 'CERT_HAS_EXPIRED' },
    'for another name': { tls: { name: 'other.example' }, trusted: true, code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    'for another purpose': { tls: { usage: 'client' }, trusted: true, code: 'INVALID_PURPOSE' },
  } as const;
  it.for(Object.entries(distrusted))('%s is fatal', async ([, { tls, trusted, code }]) => {
    const certificate = selfSigned(tls);
    const { url, requests } = await webSocketServer(undefined, { tls: certificate });
    const socket = nodeSocket(trusted ? { ca: certificate.cert } : {});
    const { ended, state } = run({ url, token: 'not-for-them', socket });
    expect(await ended).toMatchObject({
      code: 'ERR_TLS',
      message: `The certificate of ${url} does not verify (${code}). If it is your own, trust its authority: NODE_EXTRA_CA_CERTS, or nodeSocket({ ca }).`,
    });
    expect(state.statuses).toEqual(['connecting', 'closed', 'failed']);
    expect(requests.items).toEqual([]);
  });

  it('that is trusted by option opens the connection, which carries the token', async () => {
    const certificate = selfSigned();
    const { url, requests } = await webSocketServer((webSocket) => webSocket.close(1000), { tls: certificate });
    const { ended } = run({ url, token: 'for-them', socket: nodeSocket({ ca: certificate.cert }) });
    expect(await ended).toBe('complete');
    expect(requests.items[0]?.headers.authorization).toBe('Bearer for-them');
  });
});

describe('an operator between connect and reconnect', () => {
  const silence = () => new TimeoutError('Nothing came within 20 ms.', 'silence', 20);

  it('that watches for silence makes it a transient failure, and the server sees 1000', async () => {
    const { url, closeCodes } = await webSocketServer((webSocket, nth) => {
      if (nth === 1) webSocket.close(1000);
    });
    const { ended, waits } = run({ url }, {}, (frames$) =>
      frames$.pipe(timeout({ first: 20, with: () => throwError(silence) })),
    );
    expect(await ended).toBe('complete');
    expect(waits()).toMatchObject([{ failure: 'transient', cause: { code: 'ERR_TIMEOUT', during: 'silence' } }]);
    await closeCodes.until(2);
    expect(closeCodes.items).toEqual([1000, 1000]);
  });

  it('that throws in the middle of a packet does the same, and no frame of the old connection comes after', async () => {
    const { url } = await webSocketServer((webSocket, nth) => {
      for (let i = 0; i < 5; i += 1) webSocket.send(String(i));
      if (nth === 1) webSocket.close(1000);
    });
    let broken = false;
    const { ended, values } = run({ url }, {}, (frames$) =>
      frames$.pipe(
        concatMap((frame) => {
          if (broken || frame.sequence < 2) return of(frame);
          broken = true;
          return throwError(silence);
        }),
      ),
    );
    expect(await ended).toBe('complete');
    expect(values.items.map(({ sequence }) => sequence)).toEqual([0, 1, 0, 1, 2, 3, 4]);
  });

  it('that has a defect is fatal: trying again would only hide it', async () => {
    const { url, connections, closeCodes } = await webSocketServer((webSocket) => webSocket.send('0'));
    const defect = new Error('a defect');
    const { ended, state } = run({ url }, {}, (frames$) =>
      frames$.pipe(
        map(() => {
          throw defect;
        }),
      ),
    );
    expect(await ended).toBe(defect);
    expect(await closeCodes.until(1)).toBe(1000);
    expect(connections.items).toHaveLength(1);
    expect(state.statuses).toContain('failed');
  });
});

describe('unsubscribing from a reconnecting stream', () => {
  it('in the middle of a wait ends the wait, and nothing is tried again', async () => {
    const { url, accepted } = await tcpServer((socket) => socket.destroy());
    const clock = new HandClock();
    const state = new States();
    const { subscription } = record(connect({ url, state }).pipe(reconnect({ state, scheduler: clock })));
    await state.reach('waiting');
    subscription.unsubscribe();
    clock.advance(60_000);
    const proof = record(connect({ url }));
    await proof.ended;
    expect(accepted.items).toHaveLength(2);
    expect(state.statuses).toEqual(['connecting', 'closed', 'waiting']);
  });

  it('while it is open closes the connection with 1000, once', async () => {
    const { url, closeCodes, accepted } = await webSocketServer();
    const state = new States();
    const { subscription } = record(connect({ url, state }).pipe(reconnect({ state })));
    await state.reach('open');
    subscription.unsubscribe();
    expect(await closeCodes.until(1)).toBe(1000);
    await state.reach('closed');
    expect(accepted.items).toHaveLength(1);
    expect(state.statuses).toEqual(['connecting', 'open', 'closing', 'closed']);
  });
});
