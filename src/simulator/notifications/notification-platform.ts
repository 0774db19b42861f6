import { checkPositive } from '../checks.ts';
import type { Clock } from '../clock.ts';
import type { HttpRequest, HttpResponse } from '../http-message.ts';
import { mixSeeds } from '../random.ts';
import type { TokenStore } from '../token-store.ts';
import { startActivity } from './activity.ts';
import type { ClientLink, LinkEvents } from './client-link.ts';
import { contactCentre, contactCentreSettings } from './contact-centre.ts';
import { API_PATH, notificationApi } from './notification-api.ts';
import type { NotificationControls } from './notification-controls.ts';
import type { ResolvedNotificationOptions } from './notification-options.ts';
import { notificationService, type Channel } from './notification-service.ts';
import { playScenario, type ScenarioEntry } from './scenario.ts';
import { topicJudge } from './topic-judge.ts';

/** What {@link notificationPlatform} needs besides its options. */
export interface Surroundings {
  readonly clock: Clock;
  readonly tokens: TokenStore;
  readonly seed: number;
  /** Makes up a UUID. */
  readonly newId: () => string;
  /** The scheme and host of the addresses of sockets: `wss://streaming.example.org`. */
  readonly streamingOrigin: string;
}

/** The notification service with its API, its activity and its scenario. */
export interface NotificationPlatform {
  readonly controls: NotificationControls;
  /** Answers a request; undefined where the path is none of its own. */
  answer(request: HttpRequest): HttpResponse | undefined;
  /** What takes a socket that was opened at that path; undefined where the path is none of a channel. */
  accept(path: string): ((link: ClientLink) => LinkEvents) | undefined;
  /** Makes all tokens invalid, and ends the channels made with them. */
  revokeTokens(): void;
  /** Ends everything, and leaves no timer. */
  stop(): void;
}

const SOCKET_PATH = /^\/channels\/([^/]+)$/;

/** **Puts the parts together**, whatever carries requests and messages. */
export function notificationPlatform(
  options: ResolvedNotificationOptions,
  surroundings: Surroundings,
): NotificationPlatform {
  const { clock, tokens, seed, newId } = surroundings;
  const service = notificationService({
    ...options,
    clock,
    tokens,
    newId,
    connectUri: (channelId) => `${surroundings.streamingOrigin}/channels/${channelId}`,
    judge: topicJudge(options.denied),
    onEvent: options.onEvent,
    onDelivery: options.onDelivery,
  });
  const api = notificationApi({ ...options, service, tokens, clock, newId });
  const activity = options.activity && contactCentreSettings(options.activity);
  const centre = activity && contactCentre(mixSeeds(seed, 3), activity);
  const stopActivity =
    centre &&
    startActivity({
      clock,
      rate: activity.rate,
      next: (now) => centre.next(now),
      publish: (topicNames, eventBody) => service.publish(topicNames, eventBody),
    });

  const each = (method: string, channelId: string | undefined, act: (channel: Channel) => void): void => {
    const channels = service.channels().filter(({ id }) => channelId === undefined || id === channelId);
    if (channelId !== undefined && channels.length === 0)
      throw new RangeError(`${method}: there is no channel ${channelId}`);
    channels.forEach(act);
  };

  const revokeTokens = (): void => {
    tokens.revokeAll();
    service.tokensRevoked();
  };

  const controls: NotificationControls = {
    get totals() {
      return { ...api.totals, ...service.totals };
    },
    channels: () =>
      service.channels().map(({ ordinal, id, connectUri, expires, topics, isConnected }) => ({
        ordinal,
        id,
        connectUri,
        expires,
        subscriptions: [...topics.keys()],
        isConnected,
      })),
    topics: () => (centre?.topics() ?? []) as readonly `v2.${string}`[],
    publish: (topicName, eventBody) => service.publish([topicName], eventBody),
    closeSoon: (channelId) => each('closeSoon', channelId, service.closeSoon),
    cut: (channelId) => each('cut', channelId, service.cut),
    mute: (channelId) => each('mute', channelId, service.mute),
    expire: (channelId) => each('expire', channelId, service.expire),
    throttle: (seconds) => {
      api.throttle(checkPositive('throttle: seconds', 'a number of seconds above 0', seconds, Number.MAX_SAFE_INTEGER));
    },
  };

  const onChannels = {
    'socket-closing': service.closeSoon,
    cut: service.cut,
    mute: service.mute,
    'expire-channel': service.expire,
  };

  const carryOut = (entry: ScenarioEntry): void => {
    if (entry.do === 'throttle') api.throttle(entry.seconds);
    else if (entry.do === 'revoke-tokens') revokeTokens();
    else if (entry.do === 'publish') service.publish([entry.topic], entry.eventBody);
    else {
      const { do: act, channel: wanted } = entry;
      for (const channel of service.channels()) {
        if (wanted === undefined || channel.ordinal === wanted) onChannels[act](channel);
      }
    }
  };
  const stopScenario = playScenario(options.scenario, clock, carryOut);

  return {
    controls,
    answer: (request) => (request.path.startsWith(`${API_PATH}/`) ? api.answer(request) : undefined),
    accept: (path) => {
      const channelId = SOCKET_PATH.exec(path)?.[1];
      return channelId === undefined ? undefined : (link) => service.connect(channelId, link);
    },
    revokeTokens,
    stop: () => {
      stopActivity?.();
      stopScenario();
      service.stop();
    },
  };
}
