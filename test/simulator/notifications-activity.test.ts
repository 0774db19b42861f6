import { describe, expect, it } from 'vitest';
import { contactCentre, contactCentreSettings } from '../../src/simulator/notifications/contact-centre.ts';
import { isOffered } from '../../src/simulator/notifications/offered-topics.ts';

/** What the bodies hold, as far as the tests look. */
interface Body {
  readonly id: string;
  readonly presenceDefinition: { readonly systemPresence: string };
  readonly routingStatus: { readonly status: string };
  readonly queueId: string;
  readonly joined: boolean;
  readonly participants: readonly Participant[];
  readonly group: { readonly queueId: string };
  readonly data: readonly { readonly metrics: readonly Metric[] }[];
  readonly conversationId: string;
}

interface Participant {
  readonly id: string;
  readonly purpose: string;
  readonly userId?: string;
  readonly queueId?: string;
  readonly endTime?: string;
  readonly wrapup?: object;
  readonly wrapupRequired?: boolean;
  readonly calls?: readonly Leg[];
  readonly chats?: readonly Leg[];
  readonly messages?: readonly Leg[];
}

interface Leg {
  readonly state: string;
  readonly held: boolean;
}

interface Metric {
  readonly metric: string;
  readonly qualifier?: string;
  readonly stats: { readonly count: number };
}

interface Told {
  readonly topicNames: readonly string[];
  readonly body: Body;
}

function told(
  seed: number,
  count: number,
  agents = 20,
  queues = 4,
): { readonly events: Told[]; readonly topics: Set<string> } {
  const centre = contactCentre(seed, contactCentreSettings({ agents, queues }));
  const topics = new Set<string>();
  const events: Told[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const { topicNames, eventBody } = centre.next(1_000_000 + nth * 10);
    events.push({ topicNames, body: JSON.parse(JSON.stringify(eventBody)) as Body });
    for (const topic of centre.topics()) topics.add(topic);
  }
  return { events, topics };
}

/** Where a conversation stands, by what its body says. */
function stageOf({ participants }: Body): string {
  const agent = participants.filter(({ purpose }) => purpose === 'agent').at(-1);
  const [customer] = participants;
  const leg = agent?.calls?.[0] ?? agent?.chats?.[0] ?? agent?.messages?.[0];
  if (customer?.endTime !== undefined) {
    if (agent?.wrapupRequired !== true) return 'abandoned';
    return agent.wrapup ? 'wrapped up' : 'wrapping';
  }
  if (leg === undefined || leg.state === 'disconnected') return 'waiting';
  if (leg.state === 'alerting') return 'alerting';
  return leg.held ? 'held' : 'connected';
}

const NEXT: Readonly<Record<string, readonly string[]>> = {
  new: ['waiting'],
  waiting: ['alerting', 'abandoned'],
  alerting: ['connected', 'waiting'],
  connected: ['held', 'wrapping'],
  held: ['connected', 'wrapping'],
  wrapping: ['wrapped up'],
  abandoned: [],
  'wrapped up': [],
};

describe('the contact centre', () => {
  it('tells the same with the same seed, and something else with another', () => {
    expect(told(1, 500)).toEqual(told(1, 500));
    expect(told(1, 50)).not.toEqual(told(2, 50));
  });

  it('names topics that the platform offers, and that it lists', () => {
    const { events, topics } = told(3, 2000);
    const named = new Set(events.flatMap(({ topicNames }) => topicNames));
    expect([...named].filter((topic) => !isOffered(topic))).toEqual([]);
    expect([...named].filter((topic) => !topics.has(topic))).toEqual([]);
    const kinds = new Set([...named].map((topic) => topic.replaceAll(/[\da-f-]{36}/g, '{id}')));
    expect([...kinds].sort()).toEqual([
      'v2.analytics.queues.{id}.observations',
      'v2.conversations.{id}.transcription',
      'v2.routing.queues.{id}.conversations',
      'v2.routing.queues.{id}.users',
      'v2.users.{id}.conversations',
      'v2.users.{id}.presence',
      'v2.users.{id}.routingStatus',
    ]);
  });

  it('has conversations go through their stages in order, agents with them, and observations that count what is there', () => {
    const stages = new Map<string, string>();
    const queueOf = new Map<string, string>();
    const statuses = new Map<string, string>();
    const presences = new Map<string, string>();
    const members = new Map<string, Set<string>>();
    const agentOf = new Map<string, string>();
    const seen = new Map<string, number>();
    let observations = 0;

    for (const { topicNames, body } of told(7, 4000).events) {
      const [topic = ''] = topicNames;
      const [, , entity = ''] = topic.split('.');
      if (topic.endsWith('.presence')) presences.set(entity, body.presenceDefinition.systemPresence);
      else if (topic.endsWith('.routingStatus')) {
        const { status } = body.routingStatus;
        const before = statuses.get(entity) ?? 'OFF_QUEUE';
        const allowed: Readonly<Record<string, readonly string[]>> = {
          OFF_QUEUE: ['IDLE'],
          IDLE: ['INTERACTING', 'NOT_RESPONDING', 'OFF_QUEUE'],
          INTERACTING: ['IDLE'],
          NOT_RESPONDING: ['IDLE'],
        };
        expect(allowed[before]).toContain(status);
        if (before === 'OFF_QUEUE') expect(presences.get(entity)).toBe('ON_QUEUE');
        statuses.set(entity, status);
      } else if (topic.endsWith('.users')) {
        const joined = members.get(body.queueId) ?? new Set();
        members.set(body.queueId, joined);
        expect(joined.has(body.id)).toBe(!body.joined);
        if (body.joined) joined.add(body.id);
        else joined.delete(body.id);
      } else if (topic.endsWith('.conversations')) {
        const { id } = body;
        const [, , , queueId = ''] = topic.split('.');
        const stage = stageOf(body);
        const before = stages.get(id) ?? 'new';
        expect(NEXT[before]).toContain(stage);
        seen.set(stage, (seen.get(stage) ?? 0) + 1);
        stages.set(id, stage);
        queueOf.set(id, queueId);
        const agent = body.participants.filter(({ purpose }) => purpose === 'agent').at(-1)?.userId;
        expect(topicNames[1]).toBe(
          agent !== undefined && (stage !== 'waiting' || before === 'alerting') && stage !== 'abandoned'
            ? `v2.users.${agent}.conversations`
            : undefined,
        );
        if (stage === 'alerting') {
          expect(statuses.get(agent!)).toBe('IDLE');
          expect(members.get(queueId)).toContain(agent);
          expect([...agentOf.values()]).not.toContain(agent);
          agentOf.set(id, agent!);
        }
        if (['held', 'wrapping'].includes(stage)) expect(statuses.get(agent!)).toBe('INTERACTING');
        if (['waiting', 'abandoned', 'wrapped up'].includes(stage)) agentOf.delete(id);
        expect(body.participants.every(({ endTime }) => endTime !== undefined)).toBe(
          ['abandoned', 'wrapping', 'wrapped up'].includes(stage),
        );
      } else if (topic.endsWith('.transcription')) {
        expect(stages.get(body.conversationId)).toBe('connected');
      } else {
        observations += 1;
        const { queueId } = body.group;
        const count = (metric: string, qualifier?: string): number | undefined =>
          body.data[0]!.metrics.find((entry) => entry.metric === metric && entry.qualifier === qualifier)?.stats.count;
        const inStage = (...wanted: readonly string[]): number =>
          [...stages].filter(([id, stage]) => queueOf.get(id) === queueId && wanted.includes(stage)).length;
        const withStatus = (status: string): number =>
          [...(members.get(queueId) ?? [])].filter((agent) => statuses.get(agent) === status).length;
        expect(count('oWaiting')).toBe(inStage('waiting'));
        expect(count('oAlerting')).toBe(inStage('alerting'));
        expect(count('oInteracting')).toBe(inStage('connected', 'held'));
        for (const status of ['IDLE', 'INTERACTING', 'NOT_RESPONDING']) {
          expect(count('oOnQueueUsers', status)).toBe(withStatus(status));
        }
      }
    }
    expect(observations).toBeGreaterThan(40);
    for (const stage of Object.keys(NEXT)) if (stage !== 'new') expect(seen.get(stage)).toBeGreaterThan(5);
  });

  it('goes on with one agent and one queue', () => {
    expect(told(5, 500, 1, 1).events).toHaveLength(500);
  });
});
