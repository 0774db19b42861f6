import { lastValueFrom, type Observable } from 'rxjs';
import { expect } from 'vitest';
import { platformApi, type ApiCallRecord, type PlatformApiOptions } from '../../src/genesys/platform-api.ts';
import { tokenServer, type Answer } from '../auth/token-server.ts';
import { HandClock } from '../connection/hand-clock.ts';
import { Log } from '../connection/log.ts';

/** The token of a client that is given none of its own. */
export const TOKEN = 'T0k3n-that-nobody-should-see';

/** A server of the API, a client of it in hand-driven time, and what the client reports. */
export async function apiClient(answer: Answer, options: Partial<PlatformApiOptions> = {}) {
  const { loginUrl: apiUrl, host, requests } = await tokenServer(answer);
  const clock = new HandClock();
  const calls = new Log<ApiCallRecord>();
  const api = platformApi({ apiUrl, token: TOKEN, scheduler: clock, calls, ...options });
  return { api, host, requests, clock, calls };
}

/** What is still to come in time that is driven by hand: in how many milliseconds, soonest first. */
export function waits(clock: HandClock): readonly number[] {
  return clock.actions
    .filter((action) => !action.closed)
    .map(({ delay }) => delay - clock.now())
    .sort((a, b) => a - b);
}

/** The error that ends it. */
export async function failureOf(call$: Observable<unknown>): Promise<Error> {
  return lastValueFrom(call$).then(
    () => expect.fail('there should be no answer'),
    (error: unknown) => error as Error,
  );
}
