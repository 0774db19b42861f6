import { integerBetween, pick, uuid, type Random } from '../random.ts';
import type { Occurrence } from './activity.ts';
import type { Conversation, ConversationStage } from './conversation.ts';
import type { Agent, Presence, Queue, RoutingStatus } from './staff.ts';

/** What is told of a contact centre, by topic. The times are ISO 8601, as in the event bodies. */

/** The topics of an agent. */
export const agentTopics = (agentId: string): readonly string[] => [
  `v2.users.${agentId}.presence`,
  `v2.users.${agentId}.routingStatus`,
  `v2.users.${agentId}.conversations`,
];

/** The topics of a queue. */
export const queueTopics = (queueId: string): readonly string[] => [
  `v2.routing.queues.${queueId}.conversations`,
  `v2.routing.queues.${queueId}.users`,
  `v2.analytics.queues.${queueId}.observations`,
];

/** The topic of what is said in a conversation. */
export const transcriptionTopic = (conversationId: string): string =>
  `v2.conversations.${conversationId}.transcription`;

/** The ids of the presence definitions: fixed, as they are set up once in an organisation. */
const PRESENCE_IDS: Readonly<Record<Presence, string>> = {
  AVAILABLE: '6a3af858-942f-489d-9700-5f9bcdcdae9b',
  BUSY: '31fe3bac-dea6-44b7-bed7-47f91660a1a0',
  AWAY: '5e5c5c66-ea97-4e7f-ac41-6424784829f2',
  BREAK: '227b37e2-f1d0-4dd0-8f50-badd7cf6d158',
  MEAL: '3fd96123-badb-4f69-bc03-1b1ccc6d8014',
  OFFLINE: 'ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5',
  ON_QUEUE: 'e08eaf1b-ee47-4fa9-a231-1200e284798f',
};

export function presenceOccurrence({ id, presence }: Agent, now: string): Occurrence {
  return {
    topicNames: [`v2.users.${id}.presence`],
    eventBody: {
      source: 'PURECLOUD',
      presenceDefinition: { id: PRESENCE_IDS[presence], systemPresence: presence },
      primary: true,
      message: '',
      modifiedDate: now,
    },
  };
}

export function routingStatusOccurrence({ id, routingStatus }: Agent, now: string): Occurrence {
  return {
    topicNames: [`v2.users.${id}.routingStatus`],
    eventBody: { id, routingStatus: { status: routingStatus, startTime: now } },
  };
}

export function queueUserOccurrence(queue: Queue, { id }: Agent, joined: boolean): Occurrence {
  return {
    topicNames: [`v2.routing.queues.${queue.id}.users`],
    eventBody: { id, user: { id }, queueId: queue.id, joined },
  };
}

/** Goes to the queue and to the agent that it is with, or was with until now. */
export function conversationOccurrence({ body, queue }: Conversation, agent: Agent | undefined): Occurrence {
  const queueTopic = `v2.routing.queues.${queue.id}.conversations`;
  return { topicNames: agent ? [queueTopic, `v2.users.${agent.id}.conversations`] : [queueTopic], eventBody: body };
}

const ON_QUEUE_STATUSES: readonly RoutingStatus[] = ['IDLE', 'INTERACTING', 'NOT_RESPONDING'];

/** Observations cover this much time, in milliseconds. */
const OBSERVED = 10_000;

/** Counts what is there: conversations of the queue by their stage, its agents by their routing status. */
export function observationOccurrence(queue: Queue, live: readonly Conversation[], now: number): Occurrence {
  const inStage = (...stages: readonly ConversationStage[]): object => ({
    count: live.filter((conversation) => conversation.queue === queue && stages.includes(conversation.stage)).length,
  });
  const start = now - (now % OBSERVED);
  const interval = `${new Date(start).toISOString()}/${new Date(start + OBSERVED).toISOString()}`;
  return {
    topicNames: [`v2.analytics.queues.${queue.id}.observations`],
    eventBody: {
      group: { queueId: queue.id, mediaType: queue.mediaType },
      data: [
        {
          interval,
          metrics: [
            { metric: 'oWaiting', stats: inStage('waiting') },
            { metric: 'oAlerting', stats: inStage('alerting') },
            { metric: 'oInteracting', stats: inStage('connected', 'held') },
            ...ON_QUEUE_STATUSES.map((qualifier) => ({
              metric: 'oOnQueueUsers',
              qualifier,
              stats: { count: queue.members.filter(({ routingStatus }) => routingStatus === qualifier).length },
            })),
          ],
        },
      ],
    },
  };
}

const SENTENCES = [
  'Thank you for calling, how can I help you?',
  'I have a question about my last invoice.',
  'Let me look that up for you.',
  'Could you spell your last name, please?',
  'Das habe ich leider nicht verstanden.',
  'Is there anything else?',
];

export function transcriptionOccurrence(conversation: Conversation, random: Random, now: number): Occurrence {
  const { id } = conversation.body;
  const transcript = pick(random, SENTENCES);
  const offsetMs = now - conversation.answeredAt;
  return {
    topicNames: [transcriptionTopic(id)],
    eventBody: {
      eventTime: new Date(now).toISOString(),
      conversationId: id,
      communicationId: conversation.communicationId,
      sessionStartTimeMs: conversation.answeredAt,
      transcriptionStartTimeMs: conversation.answeredAt,
      transcripts: [
        {
          utteranceId: uuid(random),
          isFinal: true,
          channel: pick(random, ['EXTERNAL', 'INTERNAL']),
          alternatives: [
            {
              confidence: integerBetween(random, 60, 99) / 100,
              offsetMs,
              durationMs: transcript.length * 60,
              transcript,
            },
          ],
          engineProvider: 'GENESYS',
          dialect: 'en-US',
        },
      ],
      status: { offsetMs, status: 'SESSION_ONGOING' },
    },
  };
}
