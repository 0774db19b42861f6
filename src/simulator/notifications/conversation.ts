import { integerBetween, pick, uuid, type Random } from '../random.ts';
import type { Agent, Queue } from './staff.ts';

/** Where a conversation stands. Each stage but the first comes only after those that the arrows of {@link Conversation} show. */
export type ConversationStage = 'waiting' | 'alerting' | 'connected' | 'held' | 'wrapping' | 'over';

/** A participant's part in the medium: a call, a chat, a message conversation. */
interface Leg {
  readonly id: string;
  state: 'alerting' | 'connected' | 'disconnected';
  readonly initialState: string;
  readonly direction: 'inbound' | 'outbound';
  muted: boolean;
  held: boolean;
  readonly recording: boolean;
  readonly provider: string;
  readonly self: object;
  readonly other: object;
  connectedTime?: string;
  disconnectedTime?: string;
  disconnectType?: 'peer' | 'client' | 'transfer' | 'timeout';
}

type Media = 'calls' | 'chats' | 'messages';

interface Participant extends Partial<Record<Media, Leg[]>> {
  readonly id: string;
  readonly connectedTime: string;
  endTime?: string;
  readonly userId?: string;
  readonly queueId?: string;
  readonly purpose: 'customer' | 'acd' | 'agent';
  readonly name: string;
  readonly address: string;
  wrapupRequired?: boolean;
  wrapup?: object;
  readonly conversationRoutingData?: object;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The body of a conversation event: the whole conversation each time. */
export interface ConversationBody {
  readonly id: string;
  readonly maxParticipants: number;
  readonly participants: Participant[];
  recordingState: 'none' | 'active';
  readonly address: string;
  readonly divisions: readonly object[];
}

const LIST_OF_MEDIUM = { voice: 'calls', chat: 'chats', message: 'messages' } as const;
const NAMES = ['Alex Turner', 'Zoë Müller', 'Maria Gonzalez', '佐藤 美咲', 'Priya Sharma', "John O'Neill", 'محمد علي'];
const WRAPUPS = ['Resolved', 'Follow-up', 'Callback', 'Wrong number', 'Sale'];

/**
 * **A customer's conversation with a contact centre**, from its coming into a queue to its wrap-up:
 *
 *     waiting ─→ alerting ─→ connected ⇄ held
 *        ↑──────────┘            │         │
 *        │ (no answer)           └────┬────┘
 *        └─→ over (abandoned)      wrapping ─→ over
 *
 * `body` is changed in place: make it text before the next call.
 */
export class Conversation {
  readonly body: ConversationBody;
  readonly queue: Queue;
  stage: ConversationStage = 'waiting';
  /** Who it alerts, or is with. */
  agent: Agent | undefined;
  /** When an agent answered, in milliseconds since the epoch. */
  answeredAt = 0;
  readonly #random: Random;
  readonly #media: Media;
  #agentPart: Participant | undefined;

  constructor(random: Random, queue: Queue, now: string) {
    this.#random = random;
    this.#media = LIST_OF_MEDIUM[queue.mediaType];
    this.queue = queue;
    const phone = `tel:+4930${integerBetween(random, 1_000_000, 9_999_999)}`;
    this.body = {
      id: uuid(random),
      maxParticipants: 0,
      participants: [],
      recordingState: 'none',
      address: phone,
      divisions: [{ division: { id: queue.divisionId }, entities: [{ id: queue.id }] }],
    };
    this.#join(now, 'connected', { purpose: 'customer', name: pick(random, NAMES), address: phone });
    this.#join(now, 'connected', { purpose: 'acd', name: queue.name, address: phone, queueId: queue.id });
  }

  /** The communication of the agent that it is with. */
  get communicationId(): string {
    return this.#legOf(this.#agentPart)?.id ?? '';
  }

  alert(agent: Agent, now: string): void {
    this.stage = 'alerting';
    this.agent = agent;
    this.#agentPart = this.#join(now, 'alerting', {
      purpose: 'agent',
      name: agent.name,
      address: agent.address,
      userId: agent.id,
      queueId: this.queue.id,
    });
  }

  /** The agent does not answer: it waits again. */
  miss(now: string): void {
    this.#leave(this.#agentPart, now, 'timeout');
    this.stage = 'waiting';
    this.agent = undefined;
    this.#agentPart = undefined;
  }

  answer(now: string): void {
    this.stage = 'connected';
    this.answeredAt = Date.parse(now);
    const leg = this.#legOf(this.#agentPart);
    if (leg) {
      leg.state = 'connected';
      leg.connectedTime = now;
    }
    this.body.recordingState = 'active';
    this.#leave(
      this.body.participants.find(({ purpose }) => purpose === 'acd'),
      now,
      'transfer',
    );
  }

  hold(isHeld: boolean): void {
    this.stage = isHeld ? 'held' : 'connected';
    const leg = this.#legOf(this.#agentPart);
    if (leg) leg.held = isHeld;
  }

  /** The customer hangs up: before an agent is there it is over, afterwards the agent has to wrap up. */
  hangUp(now: string): void {
    this.stage = this.stage === 'waiting' ? 'over' : 'wrapping';
    this.body.recordingState = 'none';
    if (this.#agentPart) this.#agentPart.wrapupRequired = true;
    const [customer, ...others] = this.body.participants;
    this.#leave(customer, now, 'client');
    for (const participant of others) this.#leave(participant, now, 'peer');
  }

  wrapUp(now: string): void {
    this.stage = 'over';
    if (!this.#agentPart) return;
    this.#agentPart.wrapup = {
      code: uuid(this.#random),
      name: pick(this.#random, WRAPUPS),
      durationSeconds: integerBetween(this.#random, 1, 120),
      endTime: now,
    };
  }

  #legOf(participant: Participant | undefined): Leg | undefined {
    return participant?.[this.#media]?.[0];
  }

  #join(
    now: string,
    state: 'alerting' | 'connected',
    who: Pick<Participant, 'purpose' | 'name' | 'address' | 'userId' | 'queueId'>,
  ): Participant {
    const leg: Leg = {
      id: uuid(this.#random),
      state,
      initialState: state,
      direction: who.purpose === 'customer' ? 'inbound' : 'outbound',
      muted: false,
      held: false,
      recording: this.#media === 'calls',
      provider: 'Edge',
      self: { name: who.name, addressRaw: who.address },
      other: { name: this.queue.name },
      ...(state === 'connected' && { connectedTime: now }),
    };
    const participant: Participant = {
      id: uuid(this.#random),
      connectedTime: now,
      ...who,
      ...(who.purpose !== 'customer' && {
        conversationRoutingData: { queue: { id: this.queue.id }, priority: 0, skills: [], scoredAgents: [] },
      }),
      attributes: {},
      [this.#media]: [leg],
    };
    this.body.participants.push(participant);
    return participant;
  }

  /** Ends a participant's part, unless it is over already. */
  #leave(participant: Participant | undefined, now: string, how: NonNullable<Leg['disconnectType']>): void {
    const leg = this.#legOf(participant);
    if (!participant || !leg || leg.state === 'disconnected') return;
    leg.state = 'disconnected';
    leg.held = false;
    leg.disconnectedTime = now;
    leg.disconnectType = how;
    participant.endTime = now;
  }
}
