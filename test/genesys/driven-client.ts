import { VirtualTimeScheduler, type SchedulerLike } from 'rxjs';
import { platformApi, type ApiCallRecord, type PlatformApi } from '../../src/genesys/platform-api.ts';
import {
  driveTime,
  simulatePlatform,
  type SimulatedPlatform,
  type SimulatePlatformOptions,
} from '../../src/simulator/index.ts';
import { watchedScheduler } from './watched-scheduler.ts';

/** A simulated platform in driven time, and what a client on it needs. */
export interface DrivenClient {
  readonly platform: SimulatedPlatform;
  readonly api: PlatformApi;
  readonly scheduler: SchedulerLike;
  /** The REST calls that have ended, oldest first. */
  readonly calls: ApiCallRecord[];
  now(this: void): number;
  /** How many timers were set through {@link scheduler} and are still to come. */
  timers(this: void): number;
  /** Lets so many milliseconds pass. */
  pass(this: void, milliseconds: number): Promise<void>;
}

/** **Puts a REST client in front of a simulated platform**, both in the same driven time. */
export function drivenClient(options: Omit<SimulatePlatformOptions, 'scheduler'> = {}): DrivenClient {
  const time = new VirtualTimeScheduler();
  const scheduler = watchedScheduler(time);
  const platform = simulatePlatform({ ...options, scheduler: time });
  const calls: ApiCallRecord[] = [];
  let token = platform.issueToken();
  const api = platformApi({
    apiUrl: platform.apiUrl,
    token: { token: () => Promise.resolve(token), invalidate: () => (token = platform.issueToken()) },
    fetch: platform.fetch,
    scheduler,
    calls: { next: (call) => calls.push(call) },
  });
  return {
    platform,
    api,
    scheduler,
    calls,
    now: () => time.now(),
    timers: () => scheduler.pending(),
    pass: (milliseconds) => driveTime(time, time.now() + milliseconds),
  };
}
