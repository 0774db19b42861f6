import type { Clock } from '../clock.ts';
import { errorBody } from '../error-body.ts';
import type { HttpRequest, HttpResponse } from '../http-message.ts';
import type { TokenStore } from '../token-store.ts';
import type { Channel, NotificationService } from './notification-service.ts';
import { OFFERED_TOPICS, type OfferedTopic } from './offered-topics.ts';
import { rateLimit, type RateLimitState } from './rate-limit.ts';

/** Where the API is. */
export const API_PATH = '/api/v2/notifications';

/** What {@link notificationApi} needs. */
export interface NotificationApiOptions {
  readonly service: NotificationService;
  readonly tokens: TokenStore;
  readonly clock: Clock;
  /** Makes up a UUID. */
  readonly newId: () => string;
  readonly requestsPerMinute: number;
}

/** What the API has done so far. */
export interface ApiTotals {
  requests: number;
  throttled: number;
}

/** The REST API of the notification service. */
export interface NotificationApi {
  readonly totals: Readonly<ApiTotals>;
  answer(request: HttpRequest): HttpResponse;
  /** Answers every request with 429 for so many seconds. */
  throttle(seconds: number): void;
}

/** What a page of any origin needs to see an answer, and its headers (Fetch standard, CORS protocol). */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'inin-correlation-id, inin-ratelimit-count, inin-ratelimit-allowed, inin-ratelimit-reset, retry-after',
};

const PREFLIGHT = {
  ...CORS,
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
  'access-control-allow-headers': 'accept, authorization, content-type, inin-correlation-id, user-agent',
  'access-control-max-age': '600',
};

/** What a route answers, before headers are added. */
interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that was let in. */
interface Call {
  readonly request: HttpRequest;
  readonly token: string;
  readonly application: string;
  readonly correlationId: string;
}

const refusal = ({ correlationId }: Call, status: number, message?: string, details?: readonly object[]): Answer => ({
  status,
  body: errorBody(status, correlationId, message, details),
});

const notAllowed = (call: Call, allow: string): Answer => ({ ...refusal(call, 405), headers: { allow } });

/** The subscription ids in a body; undefined where it is not `[{"id":"…"}, …]`. */
function idsIn(body: string): readonly string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const ids = value.map((entry: unknown) => (entry as { readonly id?: unknown } | null)?.id);
  return ids.every((id): id is string => typeof id === 'string') ? ids : undefined;
}

/** A topic with the members asked for by `expand`, as the platform's SDK describes them. */
function expanded(topic: OfferedTopic, members: readonly string[]): object {
  const { id, ...rest } = topic;
  return { id, ...Object.fromEntries(Object.entries(rest).filter(([name]) => members.includes(name))) };
}

function availableTopics({ query }: HttpRequest): Answer {
  const members = query.getAll('expand').flatMap((list) => list.split(','));
  const withPreview = query.get('includePreview') === 'true';
  const topics = OFFERED_TOPICS.filter(({ visibility }) => withPreview || visibility === 'Public');
  return { status: 200, body: { entities: topics.map((topic) => expanded(topic, members)) } };
}

/**
 * **`/api/v2/notifications` as a function from request to answer**: channels, their subscriptions, and the topics there are.
 *
 * Without a valid bearer token it answers 401; over the rate limit, or while throttled, 429 with `Retry-After` in seconds.
 * Every answer has `inin-correlation-id` (the request's, where it has one), and those to a valid token
 * `inin-ratelimit-count`, `-allowed` and `-reset` (seconds). Errors have the platform's body. Pages of any origin may call it.
 */
export function notificationApi(options: NotificationApiOptions): NotificationApi {
  const { service, tokens, clock, newId } = options;
  const count = rateLimit(options.requestsPerMinute, clock);
  const totals: ApiTotals = { requests: 0, throttled: 0 };
  let throttledUntil = -Infinity;

  function listed({ request, token, application }: Call): Answer {
    const wanted = request.query.get('includechannels') ?? 'token';
    const own = service.channels().filter((channel) => channel.application === application);
    const shown = wanted === 'oauthclient' ? own : own.filter((channel) => channel.token === token);
    const entities = shown.map((channel) => {
      const expires = new Date(channel.expires).toISOString();
      // The address holds the id, so it is left out as well.
      return channel.token === token ? { connectUri: channel.connectUri, id: channel.id, expires } : { expires };
    });
    return { status: 200, body: { entities } };
  }

  function channels(call: Call): Answer {
    if (call.request.method === 'GET') return listed(call);
    if (call.request.method !== 'POST') return notAllowed(call, 'GET, POST');
    const { id, connectUri, expires } = service.create(call.token);
    return { status: 200, body: { connectUri, id, expires: new Date(expires).toISOString() } };
  }

  function change(call: Call, channel: Channel, how: 'add' | 'replace'): Answer {
    const { headers, body, query } = call.request;
    if (body === undefined) return refusal(call, 413);
    if (headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json')
      return refusal(call, 415);
    const ids = idsIn(body);
    if (ids === undefined) return refusal(call, 400, 'The body must be a list of objects, each with an id.');
    const { verdicts, refusal: reason } = service.change(channel, ids, how, query.get('ignoreErrors') === 'true');
    const entities = verdicts.map((verdict) =>
      'topicNames' in verdict
        ? {
            id: verdict.id,
            state: 'Permitted',
            selfUri: `${API_PATH}/channels/${channel.id}/subscriptions/${verdict.id}`,
          }
        : { ...verdict, state: 'Rejected' },
    );
    if (reason === undefined) return { status: 200, body: { entities } };
    const details = verdicts.flatMap((verdict) =>
      'topicNames' in verdict ? [] : [{ errorCode: 'topic.rejected', fieldName: 'id', entityId: verdict.id }],
    );
    return refusal(call, 400, reason, details);
  }

  function subscriptions(call: Call, channel: Channel): Answer {
    switch (call.request.method) {
      case 'GET':
        return { status: 200, body: { entities: [...channel.topics.keys()].map((id) => ({ id })) } };
      case 'POST':
        return change(call, channel, 'add');
      case 'PUT':
        return change(call, channel, 'replace');
      case 'DELETE':
        service.clear(channel);
        return { status: 204 };
      default:
        return notAllowed(call, 'GET, POST, PUT, DELETE');
    }
  }

  function route(call: Call): Answer {
    const { method, path } = call.request;
    const [first, channelId, second, ...more] = path.slice(API_PATH.length + 1).split('/');
    if (first === 'availabletopics' && channelId === undefined) {
      return method === 'GET' ? availableTopics(call.request) : notAllowed(call, 'GET');
    }
    if (first !== 'channels' || more.length > 0) return refusal(call, 404);
    if (channelId === undefined) return channels(call);
    const channel = service.find(channelId);
    if (channel === undefined || channel.application !== call.application) {
      return refusal(call, 404, `There is no channel ${channelId}.`);
    }
    if (second === 'subscriptions') return subscriptions(call, channel);
    if (second !== undefined) return refusal(call, 404);
    return method === 'HEAD' ? { status: 200 } : notAllowed(call, 'HEAD');
  }

  /** The seconds that the caller has to wait, where it has to. */
  function waitOf({ count, allowed, reset }: RateLimitState): number | undefined {
    const throttledFor = Math.ceil((throttledUntil - clock.now()) / 1000);
    if (throttledFor > 0) return throttledFor;
    return count > allowed ? reset : undefined;
  }

  function admit(request: HttpRequest, correlationId: string): Answer {
    const token = /^bearer +(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
    const application = tokens.applicationOf(token);
    const call: Call = { request, token, application: application ?? '', correlationId };
    if (application === undefined) {
      return {
        ...refusal(call, 401, 'Invalid login credentials.'),
        headers: { 'www-authenticate': 'Bearer realm="simulator"' },
      };
    }
    const state = count(token);
    const wait = waitOf(state);
    if (wait !== undefined) totals.throttled += 1;
    const answer =
      wait === undefined ? route(call) : refusal(call, 429, `Rate limit exceeded. Retry in ${wait} seconds.`);
    return {
      ...answer,
      headers: {
        'inin-ratelimit-count': String(state.count),
        'inin-ratelimit-allowed': String(state.allowed),
        'inin-ratelimit-reset': String(state.reset),
        ...(wait !== undefined && { 'retry-after': String(wait) }),
        ...answer.headers,
      },
    };
  }

  return {
    totals,
    answer: (request) => {
      if (request.method === 'OPTIONS') return { status: 204, headers: PREFLIGHT, body: '' };
      totals.requests += 1;
      const correlationId = request.headers['inin-correlation-id'] ?? newId();
      const { status, body, headers } = admit(request, correlationId);
      const hasBody = body !== undefined && request.method !== 'HEAD';
      return {
        status,
        headers: {
          ...CORS,
          'cache-control': 'no-store',
          'inin-correlation-id': correlationId,
          ...(hasBody && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: hasBody ? JSON.stringify(body) : '',
      };
    },
    throttle: (seconds) => {
      throttledUntil = clock.now() + seconds * 1000;
    },
  };
}
