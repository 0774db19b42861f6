import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  driveTime,
  simulatePlatform,
  startSimulator,
  type EventDelivery,
  type NotificationOptions,
  type ScenarioEntry,
  type SimulatePlatformOptions,
  type SimulatedPlatform,
} from '../../src/simulator/index.ts';
import { memoryClientOf, presence, type NotificationClient } from './notification-client.ts';
import { socketRequest } from './socket-request.ts';

const WHENEVER = { at: 0 };

describe('options of the notification service', () => {
  it.each<[unknown, string]>([
    [{ channelLimit: 0 }, 'RangeError: startSimulator: notifications.channelLimit must be a positive integer, got 0'],
    [{ topicLimit: 1.5 }, 'RangeError: startSimulator: notifications.topicLimit must be a positive integer, got 1.5'],
    [
      { heartbeatInterval: -1 },
      'RangeError: startSimulator: notifications.heartbeatInterval must be a number of milliseconds above 0 and at most 2147483647, got -1',
    ],
    [
      { activity: { rate: 0 } },
      'RangeError: startSimulator: notifications.activity.rate must be a number from 1 to 50000, got 0',
    ],
    [
      { activity: { agents: 3 } },
      'RangeError: startSimulator: notifications.activity.queues must be an integer from 1 to agents (3), got 5',
    ],
    [
      { denied: [{ topic: '' }] },
      'RangeError: startSimulator: notifications.denied[0].topic must be a string that is not empty, got ""',
    ],
    [
      { denied: [{ topic: 'a', missingPermissions: [1] }] },
      'TypeError: startSimulator: notifications.denied[0].missingPermissions[0] must be a string, got 1',
    ],
    [{ onEvent: 1 }, 'TypeError: startSimulator: notifications.onEvent must be a function, got 1'],
    [{ scenario: {} }, 'TypeError: startSimulator: notifications.scenario must be an array, got an object'],
    [
      { scenario: [{ ...WHENEVER, do: 'explode' }] },
      'RangeError: startSimulator: notifications.scenario[0].do must be one of socket-closing, cut, mute, expire-channel, throttle, revoke-tokens, publish, got "explode"',
    ],
    [
      { scenario: [{ at: -1, do: 'cut' }] },
      'RangeError: startSimulator: notifications.scenario[0].at must be an integer from 0 to 2147483647, got -1',
    ],
    [
      { scenario: [{ ...WHENEVER, do: 'cut', seconds: 5 }] },
      'TypeError: startSimulator: notifications.scenario[0] has no member "seconds"; it may have at, every, times, do, channel',
    ],
    [
      { scenario: [{ ...WHENEVER, do: 'throttle' }] },
      'TypeError: startSimulator: notifications.scenario[0].seconds must be a number of seconds above 0, got undefined',
    ],
    [
      { scenario: [{ ...WHENEVER, do: 'cut', every: 0 }] },
      'RangeError: startSimulator: notifications.scenario[0].every must be a number of milliseconds above 0 and at most 2147483647, got 0',
    ],
    [
      { scenario: [{ ...WHENEVER, do: 'cut', times: 2 }] },
      'TypeError: startSimulator: notifications.scenario[0].times must stand beside every',
    ],
    [
      { scenario: [{ ...WHENEVER, do: 'publish', topic: 'v2.a', eventBody: 'text' }] },
      'TypeError: startSimulator: notifications.scenario[0].eventBody must be an object',
    ],
  ])('refuses %j', async (notifications, message) => {
    const failure = startSimulator({ notifications: notifications as NotificationOptions }).catch(String);
    await expect(failure).resolves.toBe(message);
  });

  it('that it does not have are refused', async () => {
    const notifications = { chanelLimit: 5 } as NotificationOptions;
    await expect(startSimulator({ notifications })).rejects.toThrow(
      /^startSimulator: notifications has no member "chanelLimit"; it may have scenario,/,
    );
  });
});

describe('simulatePlatform', () => {
  it.each<[unknown, string]>([
    [{}, 'TypeError: simulatePlatform: scheduler must be a scheduler of RxJS'],
    [{ jitter: -1 }, 'RangeError: simulatePlatform: jitter must be an integer from 0, got -1'],
    [{ seed: 2 ** 32 }, 'RangeError: simulatePlatform: seed must be an integer from 0 to 4294967295, got 4294967296'],
    [{ topicLimit: 0 }, 'RangeError: simulatePlatform: topicLimit must be a positive integer, got 0'],
    [{ port: 1 }, 'TypeError: simulatePlatform: options has no member "port"; it may have scheduler,'],
  ])('refuses %j', (options, message) => {
    const scheduler =
      'jitter' in (options as object) || Object.keys(options as object).length > 0
        ? new VirtualTimeScheduler()
        : undefined;
    const make = (): unknown => simulatePlatform({ scheduler, ...(options as object) } as SimulatePlatformOptions);
    expect(() => {
      try {
        make();
      } catch (error) {
        throw new Error(String(error), { cause: error });
      }
    }).toThrow(message);
  });
});

interface Scene {
  readonly platform: SimulatedPlatform;
  readonly client: NotificationClient;
  readonly outcomes: readonly string[];
  /** How the sockets of the channels ended, and when. */
  readonly ends: readonly string[];
  readonly until: (time: number) => Promise<void>;
}

/** Two channels with a topic each and a socket each, open before the first second is over. */
async function scene(scenario: readonly ScenarioEntry[]): Promise<Scene> {
  const scheduler = new VirtualTimeScheduler();
  const outcomes: string[] = [];
  const ends: string[] = [];
  const platform = simulatePlatform({
    scheduler,
    scenario,
    onDelivery: ({ outcome, at }: EventDelivery) => outcomes.push(`${outcome} ${at}`),
  });
  const client = memoryClientOf(platform);
  const made = [client.channel(), client.channel()];
  await driveTime(scheduler, 100);
  for (const [nth, { id, connectUri }] of (await Promise.all(made)).entries()) {
    client.topics('PUT', id, [presence(nth)]).catch(() => undefined);
    platform.socket.open(socketRequest(connectUri), {
      open: () => undefined,
      message: () => undefined,
      pong: () => undefined,
      end: (failure) => ends.push(`${nth}: ${failure?.message ?? 'done'} ${scheduler.now()}`),
    });
  }
  return { platform, client, outcomes, ends, until: (time) => driveTime(scheduler, time) };
}

describe('a scenario', () => {
  it('is JSON, and happens at its times, to the channels it names', async () => {
    const scenario = JSON.parse(`[
      { "at": 1000, "do": "publish", "topic": "${presence(0)}", "eventBody": {}, "every": 500, "times": 3 },
      { "at": 1400, "do": "cut", "channel": 0 },
      { "at": 3000, "do": "socket-closing" },
      { "at": 70000, "do": "expire-channel", "channel": 1 },
      { "at": 80000, "do": "throttle", "seconds": 5 },
      { "at": 90000, "do": "revoke-tokens" }
    ]`) as ScenarioEntry[];
    const { platform, client, outcomes, ends, until } = await scene(scenario);
    await until(60_000);
    expect(outcomes).toEqual(['delivered 1020', 'no-socket 1500', 'no-socket 2000']);
    expect(ends).toEqual(['0: The connection was closed with code 1006. 1420']);
    await until(75_000);
    expect(ends.slice(1)).toEqual(['1: The connection was closed with code 1001 (announced). 63020']);
    expect(platform.channels().map(({ ordinal }) => ordinal)).toEqual([0]);
    await until(80_000);
    const refused = client.call('GET', 'channels');
    await until(86_000);
    const { status, headers } = await refused;
    expect([status, headers.get('retry-after')]).toEqual([429, '5']);
    const accepted = client.call('GET', 'channels');
    await until(91_000);
    expect((await accepted).status).toBe(200);
    expect(platform.channels()).toEqual([]);
    platform.stop();
  });

  it('may go on without end, until the platform is stopped', async () => {
    const { platform, ends, until } = await scene([{ at: 1000, every: 1000, do: 'mute', channel: 1 }]);
    platform.publish(presence(1), {});
    await until(100_000);
    expect(ends).toEqual([]);
    expect(platform.openSockets).toBe(2);
    platform.stop();
    await until(1_000_000_000);
    expect(platform.openSockets).toBe(0);
  });
});
