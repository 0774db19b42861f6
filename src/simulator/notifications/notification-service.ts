import type { Timer } from '../clock.ts';
import type { TokenStore } from '../token-store.ts';
import { channelConnection, type ChannelConnection, type ChannelConnectionOptions } from './channel-connection.ts';
import { CHANNEL_GONE, PONG, clientRequest, eventMessage, failure, subscribed } from './channel-messages.ts';
import type { ClientLink, LinkEvents } from './client-link.ts';
import type { DeliveryOutcome, EventDelivery, PublishedEvent } from './published-event.ts';
import { topicIndex } from './topic-index.ts';
import type { PermittedTopic, RejectedTopic, TopicJudge } from './topic-judge.ts';

/** What {@link notificationService} needs. */
export interface NotificationServiceOptions extends ChannelConnectionOptions {
  readonly tokens: TokenStore;
  /** Makes up a UUID. */
  readonly newId: () => string;
  /** The address of a channel's socket. */
  readonly connectUri: (channelId: string) => string;
  readonly judge: TopicJudge;
  readonly channelLimit: number;
  readonly topicLimit: number;
  /** In milliseconds. */
  readonly channelLifetime: number;
  readonly onEvent: ((event: PublishedEvent) => void) | undefined;
  readonly onDelivery: ((delivery: EventDelivery) => void) | undefined;
}

/** A channel. A live view: it changes as the channel does. */
export interface Channel {
  /** Its ordinal, from 0, in the order in which channels were made. */
  readonly ordinal: number;
  readonly id: string;
  readonly connectUri: string;
  /** The token that made it, with whose life it ends. */
  readonly token: string;
  /** The OAuth client that the token belongs to. */
  readonly application: string;
  /** When it ends, in milliseconds since the epoch. */
  readonly expires: number;
  /** The subscription ids, as they were sent, each with the names of the topics that it stands for. */
  readonly topics: ReadonlyMap<string, readonly string[]>;
  /** Whether it has a socket, be it half-open. */
  readonly isConnected: boolean;
}

/** What became of a call that changes the topics of a channel. */
export interface TopicsChange {
  /** One verdict for each subscription id. */
  readonly verdicts: readonly (PermittedTopic | RejectedTopic)[];
  /** Why nothing was changed; undefined where it was. */
  readonly refusal: string | undefined;
}

/** What the service has done so far. */
export interface ServiceTotals {
  channels: number;
  replaced: number;
  connections: number;
  events: number;
  delivered: number;
  lost: number;
}

/** The notification service. */
export interface NotificationService {
  readonly totals: Readonly<ServiceTotals>;
  /** The channels that there are, oldest first. */
  channels(): readonly Channel[];
  /** A channel, where there is one of that id. */
  find(channelId: string): Channel | undefined;
  /** Makes a channel for a valid token; one too many ends the application's least recently used. */
  create(token: string): Channel;
  /** Adds topics to those of a channel, or puts them in their place, and prolongs it. */
  change(channel: Channel, ids: readonly string[], how: 'add' | 'replace', ignoreErrors: boolean): TopicsChange;
  /** Takes all topics off a channel. */
  clear(channel: Channel): void;
  /** A socket opened at the address of that channel, whether there is one or not. */
  connect(channelId: string, link: ClientLink): LinkEvents;
  /** Passes an event on to whoever is subscribed to one of its topics. */
  publish(topicNames: readonly string[], eventBody: unknown): void;
  /** Announces to a channel's socket that it will be closed, and closes it when the time is up. */
  readonly closeSoon: (channel: Channel) => void;
  /** Breaks a channel's connection off. */
  readonly cut: (channel: Channel) => void;
  /** Makes a channel's connection half-open. */
  readonly mute: (channel: Channel) => void;
  /** Ends a channel. */
  readonly expire: (channel: Channel) => void;
  /** Ends the channels whose token is not valid any more. */
  tokensRevoked(): void;
  /** Ends everything and leaves no timer; sockets are left to whoever opened them. */
  stop(): void;
}

interface ChannelState extends Channel {
  expires: number;
  topics: ReadonlyMap<string, readonly string[]>;
  connection: ChannelConnection | undefined;
  /** Rises with each use of any channel. */
  lastUse: number;
  ending: Timer | undefined;
}

/** Close codes of RFC 6455 section 7.4.1. Which ones the platform uses is not documented. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** What tells the client of a channel that is none. */
const NOBODY: LinkEvents = { message: () => undefined, end: () => undefined, settled: () => undefined };

function refuseChannel(link: ClientLink): void {
  link.send(CHANNEL_GONE);
  link.close(POLICY_VIOLATION, 'no such channel');
}

/**
 * **Genesys Cloud's notification service as a model**: channels, topics, connections and events, without sockets, HTTP
 * or a clock of its own.
 *
 * - A channel lives for `channelLifetime`, from the last time that topics were added or replaced, and not longer than the
 *   token that made it. When it ends, its socket is told so (`"result":"404"`) and closed with 1008.
 * - An application has `channelLimit` channels at most: one more ends the one whose last use is the oldest, those without
 *   a socket first. Being made, topics changed, and a socket opened or heard from are uses.
 * - A second socket on a channel has the first closed with 1008. That is our reading of "one connection per channel".
 * - An event goes to each channel with its topic, once, and is lost where no socket is open there.
 */
export function notificationService(options: NotificationServiceOptions): NotificationService {
  const { clock, tokens, judge, channelLimit, topicLimit, onEvent, onDelivery } = options;
  const byId = new Map<string, ChannelState>();
  const subscribers = topicIndex<ChannelState>();
  const totals: ServiceTotals = { channels: 0, replaced: 0, connections: 0, events: 0, delivered: 0, lost: 0 };
  // A UUID whose last 12 digits count the events: made without an effort, as there may be 50,000 a second.
  const correlationPrefix = options.newId().slice(0, 24);
  let uses = 0;

  const use = (channel: ChannelState): void => {
    channel.lastUse = uses++;
  };

  /** Has its connection ended by `how`, where it has one. */
  const disconnect = (channel: ChannelState | undefined, how: (connection: ChannelConnection) => void): void => {
    if (channel?.connection === undefined) return;
    const { connection } = channel;
    channel.connection = undefined;
    how(connection);
  };

  function hear(channel: ChannelState, connection: ChannelConnection, text: string): void {
    use(channel);
    const request = clientRequest(text);
    if (request?.ask === 'ping') connection.send(PONG);
    else if (request === undefined) connection.send(failure('The message is neither a ping nor a subscription.'));
    else {
      const { topics, correlationId } = request;
      const { refusal } = changeTopics(channel, topics, 'add', false);
      connection.send(refusal === undefined ? subscribed(topics, correlationId) : failure(refusal, correlationId));
    }
  }

  function end(channel: ChannelState): void {
    byId.delete(channel.id);
    subscribers.set(channel, new Set());
    channel.ending?.unsubscribe();
    disconnect(channel, (connection) => {
      connection.send(CHANNEL_GONE);
      connection.close(POLICY_VIOLATION, 'the channel has ended');
    });
  }

  function prolong(channel: ChannelState): void {
    const life = Math.min(options.channelLifetime, tokens.lifeLeft(channel.token));
    channel.expires = clock.now() + options.channelLifetime;
    channel.ending?.unsubscribe();
    channel.ending = clock.schedule(() => end(channel), life);
  }

  function makeRoom(application: string): void {
    const own = [...byId.values()].filter((channel) => channel.application === application);
    if (own.length < channelLimit) return;
    const idle = own.filter(({ connection }) => connection === undefined);
    const [oldest] = (idle.length > 0 ? idle : own).sort((one, other) => one.lastUse - other.lastUse);
    if (oldest === undefined) return;
    totals.replaced += 1;
    end(oldest);
  }

  function changeTopics(
    channel: ChannelState,
    ids: readonly string[],
    how: 'add' | 'replace',
    ignoreErrors: boolean,
  ): TopicsChange {
    const verdicts = [...new Set(ids)].map(judge);
    const topics = new Map(how === 'add' ? channel.topics : []);
    for (const verdict of verdicts) if ('topicNames' in verdict) topics.set(verdict.id, verdict.topicNames);
    const rejected = verdicts.find((verdict): verdict is RejectedTopic => 'rejectionReason' in verdict);
    if (rejected && !ignoreErrors) return { verdicts, refusal: rejected.rejectionReason };
    if (topics.size > topicLimit) {
      return { verdicts, refusal: `A channel has at most ${topicLimit} topics, these would be ${topics.size}.` };
    }
    use(channel);
    channel.topics = topics;
    subscribers.set(channel, new Set([...topics.values()].flat()));
    return { verdicts, refusal: undefined };
  }

  function settle(
    number: number,
    channel: ChannelState,
    connection: number | undefined,
    outcome: DeliveryOutcome,
  ): void {
    if (outcome === 'delivered') totals.delivered += 1;
    else totals.lost += 1;
    onDelivery?.({ number, channelId: channel.id, connection, outcome, at: clock.now() });
  }

  function pass(topicName: string, eventBody: () => string): void {
    const number = totals.events;
    totals.events += 1;
    const correlationId = correlationPrefix + number.toString(16).padStart(12, '0');
    const channels = subscribers.of(topicName);
    onEvent?.({ number, topicName, correlationId, publishedAt: clock.now(), channels: channels?.size ?? 0 });
    if (channels === undefined) return;
    let message: string | undefined;
    for (const channel of channels) {
      const { connection } = channel;
      if (connection === undefined) settle(number, channel, undefined, 'no-socket');
      else if (!connection.isAlive) settle(number, channel, connection.ordinal, 'lost');
      else connection.send((message ??= eventMessage(topicName, eventBody(), correlationId)), number);
    }
  }

  return {
    totals,
    channels: () => [...byId.values()],
    find: (channelId) => byId.get(channelId),

    create: (token) => {
      const application = tokens.applicationOf(token) ?? '';
      makeRoom(application);
      const id = options.newId();
      const channel: ChannelState = {
        ordinal: totals.channels,
        id,
        connectUri: options.connectUri(id),
        token,
        application,
        expires: 0,
        topics: new Map(),
        connection: undefined,
        lastUse: 0,
        ending: undefined,
        get isConnected() {
          return channel.connection !== undefined;
        },
      };
      totals.channels += 1;
      byId.set(id, channel);
      use(channel);
      prolong(channel);
      return channel;
    },

    change: ({ id }, ids, how, ignoreErrors) => {
      const channel = byId.get(id);
      if (channel === undefined) return { verdicts: [], refusal: `There is no channel ${id}.` };
      const change = changeTopics(channel, ids, how, ignoreErrors);
      if (change.refusal === undefined) prolong(channel);
      return change;
    },

    clear: ({ id }) => {
      const channel = byId.get(id);
      if (channel) changeTopics(channel, [], 'replace', true);
    },

    connect: (channelId, link) => {
      const channel = byId.get(channelId);
      if (channel === undefined) {
        refuseChannel(link);
        return NOBODY;
      }
      disconnect(channel, (first) => first.close(POLICY_VIOLATION, 'another connection was opened on this channel'));
      const ordinal = totals.connections;
      totals.connections += 1;
      const connection = channelConnection(ordinal, link, options);
      channel.connection = connection;
      use(channel);
      return {
        message: (text) => {
          if (connection.isAlive) hear(channel, connection, text);
        },
        end: () => {
          connection.release();
          if (channel.connection === connection) channel.connection = undefined;
        },
        settled: (event, isDelivered) => settle(event, channel, ordinal, isDelivered ? 'delivered' : 'lost'),
      };
    },

    publish: (topicNames, eventBody) => {
      let text: string | undefined;
      for (const topicName of topicNames) pass(topicName, () => (text ??= JSON.stringify(eventBody)));
    },

    closeSoon: ({ id }) => {
      const channel = byId.get(id);
      const connection = channel?.connection;
      connection?.announceClose(() => disconnect(channel, () => connection.close(GOING_AWAY, 'announced')));
    },
    cut: ({ id }) => disconnect(byId.get(id), (connection) => connection.cut()),
    mute: ({ id }) => byId.get(id)?.connection?.mute(),

    expire: ({ id }) => {
      const channel = byId.get(id);
      if (channel) end(channel);
    },

    tokensRevoked: () => {
      for (const channel of [...byId.values()]) if (tokens.lifeLeft(channel.token) === 0) end(channel);
    },

    stop: () => {
      for (const channel of byId.values()) {
        channel.ending?.unsubscribe();
        disconnect(channel, (connection) => connection.release());
      }
      byId.clear();
    },
  };
}
