import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { agentHeader } from '../../src/auth/agent-header.ts';
import { clientCredentials } from '../../src/auth/client-credentials.ts';
import { version } from '../../src/version.ts';
import { HandClock } from '../connection/hand-clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A source in time that is driven by hand, whose tokens come from no server. */
function drivenSource(members: object = { expires_in: 100 }) {
  const clock = new HandClock();
  const sent: number[] = [];
  const fetch: typeof globalThis.fetch = () => {
    sent.push(clock.now());
    return Promise.resolve(Response.json({ access_token: `token-${sent.length}`, ...members }));
  };
  const credentials = { loginUrl: 'https://login.example', clientId: 'id', clientSecret: 'secret' };
  return { source: clientCredentials({ ...credentials, fetch, scheduler: clock }), clock, sent };
}

describe('a token in time that is driven', () => {
  it('is kept until 60 s before it expires, and leaves no timer', async () => {
    const { source, clock, sent } = drivenSource();
    expect(await source.token()).toBe('token-1');
    clock.advance(39_999);
    expect(await source.token()).toBe('token-1');
    clock.advance(1);
    expect(await source.token()).toBe('token-2');
    expect(sent).toEqual([0, 40_000]);
    expect(clock.actions.filter((action) => !action.closed)).toEqual([]);
  });

  it('is not waited for longer than the time limit, nor asked for again before the backoff is over', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const clock = new HandClock();
    const sent: number[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      sent.push(clock.now());
      return new Promise((_, reject) => {
        (input as Request).signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    };
    const credentials = { loginUrl: 'https://login.example', clientId: 'id', clientSecret: 'secret' };
    const asked = clientCredentials({ ...credentials, fetch, scheduler: clock, timeout: 5_000, attempts: 2 }).token();
    const failed = expect(asked).rejects.toMatchObject({ code: 'ERR_TIMEOUT', during: 'token', timeout: 5_000 });
    for (const wait of [5_000, 249, 1, 5_000]) {
      for (let turns = 0; turns < 10; turns += 1) await turn();
      clock.advance(wait);
    }
    await failed;
    expect(sent).toEqual([0, 5_250]);
  });
});

describe('lifeLeft', () => {
  it('counts down to nothing, beyond the time at which the token is given out no more', async () => {
    const { source, clock } = drivenSource();
    const token = await source.token();
    expect(source.lifeLeft(token)).toBe(100_000);
    clock.advance(99_999);
    expect(source.lifeLeft(token)).toBe(1);
    clock.advance(2);
    expect(source.lifeLeft(token)).toBe(0);
  });

  it('is known of the last token only', async () => {
    const { source, clock } = drivenSource();
    expect(source.lifeLeft('token-1')).toBeUndefined();
    await source.token();
    clock.advance(50_000);
    await source.token();
    expect(source.lifeLeft('token-1')).toBeUndefined();
    expect(source.lifeLeft('token-2')).toBe(100_000);
  });

  it('is not known of a token that was invalidated, or that came without a time', async () => {
    const { source } = drivenSource();
    source.invalidate(await source.token());
    expect(source.lifeLeft('token-1')).toBeUndefined();
    const timeless = drivenSource({});
    expect(timeless.source.lifeLeft(await timeless.source.token())).toBeUndefined();
  });
});

describe('the User-Agent of HTTP requests', () => {
  it.each([
    ['Node without a navigator', undefined],
    ['Node', { userAgent: 'Node.js/22' }],
    ['a platform that does not say', {}],
  ])('is ours in %s', (_, navigator) => {
    vi.stubGlobal('navigator', navigator);
    expect(agentHeader()).toEqual({ 'User-Agent': `rxframe/${version}` });
  });

  it('is left to browsers and their workers', () => {
    vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' });
    expect(agentHeader()).toEqual({});
  });
});
