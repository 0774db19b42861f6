/** A topic that the platform offers, as `GET /api/v2/notifications/availabletopics` tells it. */
export interface OfferedTopic {
  /** The topic with `{id}` where an id goes. */
  readonly id: string;
  readonly description: string;
  readonly requiresPermissions: readonly string[];
  readonly visibility: 'Public' | 'Preview';
  readonly transports: readonly string[];
  readonly topicParameters: readonly string[];
}

function offered(id: string, description: string, requiresPermissions: readonly string[] = []): OfferedTopic {
  return {
    id,
    description,
    requiresPermissions,
    visibility: 'Public',
    transports: ['All'],
    topicParameters: id.includes('{id}') ? ['id'] : [],
  };
}

const CONVERSATION = ['conversation:communication:view'];

/**
 * **The topics that the simulator offers**: a cut through the platform's some hundreds. Names are the platform's;
 * descriptions, permissions, and which of them is in preview are made up in its manner.
 */
export const OFFERED_TOPICS: readonly OfferedTopic[] = [
  offered('v2.users.{id}.presence', 'The presence of a user changed.'),
  offered('v2.users.{id}.routingStatus', 'The routing status of a user changed.'),
  offered('v2.users.{id}.conversations', 'A conversation of a user changed.', CONVERSATION),
  offered('v2.users.{id}.conversations.calls', 'A call of a user changed.', CONVERSATION),
  offered('v2.users.{id}.conversations.chats', 'A chat of a user changed.', CONVERSATION),
  offered('v2.users.{id}.conversations.emails', 'An email conversation of a user changed.', CONVERSATION),
  offered('v2.users.{id}.conversations.messages', 'A message conversation of a user changed.', CONVERSATION),
  offered('v2.users.{id}.conversationsummary', 'The summary of the conversations of a user changed.', CONVERSATION),
  offered('v2.users.{id}.activity', 'Presence, routing status or activity of a user changed.'),
  offered('v2.users.{id}.outofoffice', 'A user is out of office, or back.'),
  offered('v2.users.{id}.station', 'The station of a user changed.', ['telephony:station:view']),
  offered('v2.users.{id}.voicemail.messages', 'A voicemail message of a user changed.'),
  offered('v2.routing.queues.{id}.conversations', 'A conversation in a queue changed.', CONVERSATION),
  offered('v2.routing.queues.{id}.conversations.calls', 'A call in a queue changed.', CONVERSATION),
  offered('v2.routing.queues.{id}.conversations.messages', 'A message conversation in a queue changed.', CONVERSATION),
  offered('v2.routing.queues.{id}.users', 'A user joined a queue, or left it.', ['routing:queue:view']),
  offered('v2.analytics.queues.{id}.observations', 'What a queue holds at the moment.', [
    'analytics:queueObservation:view',
  ]),
  offered('v2.analytics.users.{id}.observations', 'What a user does at the moment.', [
    'analytics:userObservation:view',
  ]),
  offered('v2.conversations.{id}.transcription', 'What is said in a conversation.', [
    'speechAndTextAnalytics:data:view',
  ]),
  offered('v2.stations.{id}', 'A station changed.', ['telephony:station:view']),
  { ...offered('v2.users.{id}.geolocation', 'The place of a user changed.'), visibility: 'Preview' },
];

const OFFERED_IDS = new Set(OFFERED_TOPICS.map(({ id }) => id));

/** The text of a UUID (RFC 9562 section 4). */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a topic name is one of {@link OFFERED_TOPICS}, with a UUID for its `{id}`. */
export function isOffered(topicName: string): boolean {
  const parts = topicName.split('.');
  if (parts.includes('{id}')) return false;
  return OFFERED_IDS.has(parts.map((part) => (UUID.test(part) ? '{id}' : part)).join('.'));
}
