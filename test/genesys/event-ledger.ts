import { isRejected, type RawFrame, type RejectedFrame } from '../../operators/frame.ts';
import type { Gap } from '../../src/genesys/notifications/coverage.ts';
import type { NotificationNotice } from '../../src/genesys/notifications/notifications.ts';
import type { PublishedEvent } from '../../src/simulator/index.ts';

/** An event that was published. */
export interface SentEvent {
  readonly number: number;
  readonly topicName: string;
  /** In milliseconds since the epoch. */
  readonly publishedAt: number;
}

/** What became of every event. */
export interface Account {
  /** How many events had to come out. */
  readonly expected: number;
  /** Of those, the ones that did. */
  readonly seen: number;
  /** All that came out more than once. */
  readonly twice: number;
  /** Those that did not come out, and are in a gap that was told. */
  readonly lostInGaps: number;
  /** Those that did not come out, and are in none. */
  readonly lostInSilence: readonly SentEvent[];
  /** How often an event came after a later one of the same topic. */
  readonly outOfOrder: number;
  readonly gaps: readonly Gap[];
  /** How many handovers were done. */
  readonly handovers: number;
}

/** What the account of a stream says that lost nothing, doubled nothing, and kept every order. */
export const FLAWLESS = { twice: 0, lostInGaps: 0, lostInSilence: [], outOfOrder: 0, gaps: [] };

/** **Knows each event by its correlation id**, and so whether it came out, how often, and in which order. */
export class EventLedger {
  readonly notices: NotificationNotice[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #sent: (SentEvent & { times: number })[] = [];
  readonly #latest = new Map<string, number>();
  #outOfOrder = 0;

  published({ number, correlationId, topicName, publishedAt }: PublishedEvent): void {
    this.#numbers.set(correlationId, number);
    this.#sent[number] = { number, topicName, publishedAt, times: 0 };
  }

  cameOut(outcome: RawFrame | RejectedFrame): void {
    if (isRejected(outcome)) return;
    const { topicName, metadata } = JSON.parse(Buffer.from(outcome.rawData).toString()) as {
      readonly topicName: string;
      readonly metadata?: { readonly CorrelationId: string };
    };
    const event = this.#sent[this.#numbers.get(metadata?.CorrelationId ?? '') ?? -1];
    if (event === undefined) return;
    event.times += 1;
    if (event.number < (this.#latest.get(topicName) ?? -1)) this.#outOfOrder += 1;
    else this.#latest.set(topicName, event.number);
  }

  /** @param mustCome - whether this event has to come out, or to be in a gap */
  account(mustCome: (event: SentEvent) => boolean): Account {
    const gaps = this.notices.filter((notice) => notice.type === 'gap');
    const expected = this.#sent.filter(mustCome);
    const lost = expected.filter(({ times }) => times === 0);
    const isInGap = ({ topicName, publishedAt: at }: SentEvent) =>
      gaps.some(({ from, to, topics }) => from <= at && at <= to && topics.includes(topicName));
    const silent = lost.filter((event) => !isInGap(event));
    return {
      expected: expected.length,
      seen: expected.length - lost.length,
      twice: this.#sent.filter(({ times }) => times > 1).length,
      lostInGaps: lost.length - silent.length,
      lostInSilence: silent.map(({ number, topicName, publishedAt }) => ({ number, topicName, publishedAt })),
      outOfOrder: this.#outOfOrder,
      gaps,
      handovers: this.notices.filter((notice) => notice.type === 'handover' && notice.status === 'done').length,
    };
  }
}
