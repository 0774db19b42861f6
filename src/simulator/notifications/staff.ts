import { integerBetween, pick, uuid, type Random } from '../random.ts';
import type { Conversation } from './conversation.ts';

/** The system presences that agents of the simulator have. */
export const OFF_QUEUE_PRESENCES = ['AVAILABLE', 'BUSY', 'AWAY', 'BREAK', 'MEAL', 'OFFLINE'] as const;

/** A system presence. */
export type Presence = (typeof OFF_QUEUE_PRESENCES)[number] | 'ON_QUEUE';

/** A routing status. */
export type RoutingStatus = 'OFF_QUEUE' | 'IDLE' | 'INTERACTING' | 'NOT_RESPONDING';

/** An agent. Whoever is `ON_QUEUE` has a routing status other than `OFF_QUEUE`, and the other way round. */
export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly queues: readonly Queue[];
  presence: Presence;
  routingStatus: RoutingStatus;
  /** What alerts the agent, is talked about, or waits for its wrap-up. */
  conversation: Conversation | undefined;
}

/** A queue. */
export interface Queue {
  readonly id: string;
  readonly name: string;
  readonly mediaType: 'voice' | 'chat' | 'message';
  readonly divisionId: string;
  readonly members: Agent[];
}

/** All who work in a contact centre, and where. */
export interface Staff {
  readonly agents: readonly Agent[];
  readonly queues: readonly Queue[];
}

const QUEUES = ['Sales', 'Billing', 'Technical Support', 'Förderanträge', 'Claims EMEA', 'サポート', 'Retention'];
const MEDIA_TYPES = ['voice', 'voice', 'chat', 'voice', 'message'] as const;
const FIRST_NAMES = ['Dana', 'Søren', 'Grace', 'Chidi', 'Łukasz', 'Anna', 'Yuki', 'Omar', 'Inés', 'Tom'];
const LAST_NAMES = ['White', 'Ågård', 'Kim', 'Okafor', 'Wójcik', 'Berg', 'Sato', 'Haddad', 'García', 'Reed'];

/** **Makes up queues and agents**, all offline. Each agent works in one or two queues, and each queue has agents. */
export function makeStaff(random: Random, agentCount: number, queueCount: number): Staff {
  const divisionId = uuid(random);
  const queues = Array.from({ length: queueCount }, (_, nth): Queue => ({
    id: uuid(random),
    name: `${QUEUES[nth % QUEUES.length] ?? ''} ${Math.floor(nth / QUEUES.length) + 1}`,
    mediaType: MEDIA_TYPES[nth % MEDIA_TYPES.length] ?? 'voice',
    divisionId,
    members: [],
  }));
  const agents = Array.from({ length: agentCount }, (_, nth): Agent => {
    const own = queues[nth % queueCount] as Queue;
    const agent: Agent = {
      id: uuid(random),
      name: `${pick(random, FIRST_NAMES)} ${pick(random, LAST_NAMES)}`,
      address: `sip:${integerBetween(random, 1000, 9999)}@voice.example.com`,
      queues: [...new Set(random() < 0.3 ? [own, pick(random, queues)] : [own])],
      presence: 'OFFLINE',
      routingStatus: 'OFF_QUEUE',
      conversation: undefined,
    };
    for (const queue of agent.queues) queue.members.push(agent);
    return agent;
  });
  return { agents, queues };
}
