import type { Models } from 'purecloud-platform-client-v2';
import { EMPTY, type Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import { accepted } from '../../operators/accepted.ts';
import { decode } from '../../operators/decode.ts';
import type { RawFrame } from '../../operators/frame.ts';
import { ofType } from '../../operators/of-type.ts';
import { validate } from '../../operators/validate.ts';
import type {
  Conversation,
  ConversationCall,
  ConversationParticipant,
} from '../../src/genesys/notifications/event-bodies/conversation.ts';
import type { QueueMember } from '../../src/genesys/notifications/event-bodies/queue-member.ts';
import type { QueueObservations } from '../../src/genesys/notifications/event-bodies/queue-observations.ts';
import type { SystemMessage } from '../../src/genesys/notifications/event-bodies/system-message.ts';
import type { Transcription } from '../../src/genesys/notifications/event-bodies/transcription.ts';
import type { UserPresence } from '../../src/genesys/notifications/event-bodies/user-presence.ts';
import type { UserRoutingStatus } from '../../src/genesys/notifications/event-bodies/user-routing-status.ts';
import type { TopicEvent } from '../../src/genesys/notifications/event-type.ts';
import {
  defineNotificationTypes,
  notificationTypes,
  type ChannelResult,
} from '../../src/genesys/notifications/notification-types.ts';
import { topicType } from '../../src/genesys/notifications/topic-type.ts';
import { topics, type Topic } from '../../src/genesys/notifications/topics.ts';

declare function use(value: unknown): void;

const source: Observable<RawFrame> = EMPTY;
const frames$ = source.pipe(decode(notificationTypes), validate(), accepted());

/** What the platform's models say nothing of, taken away: that a member may be null, and that nothing is written to. */
type Plain<Data> = Data extends readonly (infer Item)[]
  ? Plain<Item>[]
  : Data extends object
    ? { -readonly [Name in keyof Data]: Plain<Exclude<Data[Name], null>> }
    : Data;

/** The paths of members of one model that the other does not have. (`additionalProperties` is the generator's, not the platform's.) */
type Missing<From, In> = From extends readonly (infer Item)[]
  ? In extends readonly (infer Other)[]
    ? Missing<Item, Other>
    : 'a list'
  : From extends object
    ? {
        [Name in Exclude<keyof From & string, 'additionalProperties'>]: Name extends keyof In
          ? `${Name}.${Missing<NonNullable<From[Name]>, NonNullable<In[Name]>>}`
          : Name;
      }[Exclude<keyof From & string, 'additionalProperties'>]
    : never;

/** Each body beside the platform's model of it. */
interface Bodies {
  presence: [UserPresence, Models.PresenceEventUserPresence];
  routingStatus: [UserRoutingStatus, Models.UserRoutingStatusUserRoutingStatus];
  userConversations: [Conversation, Models.ConversationEventTopicConversation];
  queueConversations: [Conversation, Models.QueueConversationEventTopicConversation];
  queueMember: [QueueMember, Models.QueueUserEventTopicQueueMember];
  observations: [QueueObservations, Models.StatEventQueueTopicStatsNotification];
  transcription: [Transcription, Models.TranscriptionTopicTranscriptionMessage];
  system: [SystemMessage, Omit<Models.SystemMessageSystemMessage, 'data'>];
}
type Name = keyof Bodies;

describe('the bodies of events', () => {
  it('have the members of the platform’s models, at every depth: none more, and none less', () => {
    expectTypeOf<{ [Key in Name]: Missing<Bodies[Key][0], Bodies[Key][1]> }[Name]>().toBeNever();
    expectTypeOf<{ [Key in Name]: Missing<Bodies[Key][1], Bodies[Key][0]> }[Name]>().toBeNever();
    expectTypeOf<Missing<{ a: { b: string }[]; c: string }, { a: { d: string }[]; e: string }>>().toEqualTypeOf<
      'a.b' | 'c'
    >();
  });

  it('take what the platform’s models are', () => {
    expectTypeOf<Models.PresenceEventUserPresence>().toExtend<UserPresence>();
    expectTypeOf<Models.UserRoutingStatusUserRoutingStatus>().toExtend<UserRoutingStatus>();
    expectTypeOf<Models.ConversationEventTopicConversation>().toExtend<Conversation>();
    expectTypeOf<Models.QueueConversationEventTopicConversation>().toExtend<Conversation>();
    expectTypeOf<Models.QueueUserEventTopicQueueMember>().toExtend<QueueMember>();
    expectTypeOf<Models.StatEventQueueTopicStatsNotification>().toExtend<QueueObservations>();
    expectTypeOf<Models.TranscriptionTopicTranscriptionMessage>().toExtend<Transcription>();
    expectTypeOf<Models.SystemMessageSystemMessage>().toExtend<SystemMessage>();
  });

  it('go where the platform’s models go, null and readonly aside', () => {
    expectTypeOf<Plain<UserPresence>>().toExtend<Models.PresenceEventUserPresence>();
    expectTypeOf<Plain<UserRoutingStatus>>().toExtend<Models.UserRoutingStatusUserRoutingStatus>();
    expectTypeOf<Plain<Conversation>>().toExtend<Models.ConversationEventTopicConversation>();
    expectTypeOf<Plain<Conversation>>().toExtend<Models.QueueConversationEventTopicConversation>();
    expectTypeOf<Plain<QueueMember>>().toExtend<Models.QueueUserEventTopicQueueMember>();
    expectTypeOf<Plain<QueueObservations>>().toExtend<Models.StatEventQueueTopicStatsNotification>();
    expectTypeOf<Plain<Transcription>>().toExtend<Models.TranscriptionTopicTranscriptionMessage>();
    expectTypeOf<Plain<SystemMessage>>().toExtend<Models.SystemMessageSystemMessage>();
  });
});

describe('notificationTypes', () => {
  it('types the body of each event, with no cast', () => {
    frames$.subscribe((frame) => {
      if (frame.payloadType === 'v2.users.{id}.presence') {
        expectTypeOf(frame.decodedData).toEqualTypeOf<TopicEvent<UserPresence>>();
        expectTypeOf(frame.decodedData.eventBody.presenceDefinition?.systemPresence).toEqualTypeOf<
          string | null | undefined
        >();
        // @ts-expect-error -- no such member
        use(frame.decodedData.eventBody.presence);
        // @ts-expect-error -- it may be absent
        use(frame.decodedData.eventBody.presenceDefinition.systemPresence);
        // @ts-expect-error -- frames are immutable
        frame.decodedData.eventBody.source = 'mine';
      }
      if (frame.payloadType === 'v2.users.{id}.routingStatus') {
        expectTypeOf(frame.decodedData.eventBody).toEqualTypeOf<UserRoutingStatus>();
      }
      if (frame.payloadType === 'v2.routing.queues.{id}.users') {
        expectTypeOf(frame.decodedData.eventBody.joined).toEqualTypeOf<boolean | null | undefined>();
      }
      if (frame.payloadType === 'v2.analytics.queues.{id}.observations') {
        expectTypeOf(frame.decodedData.eventBody.data?.[0]?.metrics?.[0]?.stats?.['count']).toEqualTypeOf<
          number | null | undefined
        >();
      }
      if (frame.payloadType === 'v2.conversations.{id}.transcription') {
        expectTypeOf(frame.decodedData.eventBody.transcripts?.[0]?.alternatives?.[0]?.transcript).toEqualTypeOf<
          string | null | undefined
        >();
      }
      if (frame.payloadType === 'channel.result') {
        expectTypeOf(frame.decodedData).toEqualTypeOf<ChannelResult>();
      }
      if (frame.payloadType === 'channel.metadata' || frame.payloadType === 'v2.system.socket_closing') {
        expectTypeOf(frame.decodedData.eventBody.message).toEqualTypeOf<string | null | undefined>();
      }
      if (frame.payloadType === 'notification') {
        expectTypeOf(frame.decodedData.topicName).toEqualTypeOf<string>();
        expectTypeOf(frame.decodedData.eventBody).toEqualTypeOf<{ readonly [member: string]: unknown }>();
      }
      // @ts-expect-error -- there is no such type
      if (frame.payloadType === 'v2.users.{userId}.presence') return;
    });
  });

  it('types conversations, down to what happens in a medium', () => {
    frames$
      .pipe(ofType('v2.users.{id}.conversations', 'v2.routing.queues.{id}.conversations'))
      .subscribe(({ decodedData: { eventBody } }) => {
        expectTypeOf(eventBody).toEqualTypeOf<Conversation>();
        for (const participant of eventBody.participants ?? []) {
          expectTypeOf(participant).toEqualTypeOf<ConversationParticipant>();
          expectTypeOf(participant.attributes?.['key']).toEqualTypeOf<string | null | undefined>();
          for (const call of participant.calls ?? []) expectTypeOf(call).toEqualTypeOf<ConversationCall>();
          // @ts-expect-error -- the list is `calls`
          use(participant.call);
        }
        // @ts-expect-error -- nothing is written to
        eventBody.participants = [];
      });
  });

  it('can have types of one’s own', () => {
    const types = defineNotificationTypes({
      'v2.users.{id}.station': topicType({
        type: 'object',
        properties: { associatedStation: { type: 'object', properties: { id: { type: 'string' } } } },
      }),
    });
    source.pipe(decode(types), validate(), accepted()).subscribe((frame) => {
      if (frame.payloadType === 'v2.users.{id}.station') {
        expectTypeOf(frame.decodedData.eventBody.associatedStation?.id).toEqualTypeOf<string | undefined>();
      }
      if (frame.payloadType === 'v2.users.{id}.presence') {
        expectTypeOf(frame.decodedData.eventBody).toEqualTypeOf<UserPresence>();
      }
      // @ts-expect-error -- it was not added
      if (frame.payloadType === 'v2.users.{id}.activity') return;
    });
    // @ts-expect-error -- a name, and no schema
    defineNotificationTypes({ 'v2.users.{id}.station': 'station' });
  });
});

describe('topics', () => {
  it('have the form of their names', () => {
    const user = topics.user('');
    expectTypeOf(user.presence()).toEqualTypeOf<`v2.users.${string}.presence`>();
    expectTypeOf(user.routingStatus()).toEqualTypeOf<`v2.users.${string}.routingStatus`>();
    expectTypeOf(user.conversations()).toEqualTypeOf<`v2.users.${string}.conversations`>();
    const queue = topics.queue('');
    expectTypeOf(queue.conversations()).toEqualTypeOf<`v2.routing.queues.${string}.conversations`>();
    expectTypeOf(queue.users()).toEqualTypeOf<`v2.routing.queues.${string}.users`>();
    expectTypeOf(queue.observations()).toEqualTypeOf<`v2.analytics.queues.${string}.observations`>();
    expectTypeOf(topics.conversation('').transcription()).toEqualTypeOf<`v2.conversations.${string}.transcription`>();
    expectTypeOf(topics.raw('')).toEqualTypeOf<Topic>();
    expectTypeOf(user.presence()).toExtend<Topic>();
  });

  it('do not let other text be one', () => {
    const wanted: Topic[] = [topics.user('').presence(), 'v2.users.a.station'];
    // @ts-expect-error -- the version is missing
    wanted.push('users.a.station');
    // @ts-expect-error -- an id, not a number
    topics.user(5);
    // @ts-expect-error -- no such topic of a user
    use(topics.user('').observations);
    // @ts-expect-error -- a topic of a user is of one user
    topics.user().presence();
  });
});
