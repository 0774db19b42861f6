import { isRejected, type AnyFrame, type RejectReason } from '../../operators/frame.ts';

/**
 * **Counts what came in and what became of it, apart from each other**: frames in by the numbers that the connections
 * gave them, outcomes as they come. So a frame that was lost, or counted twice, on the way shows as a difference.
 */
export class Tally {
  received = 0;
  accepted = 0;
  rejected = 0;
  bytes = 0;
  readonly byReason = new Map<RejectReason, number>();
  #connectionId = '';
  #next = 0;

  /** Takes the outcomes in the order of their frames, one connection after the other. */
  add(outcome: AnyFrame): void {
    if (outcome.connectionId !== this.#connectionId) {
      this.#connectionId = outcome.connectionId;
      this.#next = 0;
    }
    this.received += outcome.sequence + 1 - this.#next;
    this.#next = outcome.sequence + 1;
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
