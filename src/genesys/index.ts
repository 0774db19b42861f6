/** What is particular to Genesys Cloud: `rxframe/genesys`. */
export {
  clientCredentials,
  type ClientCredentials,
  type ClientCredentialsOptions,
} from '../auth/client-credentials.ts';
export type { TokenSource } from '../auth/token-source.ts';
export { audioHook } from '#audio-hook';
export type { ApiAnswer, ApiRequest } from './api-request.ts';
export { AudioFrame, type AudioPlace } from './audiohook/audio-frame.ts';
export type { AudioHookFrame, ControlFrame } from './audiohook/audio-hook-frame.ts';
export type { AudioHookNotice } from './audiohook/audio-hook-notice.ts';
export type { AudioHookOptions, UpgradingServer } from './audiohook/audio-hook-options.ts';
export { audioHookTypes } from './audiohook/audio-hook-types.ts';
export type {
  ClientMessage,
  CloseParameters,
  CloseReason,
  ContinuedSession,
  CustomConfig,
  ErrorParameters,
  OpenParameters,
  Participant,
  PingParameters,
  SpanParameters,
  UpdateParameters,
} from './audiohook/client-message.ts';
export type { RefusalReason } from './audiohook/authenticate.ts';
export type { AudioHookCredential, CredentialLookup } from './audiohook/credentials.ts';
export type {
  EventEntity,
  Transcript,
  TranscriptAlternative,
  TranscriptEntity,
  TranscriptInterpretation,
  TranscriptToken,
} from './audiohook/event-entity.ts';
export { fillGaps, type AudioGap, type FillGapsOptions } from './audiohook/fill-gaps.ts';
export { int16 } from './audiohook/int16.ts';
export type { MediaChannel, MediaFormat, MediaParameter } from './audiohook/media.ts';
export { regroup, type RegroupOptions } from './audiohook/regroup.ts';
export type { DisconnectReason } from './audiohook/server-message.ts';
export type { SessionState } from './audiohook/session-protocol.ts';
export type { Accept, Acceptance } from './audiohook/session-settings.ts';
export type { AudioHookSession, SessionEnd, SessionEvent, SessionOffer } from './audiohook/session.ts';
export { splitChannels } from './audiohook/split-channels.ts';
export { streamDuration, type StreamDuration } from './audiohook/stream-duration.ts';
export { toL16 } from './audiohook/to-l16.ts';
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
