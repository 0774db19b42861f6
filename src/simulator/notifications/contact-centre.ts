import { checkMembers, checkNumber } from '../checks.ts';
import { mulberry32, pick } from '../random.ts';
import type { Occurrence } from './activity.ts';
import { Conversation } from './conversation.ts';
import {
  agentTopics,
  conversationOccurrence,
  observationOccurrence,
  presenceOccurrence,
  queueTopics,
  queueUserOccurrence,
  routingStatusOccurrence,
  transcriptionOccurrence,
  transcriptionTopic,
} from './occurrences.ts';
import { OFF_QUEUE_PRESENCES, makeStaff, type Agent, type RoutingStatus } from './staff.ts';

/** Options of the contact centre that the simulator plays. */
export interface ContactCentreOptions {
  /** Events a second, 1 to 50,000; one that goes to two topics counts as two. @defaultValue 10 */
  readonly rate?: number;
  /** How many agents there are. @defaultValue 50 */
  readonly agents?: number;
  /** How many queues they work in, not more than there are agents. @defaultValue 5 */
  readonly queues?: number;
}

/** {@link ContactCentreOptions} with the defaults filled in. */
export function contactCentreSettings(options: ContactCentreOptions): Required<ContactCentreOptions> {
  return { rate: options.rate ?? 10, agents: options.agents ?? 50, queues: options.queues ?? 5 };
}

/** Throws where there can be no such contact centre. */
export function checkContactCentre(where: string, options: ContactCentreOptions): void {
  checkMembers(where, options, ['rate', 'agents', 'queues']);
  const { rate, agents, queues } = contactCentreSettings(options);
  checkNumber(`${where}.rate`, 'a number from 1 to 50000', rate, 1, 50_000);
  checkNumber(`${where}.agents`, 'an integer from 1 to 10000', agents, 1, 10_000, true);
  checkNumber(`${where}.queues`, `an integer from 1 to agents (${agents})`, queues, 1, agents, true);
}

/** A contact centre in which things happen. */
export interface ContactCentre {
  /** What happens next, at that time in milliseconds since the epoch. Read `eventBody` before the next call. */
  next(now: number): Occurrence;
  /** The topics of its agents and queues, and those of the conversations that are going on. */
  topics(): readonly string[];
}

/** What the next step is about; the rest is a conversation's next stage. */
const SHARE = { agent: 0.12, arrival: 0.16, observation: 0.03 };

/** Up to so many conversations for each agent. */
const CROWD = 1.5;

/**
 * **The days of a contact centre**, seeded: agents come, go on queue and take breaks; conversations come into queues,
 * alert an agent, are answered or not, held, transcribed, hung up and wrapped up; queues are observed.
 *
 * What it tells is consistent: an agent who is alerted was idle, is interacting once it has answered until the wrap-up, and
 * not responding where it has not; observations count what is there. It starts with all agents offline and no
 * conversation, so whoever hears everything knows everything. How long things last follows from the rate.
 */
export function contactCentre(
  seed: number,
  { agents: agentCount, queues: queueCount }: Required<ContactCentreOptions>,
): ContactCentre {
  const random = mulberry32(seed);
  const { agents, queues } = makeStaff(random, agentCount, queueCount);
  const live: Conversation[] = [];
  /** What has happened and is yet to be told. */
  const untold: Occurrence[] = [];
  let onQueue = 0;

  function turn(agent: Agent, status: RoutingStatus, now: string): void {
    agent.routingStatus = status;
    untold.push(routingStatusOccurrence(agent, now));
  }

  function goOnQueue(agent: Agent, now: string): void {
    onQueue += 1;
    agent.presence = 'ON_QUEUE';
    untold.push(presenceOccurrence(agent, now));
    turn(agent, 'IDLE', now);
    for (const queue of agent.queues) untold.push(queueUserOccurrence(queue, agent, true));
  }

  function goOffQueue(agent: Agent, now: string): void {
    onQueue -= 1;
    for (const queue of agent.queues) untold.push(queueUserOccurrence(queue, agent, false));
    turn(agent, 'OFF_QUEUE', now);
    agent.presence = pick(random, OFF_QUEUE_PRESENCES);
    untold.push(presenceOccurrence(agent, now));
  }

  function moveAgent(agent: Agent, now: string): void {
    if (agent.conversation) return;
    const isRestless = random() < 0.2;
    switch (agent.routingStatus) {
      case 'NOT_RESPONDING':
        turn(agent, 'IDLE', now);
        break;
      case 'OFF_QUEUE':
        if (isRestless) {
          agent.presence = pick(random, OFF_QUEUE_PRESENCES);
          untold.push(presenceOccurrence(agent, now));
        } else goOnQueue(agent, now);
        break;
      default:
        if (isRestless) goOffQueue(agent, now);
    }
  }

  function arrive(now: string): void {
    if (live.length >= Math.max(1, onQueue) * CROWD) return;
    const conversation = new Conversation(random, pick(random, queues), now);
    live.push(conversation);
    untold.push(conversationOccurrence(conversation, undefined));
  }

  function distribute(conversation: Conversation, now: string): void {
    const { members } = conversation.queue;
    const first = Math.floor(random() * members.length);
    for (let nth = 0; nth < members.length; nth += 1) {
      const agent = members[(first + nth) % members.length];
      if (agent?.routingStatus !== 'IDLE' || agent.conversation) continue;
      agent.conversation = conversation;
      conversation.alert(agent, now);
      untold.push(conversationOccurrence(conversation, agent));
      return;
    }
  }

  function release(conversation: Conversation, agent: Agent, status: RoutingStatus, now: string): void {
    agent.conversation = undefined;
    untold.push(conversationOccurrence(conversation, agent));
    turn(agent, status, now);
  }

  function talk(conversation: Conversation, at: number, now: string): void {
    const { agent, stage } = conversation;
    const chance = random();
    if (stage === 'connected' && chance < 0.35) {
      untold.push(transcriptionOccurrence(conversation, random, at));
      return;
    }
    if (chance > 0.75) conversation.hangUp(now);
    else conversation.hold(stage === 'connected');
    untold.push(conversationOccurrence(conversation, agent));
  }

  function moveConversation(place: number, at: number, now: string): void {
    const conversation = live[place];
    if (!conversation) return;
    const { agent } = conversation;
    if (!agent) {
      if (random() < 0.95) distribute(conversation, now);
      else {
        conversation.hangUp(now);
        untold.push(conversationOccurrence(conversation, undefined));
      }
    } else if (conversation.stage === 'alerting' && random() < 0.1) {
      conversation.miss(now);
      release(conversation, agent, 'NOT_RESPONDING', now);
    } else if (conversation.stage === 'alerting') {
      conversation.answer(now);
      untold.push(conversationOccurrence(conversation, agent));
      turn(agent, 'INTERACTING', now);
    } else if (conversation.stage === 'wrapping') {
      conversation.wrapUp(now);
      release(conversation, agent, 'IDLE', now);
    } else talk(conversation, at, now);
    if (conversation.stage !== 'over') return;
    live[place] = live[live.length - 1] as Conversation;
    live.pop();
  }

  function step(at: number): void {
    const now = new Date(at).toISOString();
    const chance = random();
    if (chance < SHARE.agent || onQueue * 2 < agents.length) moveAgent(pick(random, agents), now);
    else if (chance < SHARE.agent + SHARE.arrival) arrive(now);
    else if (chance < SHARE.agent + SHARE.arrival + SHARE.observation) {
      untold.push(observationOccurrence(pick(random, queues), live, at));
    } else moveConversation(Math.floor(random() * live.length), at, now);
  }

  return {
    next: (now) => {
      for (;;) {
        const occurrence = untold.shift();
        if (occurrence) return occurrence;
        step(now);
      }
    },
    topics: () => [
      ...agents.flatMap(({ id }) => agentTopics(id)),
      ...queues.flatMap(({ id }) => queueTopics(id)),
      ...live.map(({ body }) => transcriptionTopic(body.id)),
    ],
  };
}
