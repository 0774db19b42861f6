import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, ConsumerInfo, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Subscription } from '@nats-io/transport-node';
import { firstValueFrom, race, timer } from 'rxjs';
import { RawFrame } from '../../../operators/frame.ts';
import type { ConsumeTotals } from './consume-totals.ts';
import { remember } from './deliveries.ts';
import { HeldDelivery, type Holder } from './held-delivery.ts';
import type { ConsumeNotice } from './consume-notice.ts';
import { headersOf } from '../streams/headers-of.ts';
import { receiptOf } from '../streams/message-headers.ts';
import { SettledMessages } from './settled-messages.ts';

/** How often it is looked whether all is here that somebody else had in hand, in milliseconds. */
const POLL = 100;
/**
 * For how long a request for messages is open, in milliseconds. Where a member stands still or is cut off, its last one is open for so long, and
 * who takes over waits for that.
 */
const EXPIRES = 10_000;

/** What a reader works with. */
export interface ReaderSettings {
  readonly partition: number;
  readonly maxAckPending: number;
  readonly ackWait: number;
  readonly maxDeliver: number;
  readonly payloadTypes: ReadonlySet<string> | undefined;
  readonly totals: ConsumeTotals;
  readonly report: (notice: ConsumeNotice) => void;
  /** Which link there is to the engine now: another one after each time that it was lost. */
  readonly link: () => string;
  /** Opens the group's consumer of this partition. */
  readonly open: () => Promise<Consumer>;
  readonly handOut: (frame: RawFrame) => void;
  readonly deadLetter: Holder['deadLetter'];
  /** The engine says that the consumer is not there: it was deleted, or the engine does not know it yet. */
  readonly missing: () => void;
}

/**
 * **Reads one partition for as long as this member has it**, and hands its messages out in the order of the stream.
 *
 * Where somebody before it had messages in hand, it waits until the engine has delivered all of them again, and begins with the
 * oldest: nothing of the same key is handed out before them.
 */
export class PartitionReader {
  readonly #settings: ReaderSettings;
  readonly #holder: Holder;
  /** In hand, by their place in the stream. */
  readonly #held = new Map<number, HeldDelivery>();
  /** Delivered and not handed out, by their place in the stream. */
  readonly #waiting = new Map<number, JsMsg>();
  /** Whether messages wait: at the beginning and behind a hole for older ones, at the end to be given back. */
  #isWaiting = true;
  /** The latest that was delivered, to whomever; 0 before there is one. */
  #last = 0;
  readonly #settledBefore = new SettledMessages();
  #consumer: Consumer | undefined;
  #messages: ConsumerMessages | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #isDraining = false;
  #isStopped = false;
  #atEmpty: (() => void) | undefined;

  constructor(settings: ReaderSettings) {
    this.#settings = settings;
    this.#holder = {
      maxDeliver: settings.maxDeliver,
      acknowledged: (delivery) => this.#acknowledged(delivery),
      givenBack: (delivery) => this.#givenBack(delivery),
      deadLetter: settings.deadLetter,
      failed: (delivery, cause, retryIn) => this.#failed(delivery, cause, retryIn),
    };
  }

  /** Begins to read. @throws the engine's error, where it can't: it may be called again */
  async start(): Promise<void> {
    const { open, maxAckPending, ackWait, totals, report, partition } = this.#settings;
    const consumer = await open();
    const before = await this.#untilAlone(consumer);
    this.#last = before.delivered.stream_seq;
    if (this.#hasStopped()) return;
    const messages = await consumer.consume({
      max_messages: maxAckPending,
      expires: EXPIRES,
      // After the connection was lost it asks for messages at once; else it would ask for the consumer first, and where that fails wait.
      bind: true,
      callback: (message) => this.#take(message),
    });
    this.#messages = messages;
    if (this.#hasStopped()) {
      messages.stop();
      return;
    }
    this.#consumer = consumer;
    void this.#watch(messages);
    this.#heartbeat = setInterval(() => this.#extend(), ackWait / 3);
    totals.partitions += 1;
    report({ type: 'assigned', partition });
    if (before.num_ack_pending > 0) await this.#untilAllIsHere(consumer, before);
    if (!this.#isDraining) this.#handOutWaiting();
  }

  /** Hands nothing more out, gives back what nobody works on, and resolves once the rest is settled. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#isWaiting = true;
    for (const delivery of this.#held.values()) if (!delivery.isWorkedOn) delivery.giveBack();
    if (this.#held.size > 0) await new Promise<void>((resolve) => (this.#atEmpty = resolve));
    // Where the engine can't be asked, or the connection is closed, the next reader waits instead.
    await firstValueFrom(
      race(
        this.#end().catch(() => undefined),
        timer(this.#settings.ackWait),
      ),
    );
    const waiting = [...this.#waiting.values()];
    this.#stop();
    for (const message of waiting) message.nak();
  }

  /** Somebody else may read: hands nothing more out, and says nothing of what is in hand. */
  abandon(): void {
    this.#stop();
    for (const delivery of this.#held.values()) delivery.abandon();
    this.#settings.totals.inHand -= this.#held.size;
    this.#held.clear();
    this.#atEmpty?.();
  }

  /**
   * Asks for no more, and takes what is on its way: the next reader would wait for that until ackWait is over. Then waits until the engine has
   * forgotten the last request: servers before 2.10 lose sight of a message that is given back before, until ackWait is over.
   */
  async #end(): Promise<void> {
    if (this.#messages !== undefined) await drained(this.#messages);
    if (this.#consumer !== undefined) await this.#untilAlone(this.#consumer);
  }

  /** Asked after a wait, in which it may have become true. */
  #hasStopped(): boolean {
    return this.#isStopped;
  }

  #stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#messages?.stop();
    clearInterval(this.#heartbeat);
    this.#waiting.clear();
    if (this.#consumer === undefined) return;
    const { totals, report, partition } = this.#settings;
    totals.partitions -= 1;
    report({ type: 'revoked', partition });
  }

  /** Learns whether the consumer is there: the client goes on asking for messages. */
  async #watch(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      if (type === 'consumer_deleted' || type === 'no_responders') this.#settings.missing();
    }
  }

  #take(message: JsMsg): void {
    if (this.#isStopped) return;
    const { streamSequence, deliveryCount } = message.info;
    if (deliveryCount > 1) this.#settings.totals.redelivered += 1;
    const held = this.#held.get(streamSequence);
    if (held !== undefined) {
      if (!held.isTaken) this.#unsettled(held, deliveryCount);
    } else if (this.#settledBefore.has(message.info)) {
      // The engine has forgotten it: it was killed, most likely.
      message.ack();
    } else {
      if (!this.#isWaiting && this.#leavesHole(streamSequence)) void this.#waitBehindHole();
      if (this.#isWaiting) this.#waiting.set(streamSequence, message);
      else this.#handOut(message);
    }
    this.#last = Math.max(this.#last, streamSequence);
  }

  /**
   * A stream has no holes but those of removed messages: what is missing was delivered to a member that had stood still, and asked once more
   * before it knew that the partition is another's. It comes again; what is behind it waits.
   */
  #leavesHole(sequence: number): boolean {
    return this.#last > 0 && sequence > this.#last + 1;
  }

  /** Hands nothing out until no hole is left: it has come, or the engine waits for nothing in it, because it was removed, or acknowledged. */
  async #waitBehindHole(): Promise<void> {
    this.#isWaiting = true;
    let begin = this.#last;
    while (!this.#isStopped && !this.#isDraining) {
      // Once what is told now is all here.
      await delay(POLL);
      const end = this.#firstHole(begin);
      if (end === undefined) break;
      const info = await this.#consumer?.info().catch(() => undefined);
      if (info !== undefined && info.ack_floor.stream_seq >= end) begin = end;
    }
    if (!this.#isDraining && !this.#isStopped) this.#handOutWaiting();
  }

  /** Where the first hole behind that place ends; undefined where there is none. */
  #firstHole(begin: number): number | undefined {
    let last = begin;
    for (const sequence of [...this.#waiting.keys()].sort((a, b) => a - b)) {
      if (sequence > last + 1) return sequence - 1;
      last = Math.max(last, sequence);
    }
    return undefined;
  }

  #handOut(message: JsMsg): void {
    const { partition, payloadTypes, totals, handOut } = this.#settings;
    const receivedAt = performance.now();
    const delivery = new HeldDelivery(message, partition, this.#holder);
    this.#held.set(delivery.sequence, delivery);
    totals.inHand += 1;
    if (payloadTypes !== undefined && !payloadTypes.has(delivery.payloadType ?? '')) {
      delivery.acknowledge();
      return;
    }
    const rawData = message.data;
    remember(rawData, delivery);
    totals.received += 1;
    totals.bytes += rawData.byteLength;
    handOut(new RawFrame(receiptOf(rawData, headersOf(message), delivery, receivedAt)));
  }

  #handOutWaiting(): void {
    const inOrder = [...this.#waiting].sort(([a], [b]) => a - b);
    this.#waiting.clear();
    this.#isWaiting = false;
    for (const [sequence, message] of inOrder) {
      // Handing one out may be what ends it.
      if (this.#isDraining && !this.#isStopped) this.#waiting.set(sequence, message);
      else if (!this.#isStopped) this.#handOut(message);
    }
  }

  #acknowledged(delivery: HeldDelivery): void {
    this.#settings.totals.acknowledged += 1;
    this.#settledBefore.add(delivery.message.info);
    this.#letGo(delivery);
  }

  #givenBack(delivery: HeldDelivery): void {
    this.#letGo(delivery);
    // Whoever gives back because all ends is often told before this reader is: then it goes back with the rest.
    queueMicrotask(() => {
      if (this.#isDraining && !this.#isStopped) this.#waiting.set(delivery.sequence, delivery.message);
      else delivery.message.nak();
    });
  }

  #letGo({ sequence }: HeldDelivery): void {
    if (!this.#held.delete(sequence)) return;
    this.#settings.totals.inHand -= 1;
    if (this.#held.size === 0) this.#atEmpty?.();
  }

  #failed(delivery: HeldDelivery, cause: unknown, retryIn: number | undefined): void {
    const { totals, report } = this.#settings;
    if (retryIn !== undefined) totals.retries += 1;
    report({ type: 'failed', delivery, cause, retryIn });
  }

  /** Nobody has taken it for so long that the engine delivers it again. */
  #unsettled(held: HeldDelivery, deliveryCount: number): void {
    this.#settings.report({ type: 'unsettled', delivery: held });
    if (deliveryCount <= this.#settings.maxDeliver) return;
    held.take();
    void held.deadLetter('never settled');
  }

  /** Waits until no request of anybody else is open: it would get some of the messages between ours, and nobody would miss them at first. */
  async #untilAlone(consumer: Consumer): Promise<ConsumerInfo> {
    for (;;) {
      const info = await consumer.info();
      if (info.num_waiting === 0 || this.#isStopped) return info;
      await delay(POLL);
    }
  }

  /** Waits until all is here that was in somebody's hand before. */
  async #untilAllIsHere(consumer: Consumer, before: ConsumerInfo): Promise<void> {
    const { link } = this.#settings;
    let { num_ack_pending: pending, delivered } = before;
    let present = link();
    while (!this.#isStopped && !this.#isDraining) {
      const isSameLink = present === link();
      if (isSameLink && this.#countUpTo(delivered.stream_seq) >= pending) return;
      const here = this.#waiting.size;
      const info = await consumer.info().catch(() => undefined);
      if (info !== undefined && isSameLink) {
        // Whoever had it may have acknowledged some of it late: then the engine waits for no more than what was here when it was asked.
        if (info.num_ack_pending <= here) return;
      } else if (info !== undefined) {
        // The engine was away, and may have forgotten what it had said and delivered: all comes again.
        present = link();
        this.#waiting.clear();
        ({ num_ack_pending: pending, delivered } = info);
      }
      await delay(POLL);
    }
  }

  #countUpTo(last: number): number {
    return [...this.#waiting.keys()].filter((sequence) => sequence <= last).length;
  }

  /** The engine is not to deliver to anybody else what is in hand. */
  #extend(): void {
    for (const message of this.#waiting.values()) message.working();
    for (const { isTaken, message } of this.#held.values()) if (isTaken) message.working();
  }
}

/** Ends the client's subscription, and resolves once all that was on its way has come. `close` would drop that. */
async function drained(messages: ConsumerMessages): Promise<void> {
  const { sub } = messages as ConsumerMessages & { readonly sub?: Subscription };
  // Closed already, or with the connection: nothing is on its way.
  await (sub?.drain() ?? messages.close()).catch(() => undefined);
}
