import { sha256 } from '#sha256';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { OverflowError } from '../../../operators/errors.ts';
import type { Flow } from '../../../operators/flow.ts';
import { isRejected, RejectedFrame, type AnyFrame } from '../../../operators/frame.ts';
import { isFinal } from '../streams/is-final.ts';
import { isTooLarge } from '../streams/is-too-large.ts';
import { KeyTurns } from '../streams/key-turns.ts';
import { linkOf } from '../streams/link-of.ts';
import { AckInbox } from './ack-inbox.ts';
import type { PublishNotice } from './publish-notice.ts';
import { messageHeaders } from '../streams/message-headers.ts';
import { partitionOf } from '../streams/partition-of.ts';
import type { PublishTotals } from './publish-totals.ts';
import { StreamMissingError } from '../streams/stream-missing-error.ts';
import { managerOf, readLayout, type StreamLayout } from '../streams/stream-layout.ts';
import { subjectToken } from '../streams/subject-token.ts';
import { textOrUndefined } from './text-or-undefined.ts';

/** After a failure nothing is sent for so long, in milliseconds: doubled each time, up to the second. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 5_000;
/** What the lines of the protocol and the headers may take beside a payload, in bytes. */
const ENVELOPE = 4_096;
/** So many connections are remembered: more than are ever open at a time. */
const KNOWN_CONNECTIONS = 1_000;

/** The options of `toJetStream`, checked, with their defaults. */
export interface PublisherSettings {
  readonly connection: NatsConnection;
  readonly stream: string;
  readonly organizationId: string | undefined;
  readonly key: (frame: AnyFrame) => string | undefined;
  readonly messageId: ((frame: AnyFrame) => string) | undefined;
  readonly maxInFlight: number;
  readonly highWaterMark: number;
  readonly flow: Flow | undefined;
  readonly ackTimeout: number;
  readonly holdBack: number;
  readonly totals: PublishTotals;
  readonly report: (notice: PublishNotice) => void;
}

/** Who learns what became of the outcomes. */
interface Events<T> {
  next(outcome: T | RejectedFrame): void;
  error(error: unknown): void;
}

/** An outcome on its way to the engine. */
interface Job<T> {
  readonly outcome: T;
  readonly key: string | undefined;
  readonly id: string;
  /** The tokens of the subject between prefix and partition. */
  readonly path: string;
  /** Of the payload. */
  readonly digest: string;
}

/** **What is inside one subscription of `toJetStream`**: sent, waiting for its key's turn, or for the engine. */
export class Publisher<T extends AnyFrame> {
  readonly #settings: PublisherSettings;
  readonly #events: Events<T>;
  readonly #inbox: AckInbox;
  readonly #turns = new KeyTurns<Job<T>>();
  /** The connections whose frames have come. */
  readonly #connections = new Set<string>();
  /** Runs while a new connection's frames, and all behind them, are held back. */
  #holdingBack: NodeJS.Timeout | undefined;
  /** Undefined until the engine has said it. */
  #layout: StreamLayout | undefined;
  #inFlight = 0;
  #inside = 0;
  #failures = 0;
  #stalledAt: number | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #atEnd: (() => void) | undefined;
  #isSending = false;
  #isStopped = false;

  constructor(settings: PublisherSettings, events: Events<T>) {
    this.#settings = settings;
    this.#events = events;
    this.#inbox = new AckInbox(settings.connection, settings.ackTimeout);
    void this.#readLayout();
  }

  take(outcome: T): void {
    const { flow, highWaterMark } = this.#settings;
    if (this.#inside >= highWaterMark && flow?.attached !== true) {
      this.#fail(
        new OverflowError(
          `toJetStream: ${this.#inside} frames wait for the engine, at most ${highWaterMark} are allowed, and nothing can pause the source. Give connect and toJetStream the same Flow.`,
        ),
      );
      return;
    }
    this.#meet(outcome);
    this.#count(1);
    if (this.#inside >= highWaterMark) flow?.hold(this);
    try {
      this.#turns.add(this.#jobOf(outcome));
    } catch (error) {
      // What the functions among the options throw.
      this.#fail(error);
      return;
    }
    this.#send();
  }

  /** With the first frame of a connection: the other ingesters may still be at what came before it. */
  #meet({ connectionId }: T): void {
    const { holdBack } = this.#settings;
    if (holdBack === 0 || this.#connections.has(connectionId)) return;
    this.#connections.add(connectionId);
    const [oldest] = this.#connections;
    if (this.#connections.size > KNOWN_CONNECTIONS) this.#connections.delete(oldest as string);
    this.#holdBack();
  }

  #holdBack(): void {
    clearTimeout(this.#holdingBack);
    const link = linkOf(this.#settings.connection);
    this.#holdingBack = setTimeout(() => void this.#endHoldingBack(link), this.#settings.holdBack);
  }

  /** Begins anew where the engine was away meanwhile: the others could not publish, either. */
  async #endHoldingBack(link: string): Promise<void> {
    const { connection, holdBack } = this.#settings;
    const timer = this.#holdingBack;
    const askedAt = performance.now();
    const isThere = await connection.flush().then(
      () => performance.now() - askedAt < holdBack / 4,
      () => false,
    );
    if (this.#isStopped || timer !== this.#holdingBack) return;
    if (connection.isClosed()) {
      this.#fail(new errors.ClosedConnectionError());
      return;
    }
    if (!isThere || link !== linkOf(connection)) {
      this.#holdBack();
      return;
    }
    this.#holdingBack = undefined;
    this.#send();
  }

  /** Calls `atEnd` when all that was taken has left. */
  end(atEnd: () => void): void {
    this.#atEnd = atEnd;
    if (this.#inside === 0) atEnd();
  }

  /** Gives up what is inside. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#waiting);
    clearTimeout(this.#holdingBack);
    this.#inbox.stop();
    this.#settings.flow?.release(this);
    const { totals } = this.#settings;
    totals.inside -= this.#inside;
    totals.inFlight -= this.#inFlight;
  }

  async #readLayout(): Promise<void> {
    try {
      const manager = await managerOf(this.#settings.connection);
      const layout = await readLayout(manager, this.#settings.stream);
      if (this.#isStopped) return;
      const isFirst = this.#layout === undefined;
      this.#layout = layout;
      // The others could not publish until now, either.
      if (isFirst && this.#holdingBack !== undefined) this.#holdBack();
      if (isFirst) this.#works();
      this.#send();
    } catch (error) {
      if (this.#isStopped) return;
      const isMissing = error instanceof StreamMissingError && this.#layout === undefined;
      if (isMissing || isFinal(error)) this.#fail(error);
      else this.#stall(error, () => void this.#readLayout());
    }
  }

  #jobOf(outcome: T): Job<T> {
    const { organizationId, messageId } = this.#settings;
    const digest = sha256(outcome.rawData, 'base64');
    // What they give may be unchecked, from the payload. One id for all that have none would be one event.
    const key = textOrUndefined(this.#settings.key(outcome));
    const given = textOrUndefined(messageId?.(outcome));
    const type = outcome.kind === 'raw' ? undefined : outcome.payloadType;
    return {
      outcome,
      key,
      id: given === undefined ? (ownIdentity(outcome) ?? digest) : subjectToken(given),
      path: [organizationId, type, key].map(subjectToken).join('.'),
      digest,
    };
  }

  /** Sends what may be sent now. A loop, and never inside itself: what is refused leaves at once, thousands in a row. */
  #send(): void {
    if (this.#layout === undefined || this.#isSending) return;
    this.#isSending = true;
    while (this.#inFlight < this.#settings.maxInFlight && !this.#isStopped && !this.#isWaiting()) {
      const job = this.#turns.next();
      if (job === undefined) break;
      this.#publish(job, this.#layout);
    }
    this.#isSending = false;
  }

  /** For the engine, or for other ingesters. */
  #isWaiting(): boolean {
    return this.#waiting !== undefined || this.#holdingBack !== undefined;
  }

  #publish(job: Job<T>, layout: StreamLayout): void {
    const { connection } = this.#settings;
    const { outcome, key, id, path, digest } = job;
    const largest = (connection.info?.max_payload ?? Infinity) - ENVELOPE;
    if (outcome.byteLength > largest) {
      this.#refuse(job, `the payload has ${outcome.byteLength} bytes, the engine takes at most ${largest}`);
      return;
    }
    const partition = partitionOf(key ?? id, layout.partitions);
    const subject = `${layout.prefix}.${path}.${partition}`;
    // Made here: of those that wait, headers would take more memory than anything else.
    const headers = messageHeaders(outcome, id, digest);
    this.#countInFlight(1);
    try {
      this.#inbox.publish(subject, outcome.rawData, headers, {
        acknowledged: (isDuplicate) => this.#acknowledged(job, isDuplicate),
        failed: (error) => this.#failed(job, error),
      });
    } catch (error) {
      this.#failed(job, error);
    }
  }

  #acknowledged(job: Job<T>, isDuplicate: boolean): void {
    if (this.#isStopped) return;
    const { totals } = this.#settings;
    this.#countInFlight(-1);
    totals.published += 1;
    totals.bytes += job.outcome.byteLength;
    if (isDuplicate) totals.duplicates += 1;
    this.#works();
    this.#leave(job, job.outcome);
  }

  #failed(job: Job<T>, error: unknown): void {
    if (this.#isStopped) return;
    this.#countInFlight(-1);
    if (isTooLarge(error)) {
      this.#refuse(job, 'the stream does not take a message of this size');
      return;
    }
    if (isFinal(error)) {
      this.#fail(error);
      return;
    }
    this.#settings.totals.retries += 1;
    this.#turns.again(job);
    // Nobody takes it: the streams may have been removed, and be made again in another way.
    const isUnknown = error instanceof errors.NoRespondersError;
    this.#stall(error, () => (isUnknown ? void this.#readLayout() : this.#send()));
  }

  #refuse(job: Job<T>, why: string): void {
    this.#settings.totals.refused += 1;
    const { outcome } = job;
    this.#leave(
      job,
      isRejected(outcome) ? outcome : new RejectedFrame(outcome, 'to-jet-stream', 'too-large', [{ message: why }]),
    );
  }

  #leave(job: Job<T>, outcome: T | RejectedFrame): void {
    this.#count(-1);
    this.#turns.leave(job);
    if (this.#inside <= this.#settings.highWaterMark / 2) this.#settings.flow?.release(this);
    this.#events.next(outcome);
    this.#send();
    if (this.#inside === 0) this.#atEnd?.();
  }

  /** Nothing is sent for a while: all that was under way fails alike, and waits together. */
  #stall(cause: unknown, goOn: () => void): void {
    if (this.#waiting !== undefined) return;
    const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#failures);
    this.#failures += 1;
    if (this.#stalledAt === undefined) {
      this.#stalledAt = performance.now();
      this.#settings.report({ type: 'stalled', cause });
    }
    this.#waiting = setTimeout(
      () => {
        this.#waiting = undefined;
        goOn();
      },
      longest * (0.5 + Math.random() / 2),
    );
  }

  #works(): void {
    this.#failures = 0;
    if (this.#stalledAt === undefined) return;
    this.#settings.report({ type: 'resumed', after: performance.now() - this.#stalledAt });
    this.#stalledAt = undefined;
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return;
    this.stop();
    this.#events.error(error);
  }

  #count(change: 1 | -1): void {
    this.#inside += change;
    this.#settings.totals.inside += change;
  }

  #countInFlight(change: 1 | -1): void {
    this.#inFlight += change;
    this.#settings.totals.inFlight += change;
  }
}

/** The identity that the frame's payload type gives, with the type; undefined where it gives none. */
function ownIdentity(frame: AnyFrame): string | undefined {
  if (frame.kind !== 'parsed') return undefined;
  const identity = frame.definition?.identity?.(frame.decodedData, frame);
  return identity === undefined ? undefined : `${subjectToken(frame.payloadType)}:${subjectToken(identity)}`;
}
