import { catchError, map, of, throwError, type Observable } from 'rxjs';
import { ApiError } from '../../../operators/errors.ts';
import { AnswerMember } from '../answer-member.ts';
import type { ApiRequest } from '../api-request.ts';
import type { PlatformApi } from '../platform-api.ts';

/** A notification channel, as its maker sees it. */
export interface Channel {
  readonly id: string;
  /** Where its socket is: whoever has this address can listen. */
  readonly connectUri: string;
  /** In milliseconds since the epoch. */
  readonly expires: number;
}

/** A notification channel in a list: those of other tokens show without id and address. */
export interface ChannelSummary {
  readonly id: string | undefined;
  readonly connectUri: string | undefined;
  /** In milliseconds since the epoch. */
  readonly expires: number;
}

/** What became of the subscription to one topic, or to several that were joined. */
export interface SubscriptionResult {
  readonly id: string;
  readonly permitted: boolean;
  /** Why not; `undefined` where it is permitted, or the platform does not say. */
  readonly reason: string | undefined;
  /** What the OAuth client would need for it. */
  readonly missingPermissions: readonly string[];
}

/** A topic that the platform offers. */
export interface AvailableTopic {
  /** With placeholders, such as `v2.users.{id}.presence`. */
  readonly id: string;
  readonly description: string | undefined;
  readonly requiresPermissions: readonly string[];
  /** How its events can be had, such as `All` or `Websocket`. */
  readonly transports: readonly string[];
}

/** The REST calls of the Notifications service. Each is a cold Observable that gives one value. */
export interface ChannelApi {
  /** Makes a channel. Where there are 20, the platform removes the one whose last use is oldest. */
  create(): Observable<Channel>;
  /** The channels of this token, or of this OAuth client. */
  list(of: 'token' | 'client'): Observable<readonly ChannelSummary[]>;
  exists(channelId: string): Observable<boolean>;
  /** The ids of all subscriptions. */
  subscriptions(channelId: string): Observable<readonly string[]>;
  /** Replaces all subscriptions, and prolongs the channel. One that is refused does not keep the others from being made. */
  replaceTopics(channelId: string, subscriptionIds: readonly string[]): Observable<readonly SubscriptionResult[]>;
  /** Removes all subscriptions. */
  removeTopics(channelId: string): Observable<void>;
  availableTopics(): Observable<readonly AvailableTopic[]>;
}

const CHANNELS = '/api/v2/notifications/channels';
const CHANNEL = `${CHANNELS}/{channelId}`;
const SUBSCRIPTIONS = `${CHANNEL}/subscriptions`;

/**
 * **The Notifications service of the platform**, call by call. Nothing is remembered here, and nothing is done twice.
 *
 * Each call fails with what {@link platformApi} says, and with a {@link NetworkError} where the answer is not what the
 * platform documents. One about a channel fails with an {@link ApiError} of status 404 where that is no more, except `exists`; and
 * throws a TypeError or RangeError at the call where the id can be none.
 *
 * Source: `NotificationsApi` of the platform's own client library, `purecloud-platform-client-v2`.
 */
export function channelApi(api: PlatformApi): ChannelApi {
  const ask = <T>(request: ApiRequest, read: (answer: AnswerMember) => T): Observable<T> =>
    api.call(request).pipe(map((answer) => read(new AnswerMember(request, answer))));

  return {
    create: () => ask({ method: 'POST', path: CHANNELS }, channel),
    list: (whose) => {
      const includechannels = whose === 'client' ? 'oauthclient' : 'token';
      return ask({ method: 'GET', path: CHANNELS, query: { includechannels } }, (answer) =>
        answer.member('entities').items().map(channelSummary),
      );
    },
    exists: (channelId) =>
      ask({ method: 'HEAD', path: CHANNEL, ids: { channelId } }, () => true).pipe(
        catchError((error: unknown) =>
          error instanceof ApiError && error.status === 404 ? of(false) : throwError(() => error),
        ),
      ),
    subscriptions: (channelId) =>
      ask({ method: 'GET', path: SUBSCRIPTIONS, ids: { channelId } }, (answer) =>
        answer
          .member('entities')
          .items()
          .map((entity) => entity.member('id').text()),
      ),
    replaceTopics: (channelId, subscriptionIds) =>
      ask(
        {
          method: 'PUT',
          path: SUBSCRIPTIONS,
          ids: { channelId },
          query: { ignoreErrors: 'true' },
          body: subscriptionIds.map((id) => ({ id })),
        },
        (answer) => answer.member('entities').items().map(subscriptionResult),
      ),
    removeTopics: (channelId) => ask({ method: 'DELETE', path: SUBSCRIPTIONS, ids: { channelId } }, () => undefined),
    availableTopics: () =>
      ask(
        {
          method: 'GET',
          path: '/api/v2/notifications/availabletopics',
          query: { expand: 'description,requiresPermissions,transports' },
        },
        (answer) => answer.member('entities').items().map(availableTopic),
      ),
  };
}

function channel(answer: AnswerMember): Channel {
  return {
    id: answer.member('id').text(),
    connectUri: answer.member('connectUri').text(),
    expires: answer.member('expires').time(),
  };
}

function channelSummary(entity: AnswerMember): ChannelSummary {
  return {
    id: entity.member('id').optional()?.text(),
    connectUri: entity.member('connectUri').optional()?.text(),
    expires: entity.member('expires').time(),
  };
}

/** One that has no `state` was made: the platform names it only where it looks at each by itself. */
function subscriptionResult(entity: AnswerMember): SubscriptionResult {
  const state = entity.member('state').optional()?.text();
  const reason = entity.member('rejectionReason').optional()?.text();
  return {
    id: entity.member('id').text(),
    permitted: state === undefined ? reason === undefined : state.toLowerCase() === 'permitted',
    reason,
    missingPermissions: texts(entity.member('missingPermissions')),
  };
}

function availableTopic(entity: AnswerMember): AvailableTopic {
  return {
    id: entity.member('id').text(),
    description: entity.member('description').optional()?.text(),
    requiresPermissions: texts(entity.member('requiresPermissions')),
    transports: texts(entity.member('transports')),
  };
}

/** A list that may be left out where it is empty. */
function texts(list: AnswerMember): readonly string[] {
  return (list.optional()?.items() ?? []).map((item) => item.text());
}
