/** What is particular to Genesys Cloud: `rxframe/genesys`. */
export {
  clientCredentials,
  type ClientCredentials,
  type ClientCredentialsOptions,
} from '../auth/client-credentials.ts';
export type { TokenSource } from '../auth/token-source.ts';
export type { ApiAnswer, ApiRequest } from './api-request.ts';
export { embeddedDigest } from './embedded-digest.ts';
export {
  channelApi,
  type AvailableTopic,
  type Channel,
  type ChannelApi,
  type ChannelSummary,
  type SubscriptionResult,
} from './notifications/channel-api.ts';
export type { HandoverReason } from './notifications/channel-leg.ts';
export type { Gap } from './notifications/coverage.ts';
export type {
  Conversation,
  ConversationCall,
  ConversationCallback,
  ConversationChat,
  ConversationEmail,
  ConversationMessage,
  ConversationParticipant,
} from './notifications/event-bodies/conversation.ts';
export type { QueueMember } from './notifications/event-bodies/queue-member.ts';
export type { QueueObservations } from './notifications/event-bodies/queue-observations.ts';
export type { SystemMessage } from './notifications/event-bodies/system-message.ts';
export type { Transcription } from './notifications/event-bodies/transcription.ts';
export type { UserPresence } from './notifications/event-bodies/user-presence.ts';
export type { UserRoutingStatus } from './notifications/event-bodies/user-routing-status.ts';
export { eventIdentity } from './notifications/event-identity.ts';
export type { TopicEvent } from './notifications/event-type.ts';
export { defineNotificationTypes, notificationTypes, type ChannelResult } from './notifications/notification-types.ts';
export { notifications, type NotificationNotice, type NotificationsOptions } from './notifications/notifications.ts';
export type { RefusedTopic } from './notifications/subscribe-topics.ts';
export { topicEvents, type TopicEvents, type TopicFrame } from './notifications/topic-events.ts';
export { topicType } from './notifications/topic-type.ts';
export {
  topicId,
  topics,
  topicTemplate,
  type ConversationTopics,
  type QueueTopics,
  type Topic,
  type UserTopics,
} from './notifications/topics.ts';
export { genesysTypes } from './payload-types.ts';
export { platformApi, type ApiCallRecord, type PlatformApi, type PlatformApiOptions } from './platform-api.ts';
export { apiUrl, loginUrl, regions, streamUrl, type GenesysEnvironment } from './regions.ts';
