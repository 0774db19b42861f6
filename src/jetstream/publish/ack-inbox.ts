import { JetStreamApiError, type ApiError, type PubAck } from '@nats-io/jetstream';
import {
  createInbox,
  errors,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type QueuedIterator,
  type Status,
  type Subscription,
} from '@nats-io/transport-node';

/** Who waits for an acknowledgement. */
interface Waiting {
  readonly subject: string;
  readonly sentAt: number;
  readonly acknowledged: (isDuplicate: boolean) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * **Publishes messages, and takes all their acknowledgements in one inbox.** The client's own `publish` is a request each, with a promise, a timer and two
 * stack traces for errors that hardly ever come: half of the time that a message takes.
 *
 * A message fails where the engine says so, where no acknowledgement comes in time, and where the connection was lost meanwhile.
 */
export class AckInbox {
  readonly #connection: NatsConnection;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #status: QueuedIterator<Status>;
  /** In the order in which they were sent. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #clock: NodeJS.Timeout;
  #sent = 0;
  #isAway = false;
  #isStopped = false;

  /** @param timeout - how long an acknowledgement may take, in milliseconds */
  constructor(connection: NatsConnection, timeout: number) {
    this.#connection = connection;
    // Where clients may only listen to inboxes of their own, the connection was made with their prefix.
    const { options } = connection as NatsConnection & { readonly options?: { readonly inboxPrefix?: string } };
    this.#inbox = createInbox(options?.inboxPrefix);
    this.#subscription = connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => this.#take(error, message),
    });
    this.#status = connection.status() as QueuedIterator<Status>;
    void this.#watch();
    this.#clock = setInterval(() => this.#expire(timeout), Math.min(timeout / 4, 250));
  }

  /** @throws the client's error, where the connection is lost or closed: it would keep in memory whatever it is given */
  publish(
    subject: string,
    data: Uint8Array,
    headers: MsgHdrs,
    waiting: Pick<Waiting, 'acknowledged' | 'failed'>,
  ): void {
    // It does not come back: the client has given up, or was refused.
    if (this.#connection.isClosed()) throw new errors.ClosedConnectionError();
    if (this.#isAway) throw new errors.ConnectionError('the connection to NATS is lost');
    const token = (this.#sent += 1).toString(36);
    this.#connection.publish(subject, data, { reply: `${this.#inbox}.${token}`, headers });
    this.#waiting.set(token, { ...waiting, subject, sentAt: performance.now() });
  }

  /** Nobody is told anything any more. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#clock);
    this.#waiting.clear();
    this.#status.stop();
    if (!this.#connection.isClosed()) this.#subscription.unsubscribe();
  }

  #take(error: Error | null, message: Msg): void {
    // It may not listen to its inbox.
    if (error !== null) {
      this.#failAll(error);
      return;
    }
    const token = message.subject.slice(this.#inbox.length + 1);
    const waiting = this.#waiting.get(token);
    // It came too late, and the message was sent again.
    if (waiting === undefined) return;
    this.#waiting.delete(token);
    const answer = answerIn(message);
    if (answer instanceof Error) waiting.failed(answer);
    else waiting.acknowledged(answer.duplicate);
  }

  async #watch(): Promise<void> {
    for await (const status of this.#status) {
      if (status.type === 'disconnect') {
        this.#isAway = true;
        // What was sent may not have arrived, or its acknowledgement is lost.
        this.#failAll(new errors.ConnectionError('the connection to NATS is lost'));
      } else if (status.type === 'reconnect') {
        this.#isAway = false;
      } else if (status.type === 'error' && this.#isOurs(status.error)) {
        this.#failAll(status.error);
      }
    }
    if (!this.#isStopped) this.#failAll(new errors.ClosedConnectionError());
  }

  #expire(timeout: number): void {
    const latest = performance.now() - timeout;
    for (const [token, { sentAt, failed }] of this.#waiting) {
      if (sentAt > latest) return;
      this.#waiting.delete(token);
      failed(new errors.TimeoutError());
    }
  }

  /** Whether something that was published here must not be: others on the connection may be told the same. */
  #isOurs(error: Error): boolean {
    if (!(error instanceof errors.PermissionViolationError) || error.operation !== 'publish') return false;
    return [...this.#waiting.values()].some(({ subject }) => subject === error.subject);
  }

  #failAll(error: unknown): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { failed } of all) failed(error);
  }
}

function answerIn(message: Msg): PubAck | Error {
  if (message.headers?.code === 503) return new errors.NoRespondersError(message.subject);
  try {
    const answer = message.json<PubAck & { readonly error?: ApiError }>();
    return answer.error === undefined ? answer : new JetStreamApiError(answer.error);
  } catch (cause) {
    return new errors.ProtocolError('the acknowledgement is no JSON', { cause });
  }
}
