import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { reconnect } from '../../operators/reconnect.ts';
import type { ConnectOptions } from '../../src/connection/connect-options.ts';
import { connect } from '../../src/connection/connect.ts';
import { selfSigned } from './certificate.ts';
import { record, States } from './record.ts';
import { switching, tcpServer, webSocketServer } from './servers.ts';

const SECRET = 'cafe-secret-0123456789';

/** All text and all bytes that can be reached from a value, private and symbol members aside that `inspect` can't see either. */
function reachable(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value === 'string') return `${value}\n`;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return '';
  seen.add(value);
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('latin1')}\n`;
  const members = Reflect.ownKeys(value).map((key) =>
    reachable(Object.getOwnPropertyDescriptor(value, key)?.value, seen),
  );
  return members.join('');
}

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}

/** Everything that a logger, a debugger or a careless person could make of an error. */
function shown(error: unknown): string {
  const each = causes(error).map((one) => `${String(one)} ${JSON.stringify(one)} ${(one as Error).stack ?? ''}`);
  return [inspect(error, { showHidden: true, depth: Infinity, maxArrayLength: null }), reachable(error), ...each].join(
    '\n',
  );
}

const answering = async (answer: string) => (await tcpServer((socket) => socket.write(answer))).url;
const status = (line: string, ...headers: string[]) =>
  answering([`HTTP/1.1 ${line}`, ...headers, 'Content-Length: 0', '\r\n'].join('\r\n'));
const opening = async (bytes: readonly number[]) =>
  (
    await tcpServer((socket, request) => {
      socket.write(switching(request));
      socket.write(Buffer.from(bytes));
    })
  ).url;

/** Failures of every kind, each with a server or an address that leads to it. */
const failures: Record<string, () => Promise<Partial<ConnectOptions> & Pick<ConnectOptions, 'url'>>> = {
  '401': async () => ({ url: await status('401 No') }),
  '403 with a challenge': async () => ({ url: await status('403 No', 'WWW-Authenticate: Bearer error="x"') }),
  '404': async () => ({ url: await status('404 No') }),
  '429': async () => ({ url: await status('429 Slow', 'Retry-After: 9') }),
  '500': async () => ({ url: await status('500 Oops') }),
  'a redirect': async () => ({ url: await status('302 Found', 'Location: ws://127.0.0.1:1/') }),
  'a server that hangs up': async () => ({ url: (await tcpServer((socket) => socket.destroy())).url }),
  'a server that never answers': async () => ({ url: (await tcpServer(() => undefined)).url, handshakeTimeout: 5 }),
  'a server that echoes the request': async () => ({
    url: (await tcpServer((socket, request) => socket.write(request))).url,
  }),
  'a handshake computed wrong': async () => ({ url: await answering(switching('sec-websocket-key: no')) }),
  'a refused connection': () => Promise.resolve({ url: 'ws://127.0.0.1:1/feed' }),
  'a name that is not known': () => Promise.resolve({ url: 'wss://feed.invalid/feed' }),
  'a certificate that does not verify': async () => ({
    url: (await webSocketServer(undefined, { tls: selfSigned() })).url,
  }),
  'a close with an error': async () => ({ url: await opening([0x88, 2, 0x03, 0xf3]) }),
  'a close that gives the token back': async () => ({
    url: (await webSocketServer((webSocket) => webSocket.close(1008, `Bearer ${SECRET}.token`))).url,
  }),
  'a close that gives the password back': async () => ({
    url: (await webSocketServer((webSocket) => webSocket.close(1008, `user:${SECRET}`))).url,
  }),
  'a lost connection': async () => ({ url: (await webSocketServer((webSocket) => webSocket.terminate())).url }),
  'a message over maxPayload': async () => ({ url: await opening([0x82, 126, 255, 255]), maxPayload: 9 }),
  'a violation of the protocol': async () => ({ url: await opening([0x83, 0]) }),
  'a dead connection': async () => ({ url: await opening([]), heartbeat: { interval: 5, timeout: 5 } }),
  'an address that is none': () => Promise.resolve({ url: () => `no address ${SECRET}` }),
  'an address of another scheme': () => Promise.resolve({ url: () => `https://127.0.0.1/?key=${SECRET}` }),
  'an address with a fragment': () => Promise.resolve({ url: () => `wss://127.0.0.1/?key=${SECRET}#${SECRET}` }),
  'an address not safe for the token': () => Promise.resolve({ url: () => `ws://user:${SECRET}@feed.invalid/` }),
  'a token that is none': () => Promise.resolve({ url: 'ws://127.0.0.1:1/', token: () => `${SECRET} ${SECRET}` }),
  'a header that cannot be sent': () =>
    Promise.resolve({ url: 'ws://127.0.0.1:1/', headers: () => ({ 'x-key': `${SECRET}\r\n` }) }),
  'a subprotocol that cannot be offered': () =>
    Promise.resolve({ url: 'ws://127.0.0.1:1/', protocols: () => `bearer ${SECRET}` }),
};

describe('no secret of the upgrade request gets into the error, its causes, or the states', () => {
  it.for(Object.entries(failures))('of %s', async ([, prepare]) => {
    const { url, ...options } = await prepare();
    const state = new States();
    const frames$ = connect({
      // User, password and query may be secrets too.
      url: typeof url === 'string' ? `${url.replace('://', `://user:${SECRET}@`)}?key=${SECRET}` : url,
      token: `${SECRET}.token`,
      headers: { 'x-api-key': SECRET, cookie: `session=${SECRET}` },
      ...options,
      state,
    }).pipe(reconnect({ maxAttempts: 1, maxAuthFailures: 1, maxProtocolFailures: 1, state }));
    const error = await record(frames$).ended;
    expect(error).toBeInstanceOf(Error);
    expect(state.statuses.at(-1)).toBe('failed');
    for (const text of [shown(error), ...state.items.map((item) => shown('cause' in item ? item.cause : item))]) {
      expect(text).not.toContain(SECRET);
    }
    expect(inspect(state.items, { showHidden: true, depth: Infinity })).not.toContain(SECRET);
  });

  it('which the search would find', () => {
    const error = new Error('outer', { cause: Object.assign(new Error('inner'), { bytes: Buffer.from(SECRET) }) });
    expect(shown(error)).toContain(SECRET);
  });

  it('and none shows in what connect returns', () => {
    const url = `wss://user:${SECRET}@feed.invalid/`;
    const observable = connect({ url, token: SECRET, headers: { 'x-api-key': SECRET } });
    expect(inspect(observable, { showHidden: true, depth: Infinity })).not.toContain(SECRET);
    expect(JSON.stringify(observable)).not.toContain(SECRET);
  });
});
