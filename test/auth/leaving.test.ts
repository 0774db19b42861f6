import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clientCredentials } from '../../src/auth/client-credentials.ts';
import { connect } from '../../src/connection/connect.ts';
import { Log } from '../connection/log.ts';
import { record, States } from '../connection/record.ts';
import { settle } from '../connection/servers.ts';
import { give, issuing, tokenServer, type Answer } from './token-server.ts';

/** How long a token request may take, in milliseconds: longer than a test. */
const TIMEOUT = 60_000;

/** Looks at the timers that RxJS sets from now on. */
function watchTimers() {
  const setting = vi.spyOn(globalThis, 'setInterval');
  const clearing = vi.spyOn(globalThis, 'clearInterval');
  return {
    /** Those of some delay, in milliseconds, and of these how many are cleared. */
    count(is: (delay: number) => boolean) {
      const own = setting.mock.results.filter((_, nth) => is(setting.mock.calls[nth]![1] ?? 0));
      const cleared = clearing.mock.calls.map(([timer]) => timer as unknown);
      return { set: own.length, cleared: own.filter(({ value }) => cleared.includes(value)).length };
    },
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** A token source, and a server whose answers wait to be given by the test. */
async function waitingServer() {
  const answers = new Log<() => void>();
  const closed = new Log<boolean>();
  const answer: Answer = (response, ...rest) => {
    // True where it was answered in full, false where the client hung up before.
    response.once('close', () => closed.next(response.writableFinished));
    answers.next(() => issuing()(response, ...rest));
  };
  const { loginUrl, requests } = await tokenServer(answer);
  const source = clientCredentials({ loginUrl, clientId: 'id', clientSecret: 'secret', timeout: TIMEOUT });
  return { source, requests, answers, closed };
}

describe('unsubscribing from connect', () => {
  it('gives the token request under way up: no request, no timer and no second try is left', async () => {
    const timers = watchTimers();
    const { source, requests, answers, closed } = await waitingServer();
    const state = new States();
    const { subscription } = record(connect({ url: 'ws://127.0.0.1:9/feed', token: source, state }));
    await answers.until(1);
    const isLimit = (delay: number) => delay === TIMEOUT;
    expect(timers.count(isLimit)).toEqual({ set: 1, cleared: 0 });

    subscription.unsubscribe();
    expect(await closed.until(1)).toBe(false);
    await settle(() => timers.count(isLimit).cleared === 1);
    expect(timers.count(isLimit)).toEqual({ set: 1, cleared: 1 });
    expect(timers.count((delay) => delay >= 250 && delay < 500).set).toBe(0);
    expect(requests).toHaveLength(1);
    expect(state.items).toEqual([]);
  });

  it('gives an answer up that is only half there', async () => {
    const sent = new Log<ServerResponse>();
    const { loginUrl } = await tokenServer((response) => {
      response.writeHead(200);
      response.write('{"access_token":', () => sent.next(response));
    });
    const token = clientCredentials({ loginUrl, clientId: 'id', clientSecret: 'secret' });
    const { subscription } = record(connect({ url: 'ws://127.0.0.1:9/feed', token }));
    const response = await sent.until(1);
    const closed = once(response, 'close');
    subscription.unsubscribe();
    await closed;
    expect(response.writableFinished).toBe(false);
  });

  it('ends the wait before the next token request', async () => {
    const { loginUrl, requests } = await tokenServer((response) => give(response, 503, {}));
    const waits = watchTimers();
    const isWait = (delay: number) => delay >= 250 && delay < 500;
    const token = clientCredentials({ loginUrl, clientId: 'id', clientSecret: 'secret' });
    const { subscription } = record(connect({ url: 'ws://127.0.0.1:9/feed', token }));
    await settle(() => waits.count(isWait).set === 1);
    expect(waits.count(isWait)).toEqual({ set: 1, cleared: 0 });

    subscription.unsubscribe();
    expect(waits.count(isWait)).toEqual({ set: 1, cleared: 1 });
    expect(requests).toHaveLength(1);
  });

  it('leaves a TokenSource alone that takes no signal', async () => {
    let give: (token: string) => void = () => undefined;
    const asked = new Promise<string>((resolve) => (give = resolve));
    const token = { token: () => asked, invalidate: () => undefined };
    const state = new States();
    const { subscription } = record(connect({ url: 'ws://127.0.0.1:9/feed', token, state }));
    subscription.unsubscribe();
    give('late');
    await asked;
    expect(state.items).toEqual([]);
  });

  it('aborts the signal of a TokenSource of one’s own only where the token had not come', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const token = {
      token(signal?: AbortSignal) {
        signals.push(signal);
        return signals.length === 1 ? new Promise<string>(() => undefined) : Promise.resolve('token');
      },
      invalidate: () => undefined,
    };
    record(connect({ url: 'ws://127.0.0.1:9/feed', token })).subscription.unsubscribe();
    const state = new States();
    const { subscription } = record(connect({ url: 'ws://127.0.0.1:9/feed', token, state }));
    await state.reach('connecting');
    await settle(() => state.statuses.length > 1);
    subscription.unsubscribe();
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, false]);
  });
});

describe('a caller of token() that leaves', () => {
  it('fails with the reason of its signal, at once', async () => {
    const { source, answers, closed } = await waitingServer();
    const leaving = new AbortController();
    const asked = source.token(leaving.signal);
    await answers.until(1);
    leaving.abort(new Error('no longer wanted'));
    await expect(asked).rejects.toThrow(new Error('no longer wanted'));
    expect(await closed.until(1)).toBe(false);
  });

  it('leaves the request to those who still wait, with a signal or without', async () => {
    const { source, requests, answers, closed } = await waitingServer();
    const leaving = new AbortController();
    const left = source.token(leaving.signal);
    const staying = [source.token(), source.token(new AbortController().signal)];
    await answers.until(1);
    leaving.abort();
    await expect(left).rejects.toBe(leaving.signal.reason);

    answers.items[0]!();
    expect(await Promise.all(staying)).toEqual(['token-0', 'token-0']);
    expect(await closed.until(1)).toBe(true);
    expect(await source.token()).toBe('token-0');
    expect(requests).toHaveLength(1);
  });

  it('as the last one gives the request up, and a later caller starts a new one', async () => {
    const { source, requests, answers, closed } = await waitingServer();
    const leaving = [new AbortController(), new AbortController()];
    const left = leaving.map(({ signal }) => source.token(signal));
    await answers.until(1);
    for (const controller of leaving) controller.abort();
    const later = source.token();
    expect((await Promise.allSettled(left)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await closed.until(1)).toBe(false);

    await answers.until(2);
    answers.items[1]!();
    expect(await later).toBe('token-1');
    expect(requests).toHaveLength(2);
  });

  it('before it asks makes no request', async () => {
    const { source, requests, answers } = await waitingServer();
    await expect(source.token(AbortSignal.abort(new Error('too late')))).rejects.toThrow(new Error('too late'));
    const asked = source.token();
    await answers.until(1);
    answers.items[0]!();
    expect(await asked).toBe('token-0');
    expect(requests).toHaveLength(1);
  });

  it('leaves no listener on a signal that lives on', async () => {
    const { source, answers } = await waitingServer();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const asked = source.token(signal);
    await answers.until(1);
    answers.items[0]!();
    await asked;
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).toHaveBeenCalledTimes(1);
    expect(removed.mock.calls[0]![1]).toBe(added.mock.calls[0]![1]);
  });
});
