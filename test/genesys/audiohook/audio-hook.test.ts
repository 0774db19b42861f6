import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import {
  asyncScheduler,
  catchError,
  EMPTY,
  firstValueFrom,
  map,
  NEVER,
  toArray,
  Subscription,
  type SchedulerAction,
} from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { isRejected } from '../../../operators/frame.ts';
import { audioHook } from '../../../src/genesys/audiohook/audio-hook.node.ts';
import type { AudioHookNotice } from '../../../src/genesys/audiohook/audio-hook-notice.ts';
import type { AudioHookOptions } from '../../../src/genesys/audiohook/audio-hook-options.ts';
import type { FoundCredential } from '../../../src/genesys/audiohook/credentials.ts';
import type { AudioHookSession, SessionEnd } from '../../../src/genesys/audiohook/session.ts';
import { SOMEBODY_ELSE } from '../../../marble-tests/audiohook/client-messages.ts';
import { answerTo, AudioHookClient, UPGRADE, upgradeHeaders, type Upgrade } from './audiohook-client.ts';
import { API_KEY, CLIENT_SECRET } from './signed-request.ts';

const PATH = '/api/v1/audiohook/ws';
const credentials = [{ apiKey: API_KEY, clientSecret: CLIENT_SECRET }];

type Noticed<Type> = Extract<AudioHookNotice, { readonly type: Type }>;

/** An endpoint, and all that it has said. */
class Endpoint {
  readonly sessions: AudioHookSession[] = [];
  readonly notices: AudioHookNotice[] = [];
  readonly subscription: Subscription;
  /** `complete`, or the error. */
  outcome: unknown;
  url = '';
  #waiting: (() => void)[] = [];

  constructor(options: Omit<AudioHookOptions, 'credentials'> & Partial<AudioHookOptions>) {
    const notices = {
      next: (notice: AudioHookNotice) => {
        this.notices.push(notice);
        this.#tell();
      },
    };
    this.subscription = audioHook({ credentials, notices, ...options }).subscribe({
      next: (session) => {
        this.sessions.push(session);
        this.#tell();
      },
      error: (error: unknown) => {
        this.outcome = error;
        this.#tell();
      },
      complete: () => {
        this.outcome = 'complete';
        this.#tell();
      },
    });
    endpoints.push(this);
  }

  /** Waits until there is something to give. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  notice<Type extends AudioHookNotice['type']>(type: Type, nth = 0): Promise<Noticed<Type>> {
    return this.until(() => this.notices.filter((notice): notice is Noticed<Type> => notice.type === type)[nth]);
  }

  ended(sessionId: string): Promise<SessionEnd> {
    return this.until(() =>
      this.notices.find(
        (notice): notice is Noticed<'ended'> => notice.type === 'ended' && notice.sessionId === sessionId,
      ),
    );
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

let endpoints: Endpoint[] = [];
let servers: Server[] = [];

/** An endpoint that listens by itself. */
async function listening(options: Partial<AudioHookOptions> = {}): Promise<Endpoint> {
  const endpoint = new Endpoint({ port: 0, ...options });
  endpoint.url = (await endpoint.notice('listening')).url;
  return endpoint;
}

/** The caller's own server, and an endpoint on it. */
async function attached(
  options: Partial<AudioHookOptions> = {},
): Promise<{ server: Server; endpoint: Endpoint; port: number }> {
  const server = createServer((_, response) => response.end('the caller’s'));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoint = new Endpoint({ server, ...options });
  endpoint.url = `ws://127.0.0.1:${port}${PATH}`;
  return { server, endpoint, port };
}

afterEach(() => {
  for (const { subscription } of endpoints) subscription.unsubscribe();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  endpoints = [];
  servers = [];
});

describe('audioHook', () => {
  it('streams a conversation: who it is, its audio, its events, and how it ended', async () => {
    const endpoint = await listening();
    expect(endpoint.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/api\/v1\/audiohook\/ws$/);
    const client = await AudioHookClient.open(endpoint.url);
    const [session] = endpoint.sessions;
    expect(session).toMatchObject({ id: client.id, isProbe: false, state: 'active' });
    const media = firstValueFrom(session!.media$.pipe(toArray()));
    const frames = firstValueFrom(session!.frames$.pipe(toArray()));
    const events = firstValueFrom(session!.events$.pipe(toArray()));
    client.sendAudio(Uint8Array.of(1, 2, 3, 4));
    client.sendAudio(Uint8Array.of(5, 6));
    expect(await client.close()).toBe(1000);

    const end = { type: 'ended', how: 'closed', closeCode: 1000, disconnect: undefined };
    expect(await endpoint.ended(client.id)).toMatchObject(end);
    expect((await media).map(({ position, decodedData }) => [position, ...decodedData])).toStrictEqual([
      [0, 1, 2, 3, 4],
      [2, 5, 6],
    ]);
    expect(await events).toStrictEqual([{ type: 'closing', reason: 'end' }, end]);
    const received = await frames;
    expect(received.map(({ payloadType, sequence }) => `${sequence} ${payloadType}`)).toStrictEqual([
      '0 open',
      '1 audio',
      '2 audio',
      '3 close',
    ]);
    for (const { connectionId, timestamp, receivedAt } of received) {
      expect(connectionId).toBe(session!.connectionId);
      expect(Math.abs(timestamp - Date.now())).toBeLessThan(10_000);
      expect(Math.abs(receivedAt - performance.now())).toBeLessThan(10_000);
    }
    expect(client.received.map(({ type, seq, id }) => [type, seq, id])).toStrictEqual([
      ['opened', 1, client.id],
      ['closed', 2, client.id],
    ]);
  });

  it('lets in who needs no signature, and who uses another path', async () => {
    const endpoint = await listening({ credentials: [{ apiKey: 'a key' }], path: '/hook' });
    expect(endpoint.url).toMatch(/\/hook$/);
    const client = await AudioHookClient.open(`${endpoint.url}?a=b`, {
      headers: { 'x-api-key': 'a key' },
      signing: false,
    });
    expect(await client.close()).toBe(1000);
  });

  it('tells the caller what the client refuses to be told', async () => {
    const endpoint = await listening({ accept: () => false });
    const client = await AudioHookClient.connect(endpoint.url);
    const disconnect = client.next('disconnect');
    client.send('open', {});
    expect(await disconnect).toMatchObject({ parameters: { reason: 'error' } });
    expect((await endpoint.notice('rejected')).frame).toMatchObject({ stage: 'validate', reason: 'schema' });
    await client.close();
  });

  describe('who is not let in', () => {
    const wrong: readonly (readonly [string, string, Upgrade])[] = [
      ['no organisation', 'identity', { headers: { 'audiohook-organization-id': null }, signing: false }],
      ['no session', 'identity', { headers: { 'audiohook-session-id': null }, signing: false }],
      ['no correlation id', 'identity', { headers: { 'audiohook-correlation-id': null }, signing: false }],
      ['a session that is no UUID', 'identity', { headers: { 'audiohook-session-id': 'x' } }],
      ['no key', 'no-api-key', { headers: { 'x-api-key': null }, signing: false }],
      ['an unknown key', 'unknown-key', { headers: { 'x-api-key': 'other' }, signing: {} }],
      ['another organisation', 'unknown-key', { headers: { 'audiohook-organization-id': SOMEBODY_ELSE } }],
      ['no signature', 'no-signature', { signing: false }],
      ['another secret', 'wrong-signature', { signing: { secret: 'TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU2' } }],
      ['another host', 'wrong-signature', { signing: { authority: 'elsewhere.example' } }],
      ['no form', 'malformed-signature', { signing: { label: 'Sig 1' } }],
      ['a signature that is too old', 'expired', { signedAt: -60 }],
      ['a signature of the future', 'not-yet-valid', { signedAt: 60 }],
    ];

    it('is told 401 after half a second, and nothing else, whatever was wrong', async () => {
      const endpoint = await listening({
        credentials: [{ ...credentials[0]!, organizationIds: ['d7934305-0972-4844-938e-9060eef73d05'] }],
      });
      const used = upgradeHeaders(endpoint.url);
      const first = answerTo(endpoint.url, { ...UPGRADE, ...used }).catch(String);
      expect(await first).toBe('Error: was let in');
      const requests = [...wrong.map(([, , upgrade]) => upgradeHeaders(endpoint.url, upgrade)), used];
      const answers = await Promise.all(requests.map((headers) => answerTo(endpoint.url, { ...UPGRADE, ...headers })));
      for (const { status, headers, body, time } of answers) {
        expect(status).toBe(401);
        expect(headers).toStrictEqual({ connection: 'close', 'content-length': '0' });
        expect(body).toBe('');
        // A timer may be a millisecond early.
        expect(time).toBeGreaterThan(498);
      }
      const refused = endpoint.notices.filter(({ type }) => type === 'refused') as Noticed<'refused'>[];
      expect(refused.map(({ reason }) => reason).sort()).toStrictEqual(
        [...wrong.map(([, reason]) => reason), 'replayed'].sort(),
      );
      for (const { status, address } of refused) expect([status, address]).toStrictEqual([401, '127.0.0.1']);
      expect(JSON.stringify(endpoint.notices)).not.toContain(API_KEY);
      expect(endpoint.sessions).toHaveLength(0);
    });

    it('is told 401 where the lookup fails, of which the operator is told', async () => {
      const lookup = (): never => {
        throw new Error(`no such key: ${API_KEY}`);
      };
      const endpoint = await listening({ credentials: lookup });
      const answer = await answerTo(endpoint.url, { ...UPGRADE, ...upgradeHeaders(endpoint.url) });
      expect(answer).toMatchObject({ status: 401, body: '' });
      expect(await endpoint.notice('refused')).toMatchObject({
        reason: 'lookup-failed',
        cause: 'Error: no such key: (the API key)',
      });
    });

    it('waits for what is left of the half second where the lookup took its time', async () => {
      let now = Date.now();
      let lookupTime = 450;
      const delays: number[] = [];
      const scheduler = {
        now: () => now,
        schedule: (work: (this: SchedulerAction<unknown>, state?: unknown) => void, delay: number) => {
          // Longer is what the lookup may take.
          if (delay > 500) return Subscription.EMPTY;
          delays.push(delay);
          return asyncScheduler.schedule(work, 0);
        },
      };
      const lookup = () => {
        now += lookupTime;
        return undefined;
      };
      const endpoint = await listening({ credentials: lookup, scheduler });
      for (lookupTime of [450, 2_000]) {
        expect(await answerTo(endpoint.url, { ...UPGRADE, ...upgradeHeaders(endpoint.url) })).toMatchObject({
          status: 401,
        });
      }
      expect(delays).toStrictEqual([50, 0]);
    });

    it('is told 401 where the lookup does not answer within ten seconds', async () => {
      const delays: number[] = [];
      const scheduler = {
        now: () => Date.now(),
        schedule: (work: (this: SchedulerAction<unknown>, state?: unknown) => void, delay: number) => {
          delays.push(delay);
          return asyncScheduler.schedule(work, 0);
        },
      };
      const endpoint = await listening({ credentials: () => new Promise(() => undefined), scheduler });
      const answer = await answerTo(endpoint.url, { ...UPGRADE, ...upgradeHeaders(endpoint.url) });
      expect(answer).toMatchObject({ status: 401, body: '' });
      expect(await endpoint.notice('refused')).toMatchObject({ reason: 'lookup-failed' });
      expect(delays[0]).toBe(10_000);
    });

    it('is told 401 where it comes again with what was used before the caller unsubscribed and subscribed anew', async () => {
      const { server } = await attached();
      const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/again`;
      const sessions: AudioHookSession[] = [];
      const hook$ = audioHook({ server, path: '/again', credentials });
      const headers = { ...UPGRADE, ...upgradeHeaders(url) };
      const before = hook$.subscribe();
      await expect(answerTo(url, headers)).rejects.toThrow('was let in');
      before.unsubscribe();
      const after = hook$.subscribe((session) => sessions.push(session));
      expect(await answerTo(url, headers)).toMatchObject({ status: 401 });
      expect(await (await AudioHookClient.open(url)).close()).toBe(1000);
      after.unsubscribe();
      expect(sessions).toHaveLength(1);
    });

    it('is told 404, 426 and 400 where the request is none for it', async () => {
      const endpoint = await listening();
      const { url } = endpoint;
      const elsewhere = url.replace(PATH, '/elsewhere');
      const noKey = Object.fromEntries(Object.entries(UPGRADE).filter(([name]) => name !== 'sec-websocket-key'));
      const [page, hook, other, bad] = await Promise.all([
        answerTo(elsewhere, {}),
        answerTo(`${url}?x`, {}),
        answerTo(elsewhere, { ...UPGRADE, ...upgradeHeaders(elsewhere) }),
        answerTo(url, { ...noKey, ...upgradeHeaders(url) }),
      ]);
      expect([page.status, hook.status, other.status, bad.status]).toStrictEqual([404, 426, 404, 400]);
      expect(hook.headers.upgrade).toBe('websocket');
      expect([other.body, bad.body]).toStrictEqual(['', '']);
      expect(await endpoint.notice('refused')).toMatchObject({ status: 400, reason: 'no-upgrade' });
      expect(endpoint.sessions).toHaveLength(0);
    });

    it.each(['/elsewhere', PATH])(
      'does no harm where it resets its connection while it is refused at %s',
      async (path) => {
        const { server, port } = await attached();
        const uncaught: unknown[] = [];
        const note = (error: unknown) => void uncaught.push(error);
        process.on('uncaughtException', note);
        const gone: Promise<unknown>[] = [];
        for (let count = 0; count < 20; count += 1) {
          const accepted = once(server, 'connection') as Promise<[Socket]>;
          const socket = connect(port, '127.0.0.1').on('error', () => undefined);
          gone.push(accepted.then(([onServer]) => new Promise((resolve) => onServer.once('close', resolve))));
          await accepted;
          socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nmore`, () =>
            socket.resetAndDestroy(),
          );
        }
        await Promise.all(gone);
        process.off('uncaughtException', note);
        expect(uncaught).toStrictEqual([]);
        expect((await answerTo(`ws://127.0.0.1:${port}/`, {})).body).toBe('the caller’s');
      },
    );
  });

  describe('on the caller’s server', () => {
    it('leaves other paths to others', async () => {
      const { server, endpoint, port } = await attached();
      const other = new WebSocketServer({ noServer: true });
      server.on('upgrade', (request, socket, head) => {
        if (request.url === '/others') other.handleUpgrade(request, socket, head, (webSocket) => webSocket.close(4001));
      });
      const client = await AudioHookClient.open(endpoint.url);
      const stranger = await AudioHookClient.connect(`ws://127.0.0.1:${port}/others`);
      expect(await stranger.closed).toBe(4001);
      expect(await client.close()).toBe(1000);
      expect(endpoint.sessions).toHaveLength(1);
      expect((await answerTo(`ws://127.0.0.1:${port}/`, {})).body).toBe('the caller’s');
    });

    it('answers 404 at other paths where there is nobody else, and leaves plain requests alone', async () => {
      const { endpoint, port } = await attached();
      const elsewhere = `ws://127.0.0.1:${port}/elsewhere`;
      expect(await answerTo(elsewhere, { ...UPGRADE, ...upgradeHeaders(elsewhere) })).toMatchObject({ status: 404 });
      expect(await answerTo(endpoint.url, {})).toMatchObject({ status: 200, body: 'the caller’s' });
    });

    it('answers 404 at other paths also where there are several, but nobody else', { timeout: 2_000 }, async () => {
      const { server, endpoint, port } = await attached();
      const other = new Endpoint({ server, path: '/other' });
      const elsewhere = `ws://127.0.0.1:${port}/elsewhere`;
      const headers = { ...UPGRADE, ...upgradeHeaders(elsewhere) };
      expect(await answerTo(elsewhere, headers)).toMatchObject({ status: 404, body: '' });
      endpoint.subscription.unsubscribe();
      expect(await answerTo(elsewhere, headers)).toMatchObject({ status: 404, body: '' });
      const left = endpoint.url.replace(PATH, '/other');
      expect(await (await AudioHookClient.open(left)).close()).toBe(1000);
      expect(other.sessions).toHaveLength(1);
    });

    it('leaves no listener when it is unsubscribed, and the server on', async () => {
      const { server, endpoint, port } = await attached();
      endpoint.subscription.unsubscribe();
      expect(['upgrade', 'close', 'error'].map((name) => server.listenerCount(name))).toStrictEqual([0, 0, 0]);
      expect(server.listening).toBe(true);
      expect((await answerTo(`ws://127.0.0.1:${port}/`, {})).status).toBe(200);
    });

    it('completes when the server is closed, after its last session', async () => {
      const { server, endpoint } = await attached();
      const client = await AudioHookClient.open(endpoint.url);
      server.close();
      expect(await client.close()).toBe(1000);
      expect(await endpoint.until(() => endpoint.outcome)).toBe('complete');
      expect(server.listenerCount('upgrade')).toBe(0);
    });

    it('is an error where there is one at the same path, and none at another', async () => {
      const { server, endpoint } = await attached();
      const second = new Endpoint({ server });
      expect(second.outcome).toStrictEqual(
        new Error(`audioHook: the server has one at ${PATH} already. To subscribe twice, share() it`),
      );
      const other = new Endpoint({ server, path: '/other' });
      expect(other.outcome).toBeUndefined();
      expect(await (await AudioHookClient.open(endpoint.url)).close()).toBe(1000);
      expect(await (await AudioHookClient.open(endpoint.url.replace(PATH, '/other'))).close()).toBe(1000);
      endpoint.subscription.unsubscribe();
      const third = new Endpoint({ server });
      expect(third.outcome).toBeUndefined();
      expect(await (await AudioHookClient.open(endpoint.url)).close()).toBe(1000);
      expect(third.sessions).toHaveLength(1);
    });
  });

  describe('too many', () => {
    it('sessions are told 503, until there is room, whoever they are of', async () => {
      const endpoint = await listening({ maxSessions: 2 });
      const one = await AudioHookClient.open(endpoint.url);
      const two = await AudioHookClient.connect(endpoint.url);
      const other = upgradeHeaders(endpoint.url, { headers: { 'audiohook-organization-id': SOMEBODY_ELSE } });
      const answer = await answerTo(endpoint.url, { ...UPGRADE, ...other });
      expect(answer).toMatchObject({ status: 503, body: '' });
      expect(answer.headers).toMatchObject({ 'retry-after': '5' });
      expect(await endpoint.notice('refused')).toMatchObject({ reason: 'too-many-sessions' });
      two.webSocket.terminate();
      await endpoint.ended(two.id);
      const three = await AudioHookClient.open(endpoint.url);
      await Promise.all([one.close(), three.close()]);
    });

    it('of one organisation do not keep another one out', async () => {
      const endpoint = await listening({ maxSessionsPerOrganization: 1 });
      const other = { headers: { 'audiohook-organization-id': SOMEBODY_ELSE } };
      const upper = { headers: { 'audiohook-organization-id': 'D7934305-0972-4844-938E-9060EEF73D05' } };
      const theirs = await AudioHookClient.open(endpoint.url, other);
      for (const [first, second] of [
        [{}, upper],
        [upper, {}],
      ]) {
        const mine = await AudioHookClient.open(endpoint.url, first);
        await expect(AudioHookClient.connect(endpoint.url, second)).rejects.toThrow('503');
        await mine.close();
        await endpoint.ended(mine.id);
      }
      await theirs.close();
    });
  });

  describe('sessions', () => {
    it('do not touch each other: one breaks the protocol, the consumer of one fails, one breaks off', async () => {
      const endpoint = await listening();
      const [good, bad, thrown, cut] = await Promise.all(
        Array.from({ length: 4 }, () => AudioHookClient.open(endpoint.url)),
      );
      const sessionOf = ({ id }: AudioHookClient) => endpoint.sessions.find((session) => session.id === id)!;
      const failures: unknown[] = [];
      const positions = firstValueFrom(
        sessionOf(good!).media$.pipe(
          map(({ position }) => position),
          toArray(),
        ),
      );
      sessionOf(thrown!)
        .media$.pipe(
          map(() => {
            throw new Error('a consumer');
          }),
          catchError((error: unknown) => {
            failures.push(String(error));
            return EMPTY;
          }),
        )
        .subscribe();
      const disconnect = bad!.next('disconnect');
      for (let count = 0; count < 10; count += 1) {
        good!.sendAudio(new Uint8Array(160));
        thrown!.sendAudio(new Uint8Array(160));
        if (count === 3) bad!.webSocket.send('{');
        if (count === 5) cut!.webSocket.terminate();
      }
      expect(await disconnect).toMatchObject({
        parameters: { reason: 'error', info: expect.stringContaining('JSON') as string },
      });
      await Promise.all([good!.close(), bad!.close(), thrown!.close()]);
      expect(await positions).toStrictEqual(Array.from({ length: 10 }, (_, index) => index * 80));
      expect(failures).toStrictEqual(['Error: a consumer']);
      const ends = await Promise.all([good!, bad!, thrown!, cut!].map(({ id }) => endpoint.ended(id)));
      expect(ends.map(({ how, closeCode }) => `${how} ${closeCode}`)).toStrictEqual([
        'closed 1000',
        'disconnected 1000',
        'closed 1000',
        'lost 1006',
      ]);
      expect(endpoint.outcome).toBeUndefined();
    });

    it('are closed with 1009 where a message is larger than 1 MiB', async () => {
      const endpoint = await listening();
      const client = await AudioHookClient.open(endpoint.url);
      client.sendAudio(new Uint8Array(1024 * 1024));
      client.sendAudio(new Uint8Array(1024 * 1024 + 1));
      expect(await client.closed).toBe(1009);
      expect(await endpoint.ended(client.id)).toMatchObject({ how: 'lost', closeCode: 1009 });
      expect(endpoint.sessions[0]!.position).toBe(512 * 1024);
    });

    it('have ended with 1009, too, where the client of such a message hears nothing any more', async () => {
      const endpoint = await listening({ closeTimeout: 50 });
      const client = await AudioHookClient.open(endpoint.url);
      client.webSocket.pause();
      client.sendAudio(new Uint8Array(1024 * 1024 + 1));
      expect(await endpoint.ended(client.id)).toMatchObject({ how: 'lost', closeCode: 1009 });
      client.webSocket.terminate();
    });

    it('reject text that is too long or no UTF-8, and are disconnected', async () => {
      const endpoint = await listening();
      for (const [text, reason] of [
        ['x'.repeat(65_536), 'oversize'],
        [Buffer.from([0x22, 0xff, 0x22]), 'invalid-utf8'],
      ] as const) {
        const client = await AudioHookClient.open(endpoint.url);
        const outcomes = firstValueFrom(endpoint.sessions.at(-1)!.frames$.pipe(toArray()));
        const disconnect = client.next('disconnect');
        client.webSocket.send(text, { binary: false });
        await disconnect;
        await client.close();
        expect(
          (await outcomes).map((outcome) => (isRejected(outcome) ? outcome.reason : outcome.payloadType)),
        ).toStrictEqual(['open', reason, 'close']);
      }
    });

    it('are cut where a client does not close, not even its socket', async () => {
      const endpoint = await listening({ closeTimeout: 50 });
      const deaf = await AudioHookClient.open(endpoint.url);
      deaf.webSocket.pause();
      const silent = await AudioHookClient.open(endpoint.url);
      for (const session of endpoint.sessions) session.disconnect('error', 'go');
      expect(await silent.closed).toBe(1002);
      expect(await endpoint.ended(silent.id)).toMatchObject({ how: 'disconnected', closeCode: 1002 });
      expect(await endpoint.ended(deaf.id)).toMatchObject({ how: 'disconnected', closeCode: 1006 });
      deaf.webSocket.terminate();
    });

    it('are cut where a client does not read', async () => {
      const endpoint = await listening();
      const client = await AudioHookClient.open(endpoint.url);
      client.webSocket.pause();
      for (let count = 0; count < 60_000; count += 1) endpoint.sessions[0]!.reconnect('x'.repeat(200));
      expect(await endpoint.ended(client.id)).toMatchObject({ how: 'lost', closeCode: 1006 });
      client.webSocket.terminate();
    });
  });

  describe('beside another WebSocketServer of the same server', () => {
    it.each([
      ['that answers other paths with 400', { path: '/other' }],
      ['that takes every path', {}],
    ])('%s: tells that the request was gone', async (_, options) => {
      const { server, endpoint } = await attached();
      const other = new WebSocketServer({ server, ...options });
      await AudioHookClient.connect(endpoint.url).then(
        (client) => client.webSocket.terminate(),
        () => undefined,
      );
      expect(await endpoint.notice('refused')).toMatchObject({ status: undefined, reason: 'gone' });
      other.close();
      expect(endpoint.sessions).toStrictEqual([]);
    });
  });

  it('lets others in while a thousand refusals wait for their time', async () => {
    const endpoint = await listening();
    const strangers = Array.from({ length: 1_200 }, () => {
      const socket = connect(Number(new URL(endpoint.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `GET ${PATH} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n`,
      );
      return socket;
    });
    const client = await AudioHookClient.open(endpoint.url);
    expect(await client.close()).toBe(1000);
    await endpoint.notice('refused', 1_199);
    expect(
      endpoint.notices.filter((notice) => notice.type === 'refused' && notice.reason !== 'identity'),
    ).toStrictEqual([]);
    for (const socket of strangers) socket.destroy();
  });

  describe('unsubscribing', () => {
    it('asks every client to close, frees the port at once, and lets the sessions go on until they are closed', async () => {
      const endpoint = await listening();
      const { url } = endpoint;
      const client = await AudioHookClient.open(url);
      const [session] = endpoint.sessions;
      const media = firstValueFrom(session!.media$.pipe(toArray()));
      const disconnect = client.next('disconnect');
      endpoint.subscription.unsubscribe();
      expect(await disconnect).toMatchObject({ parameters: { reason: 'completed' } });
      await expect(AudioHookClient.connect(url)).rejects.toThrow('ECONNREFUSED');
      const again = await listening({ port: Number(new URL(url).port) });
      expect(again.url).toBe(url);
      client.sendAudio(new Uint8Array(10));
      expect(await client.close()).toBe(1000);
      expect(await media).toHaveLength(1);
      expect(await endpoint.ended(client.id)).toMatchObject({
        how: 'disconnected',
        disconnect: { reason: 'completed' },
      });
      expect(again.sessions).toHaveLength(0);
    });

    it('does not hand out a session that opens while it stops', async () => {
      const endpoint = await listening({
        accept: ({ offered }) => new Promise((resolve) => setImmediate(resolve, { media: offered[0] })),
      });
      const client = await AudioHookClient.connect(endpoint.url);
      endpoint.subscription.unsubscribe();
      const disconnect = client.next('disconnect');
      expect(await disconnect).toMatchObject({ seq: 1, parameters: { reason: 'completed' } });
      expect(await client.close()).toBe(1000);
      expect(endpoint.sessions).toHaveLength(0);
    });

    it('lets nobody in whose key is still being looked up', async () => {
      let found: (credential: FoundCredential) => void = () => undefined;
      const lookup = () => new Promise<FoundCredential>((resolve) => (found = resolve));
      let isAsked = (): void => undefined;
      const asked = new Promise<void>((resolve) => (isAsked = resolve));
      const endpoint = await listening({
        credentials: () => {
          isAsked();
          return lookup();
        },
      });
      const answer = answerTo(endpoint.url, { ...UPGRADE, ...upgradeHeaders(endpoint.url) });
      await asked;
      endpoint.subscription.unsubscribe();
      found({ clientSecret: CLIENT_SECRET });
      expect(await answer).toMatchObject({ status: 503, body: '' });
      expect(await endpoint.notice('refused')).toMatchObject({ reason: 'stopping' });
    });

    it('listens no more where that comes before it listens', async () => {
      const holder = createTcpServer().listen(0, '127.0.0.1');
      await once(holder, 'listening');
      const { port } = holder.address() as AddressInfo;
      holder.close();
      await once(holder, 'close');
      for (const host of ['127.0.0.1', 'localhost']) {
        const endpoint = new Endpoint({ port, host });
        endpoint.subscription.unsubscribe();
      }
      const again = await listening({ port });
      expect(again.outcome).toBeUndefined();
    });
  });

  it('fails where the port is taken', async () => {
    const taken = await listening();
    const endpoint = new Endpoint({ port: Number(new URL(taken.url).port) });
    expect(await endpoint.until(() => endpoint.outcome)).toMatchObject({ code: 'EADDRINUSE' });
    expect(await (await AudioHookClient.open(taken.url)).close()).toBe(1000);
  });

  it('may be subscribed to more than once where each has a port of its own', async () => {
    const urls: string[] = [];
    let tell = (): void => undefined;
    const both = new Promise<void>((resolve) => (tell = resolve));
    const hook$ = audioHook({
      port: 0,
      credentials,
      notices: {
        next: (notice) => {
          if (notice.type === 'listening' && urls.push(notice.url) === 2) tell();
        },
      },
    });
    const ids: string[][] = [[], []];
    const subscriptions = ids.map((list) => hook$.subscribe(({ id }) => list.push(id)));
    await both;
    expect(new Set(urls).size).toBe(2);
    const [one, two] = await Promise.all(urls.map((url) => AudioHookClient.open(url)));
    expect(ids.flat().sort()).toStrictEqual([one!.id, two!.id].sort());
    expect(ids.map(({ length }) => length)).toStrictEqual([1, 1]);
    await one!.close();
    subscriptions[urls.length - 2]!.unsubscribe();
    await two!.close();
    for (const subscription of subscriptions) subscription.unsubscribe();
  });

  it('holds a session open until the last of its audio is worked on', async () => {
    const endpoint = await listening();
    const client = await AudioHookClient.open(endpoint.url);
    const [session] = endpoint.sessions;
    const holder = NEVER.pipe(session!.holdOpen()).subscribe();
    session!.media$.subscribe({
      complete: () => {
        session!.sendEvent({ type: 'transcript', data: { last: true } });
        holder.unsubscribe();
      },
    });
    expect(await client.close()).toBe(1000);
    expect(client.received.map(({ type }) => type)).toStrictEqual(['opened', 'event', 'closed']);
  });

  describe('options', () => {
    const server = createServer();
    it.each<[string, object, string]>([
      ['neither server nor port', {}, 'TypeError: audioHook: give either server or port'],
      ['both', { server, port: 0 }, 'TypeError: audioHook: give either server or port'],
      ['a host with a server', { server, host: 'x' }, 'TypeError: audioHook: host is for port, and server is given'],
      [
        'a server that is none',
        { server: {} },
        'TypeError: audioHook: server must be an object with a method listen(), got an object',
      ],
      [
        'a port that is none',
        { port: 65_536 },
        'RangeError: audioHook: port must be an integer from 0 to 65535, got 65536',
      ],
      ['a port as text', { port: '80' }, 'TypeError: audioHook: port must be an integer from 0 to 65535, got "80"'],
      [
        'a host that is no text',
        { port: 0, host: 7 },
        'TypeError: audioHook: host must be a name or an address, got 7',
      ],
      [
        'a path without a slash',
        { port: 0, path: 'x' },
        'RangeError: audioHook: path must be a path that starts with a slash, without a query, got "x"',
      ],
      [
        'a path with a query',
        { port: 0, path: '/x?y' },
        'RangeError: audioHook: path must be a path that starts with a slash, without a query, got "/x?y"',
      ],
      [
        'a path that is no text',
        { port: 0, path: 7 },
        'TypeError: audioHook: path must be a path that starts with a slash, without a query, got 7',
      ],
      [
        'languages that are none',
        { port: 0, supportedLanguages: [7] },
        'TypeError: audioHook: supportedLanguages must be an array of language codes, got an array',
      ],
      ['accept that is none', { port: 0, accept: true }, 'TypeError: audioHook: accept must be a function, got true'],
      [
        'a scheduler that is none',
        { port: 0, scheduler: {} },
        'TypeError: audioHook: scheduler must be an object with a method schedule(), got an object',
      ],
      [
        'notices that are none',
        { port: 0, notices: {} },
        'TypeError: audioHook: notices must be an object with a method next(), got an object',
      ],
      [
        'no sessions',
        { port: 0, maxSessions: 0 },
        'RangeError: audioHook: maxSessions must be a positive integer, got 0',
      ],
      [
        'no sessions of an organisation',
        { port: 0, maxSessionsPerOrganization: 0 },
        'RangeError: audioHook: maxSessionsPerOrganization must be a positive integer, got 0',
      ],
      [
        'no messages',
        { port: 0, maxMessagesPerSecond: 0.5 },
        'RangeError: audioHook: maxMessagesPerSecond must be a positive integer, got 0.5',
      ],
      [
        'no idle time',
        { port: 0, idleTimeout: 0 },
        'RangeError: audioHook: idleTimeout must be a number of milliseconds, above 0 and at most 2147483647, got 0',
      ],
      [
        'no time to close',
        { port: 0, closeTimeout: NaN },
        'RangeError: audioHook: closeTimeout must be a number of milliseconds, above 0 and at most 2147483647, got NaN',
      ],
      [
        'no credentials',
        { port: 0, credentials: [] },
        'RangeError: audioHook: credentials must have at least one entry',
      ],
      [
        'an unknown one',
        { port: 0, tls: true },
        'TypeError: audioHook: there is no option "tls"; there are server, port, host, path, credentials, accept, supportedLanguages, notices, maxSessions, maxSessionsPerOrganization, maxMessagesPerSecond, idleTimeout, closeTimeout, scheduler',
      ],
    ])('fail at the call: %s', (_, options, message) => {
      let thrown: unknown;
      try {
        audioHook({ credentials, ...options });
      } catch (error) {
        thrown = error;
      }
      expect(String(thrown)).toBe(message);
    });
  });
});
