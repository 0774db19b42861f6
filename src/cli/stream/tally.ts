import { isRejected, type AnyFrame, type RejectReason } from '../../../operators/frame.ts';

/** More connections than are open at a time: those heard of last are remembered. */
const CONNECTIONS = 100;

/**
 * **Counts what came in and what became of it, apart from each other**: frames in by the numbers that the connections
 * gave them, outcomes as they come. So a frame that was lost, or counted twice, on the way shows as a difference.
 */
export class Tally {
  accepted = 0;
  rejected = 0;
  bytes = 0;
  readonly byReason = new Map<RejectReason, number>();
  /** The number that comes next, of each connection; the one heard of last at the end. */
  readonly #next = new Map<string, number>();
  readonly #counted: (() => number) | undefined;
  #received = 0;

  /** @param counted - how many frames came in, where their numbers do not say */
  constructor(counted?: () => number) {
    this.#counted = counted;
  }

  get received(): number {
    return this.#counted?.() ?? this.#received;
  }

  /** Takes the outcomes of each connection in the order of their frames. */
  add(outcome: AnyFrame): void {
    const { connectionId, sequence } = outcome;
    this.#received += sequence + 1 - (this.#next.get(connectionId) ?? 0);
    this.#next.delete(connectionId);
    this.#next.set(connectionId, sequence + 1);
    if (this.#next.size > CONNECTIONS) this.#next.delete(this.#next.keys().next().value as string);
    this.bytes += outcome.byteLength;
    if (isRejected(outcome)) {
      this.rejected += 1;
      this.byReason.set(outcome.reason, (this.byReason.get(outcome.reason) ?? 0) + 1);
    } else {
      this.accepted += 1;
    }
  }

  /** Whether each frame that came in gave one outcome. */
  get isBalanced(): boolean {
    return this.received === this.accepted + this.rejected;
  }
}
