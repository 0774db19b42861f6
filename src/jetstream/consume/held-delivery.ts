import type { JsMsg } from '@nats-io/jetstream';
import type { Delivery } from './delivery.ts';
import { headersOf } from '../streams/headers-of.ts';
import { tokenText } from '../streams/subject-token.ts';

/** What becomes of a delivery in this process. */
type Stage = 'handed-out' | 'taken' | 'worked-on' | 'over';

/** Who holds it for the group. */
export interface Holder {
  /** How many deliveries a message may have, those tried again in this process included. */
  readonly maxDeliver: number;
  /** It is acknowledged. */
  acknowledged(delivery: HeldDelivery): void;
  /** It is not done, and nobody here will. */
  givenBack(delivery: HeldDelivery): void;
  /** Publishes it as a dead letter, until the engine has it, or it is over for another reason. */
  deadLetter(delivery: HeldDelivery, why: string): Promise<void>;
  /** Work on it failed, and is tried again so many milliseconds later, or never. */
  failed(delivery: HeldDelivery, cause: unknown, retryIn: number | undefined): void;
}

/** **A delivery in this process's hands**: from the engine's message until that is acknowledged, or left to somebody else. */
export class HeldDelivery implements Delivery {
  readonly partition: number;
  readonly sequence: number;
  /** Private: it leads to the connection, and its password. */
  readonly #message: JsMsg;
  readonly #holder: Holder;
  #stage: Stage = 'handed-out';
  #tokens: readonly string[] | undefined;

  constructor(message: JsMsg, partition: number, holder: Holder) {
    this.#message = message;
    this.partition = partition;
    this.sequence = message.info.streamSequence;
    this.#holder = holder;
  }

  /** The engine's message. */
  get message(): JsMsg {
    return this.#message;
  }

  get stream(): string {
    return this.#message.info.stream;
  }

  get deliveryCount(): number {
    return this.#message.info.deliveryCount;
  }

  get storedAt(): number {
    return Math.floor(this.#message.info.timestampNanos / 1e6);
  }

  get subject(): string {
    return this.#message.subject;
  }

  get organizationId(): string | undefined {
    return this.#token(1);
  }

  get payloadType(): string | undefined {
    return this.#token(2);
  }

  get key(): string | undefined {
    return this.#token(3);
  }

  get messageId(): string | undefined {
    return headersOf(this.#message)?.get('Nats-Msg-Id') || undefined;
  }

  get maxDeliver(): number {
    return this.#holder.maxDeliver;
  }

  /** Whether nobody here is to work on it any more. */
  get isOver(): boolean {
    return this.#stage === 'over';
  }

  /** Whether somebody will settle it, or does. */
  get isTaken(): boolean {
    return this.#stage === 'taken' || this.#stage === 'worked-on';
  }

  get isWorkedOn(): boolean {
    return this.#stage === 'worked-on';
  }

  /** Somebody will settle it. */
  take(): void {
    if (this.#stage === 'handed-out') this.#stage = 'taken';
  }

  /** Somebody works on it. */
  begin(): void {
    if (!this.isOver) this.#stage = 'worked-on';
  }

  /** Nobody works on it now; somebody will. */
  rest(): void {
    if (this.#stage === 'worked-on') this.#stage = 'taken';
  }

  failed(cause: unknown, retryIn: number | undefined): void {
    this.#holder.failed(this, cause, retryIn);
  }

  /** It is done. @returns false where it was over already: somebody else may do it, too */
  acknowledge(): boolean {
    if (!this.#end()) return false;
    this.#message.ack();
    this.#holder.acknowledged(this);
    return true;
  }

  /** Publishes it as a dead letter, and acknowledges it. @returns as {@link acknowledge} */
  async deadLetter(why: string): Promise<boolean> {
    await this.#holder.deadLetter(this, why);
    return this.acknowledge();
  }

  /** It is not done, and nobody here will. */
  giveBack(): void {
    if (this.#end()) this.#holder.givenBack(this);
  }

  /** It is over here, and nothing is said to anybody. */
  abandon(): void {
    this.#end();
  }

  /** What a log may have: the members of {@link Delivery}. */
  toJSON(): Delivery {
    const { stream, partition, sequence, deliveryCount, storedAt } = this;
    const { subject, organizationId, payloadType, key, messageId } = this;
    return {
      stream,
      partition,
      sequence,
      deliveryCount,
      storedAt,
      subject,
      organizationId,
      payloadType,
      key,
      messageId,
    };
  }

  #end(): boolean {
    if (this.isOver) return false;
    this.#stage = 'over';
    return true;
  }

  #token(at: number): string | undefined {
    this.#tokens ??= this.subject.split('.');
    return tokenText(this.#tokens[at] ?? '-');
  }
}
