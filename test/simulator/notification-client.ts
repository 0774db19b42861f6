import type { SimulatedPlatform, Simulator } from '../../src/simulator/index.ts';
import { validToken } from './plain-client.ts';

/** A channel, as the API gives it. */
export interface ChannelAnswer {
  readonly id: string;
  readonly connectUri: string;
  readonly expires: string;
}

/** What the API says of one subscription id. */
export interface TopicAnswer {
  readonly id: string;
  readonly state?: string;
  readonly rejectionReason?: string;
  readonly missingPermissions?: readonly string[];
}

/** A list, as the API gives it. */
export interface Entities<T> {
  readonly entities: readonly T[];
}

/** An error, as the API gives it. */
export interface ErrorAnswer {
  readonly message: string;
  readonly code: string;
  readonly status: number;
  readonly contextId: string;
  readonly details: readonly { readonly entityId: string }[];
}

/** Plain calls of the notification API. */
export interface NotificationClient {
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The body of an answer that must be 200. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  channel(): Promise<ChannelAnswer>;
  topics(
    method: 'POST' | 'PUT',
    channelId: string,
    ids: readonly string[],
    query?: string,
  ): Promise<Entities<TopicAnswer>>;
}

export const PATH = '/api/v2/notifications';

export function notificationClient(
  { apiUrl }: { readonly apiUrl: string },
  token: string,
  fetch = globalThis.fetch,
): NotificationClient {
  const client: NotificationClient = {
    call: (method, path, body, headers = {}) =>
      fetch(`${apiUrl}${PATH}/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    ask: async <T>(method: string, path: string, body?: unknown) => {
      const response = await client.call(method, path, body);
      if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    channel: () => client.ask('POST', 'channels'),
    topics: (method, channelId, ids, query = '') =>
      client.ask(
        method,
        `channels/${channelId}/subscriptions${query}`,
        ids.map((id) => ({ id })),
      ),
  };
  return client;
}

/** A client with a token of its own. */
export async function clientOf(simulator: Simulator): Promise<NotificationClient> {
  return notificationClient(simulator, await validToken(simulator));
}

/** The same in memory. */
export function memoryClientOf(platform: SimulatedPlatform): NotificationClient {
  return notificationClient(platform, platform.issueToken(), platform.fetch);
}

/** A UUID that ends in that number. */
export const id = (number: number): string => `7c1f0d4c-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

/** The topic of a user's presence. */
export const presence = (number: number): string => `v2.users.${id(number)}.presence`;
