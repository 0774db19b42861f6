import { randomUUID } from 'node:crypto';
import { JetStreamApiError } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { CoordinationBucket } from './coordination-bucket.ts';

/** What came of a claim. */
export type Claim =
  | {
      readonly held: true;
      /** When it was sent, in monotonic milliseconds: the engine keeps the key for the bucket's ttl after that, at the least. */
      readonly sentAt: number;
      readonly revision: number;
    }
  | {
      readonly held: false;
      /** The revision of somebody else's claim; undefined where it is not known to be anybody's. */
      readonly other: number | undefined;
    };

/** The engine's codes for a revision that is not the last one any more. */
const WRONG_LAST_SEQUENCE = [10_071, 10_164];

/**
 * **A key of a bucket that one at a time has**, by compare and set: it is written only where nobody has it, and renewed only where
 * nobody else has written it since. Its value says whose it is, not by the id alone: two may have the same.
 */
export class ClaimedKey {
  readonly key: string;
  /** What is written there. */
  readonly value: string;
  /** The last revision that was written by us, 0 before there is one. */
  revision = 0;
  #isOurs = false;
  #bucket: CoordinationBucket | undefined;
  #pending: Promise<Claim> | undefined;

  constructor(key: string, id: string) {
    this.key = key;
    this.value = JSON.stringify({ id, claim: randomUUID() });
  }

  /** Takes or renews it. Not again before the last claim is answered. Rejects where it can't be told what came of it. */
  async claim(bucket: CoordinationBucket): Promise<Claim> {
    this.#bucket = bucket;
    this.#pending = this.#claim(bucket.kv);
    try {
      return await this.#pending;
    } finally {
      this.#pending = undefined;
    }
  }

  /**
   * Gives it back, at once where no claim is under way, so that it is sent before a connection that is drained next.
   *
   * @param give - takes the key out of the bucket where it has that revision; where it fails, the key goes after the ttl
   */
  release(give: (bucket: CoordinationBucket, key: string, revision: number) => Promise<unknown>): void {
    const now = () => {
      if (!this.#isOurs || this.#bucket === undefined) return;
      this.#isOurs = false;
      give(this.#bucket, this.key, this.revision).catch(() => undefined);
    };
    if (this.#pending === undefined) now();
    else this.#pending.then(now, now);
  }

  async #claim(kv: KV): Promise<Claim> {
    if (this.#isOurs) {
      const renewed = await this.#write(kv, this.revision);
      if (renewed !== undefined) return renewed;
    }
    const entry = await kv.get(this.key);
    const present = entry?.operation === 'PUT' ? entry : undefined;
    const wasOurs = this.#isOurs;
    // The answer to a claim may be lost, and the claim not.
    this.#isOurs = present?.string() === this.value;
    if (!this.#isOurs && (wasOurs || present !== undefined)) return { held: false, other: present?.revision };
    return (await this.#write(kv, entry?.revision ?? 0)) ?? { held: false, other: undefined };
  }

  /** Undefined where the key has another revision than `expected`, 0 for none. */
  async #write(kv: KV, expected: number): Promise<Claim | undefined> {
    const sentAt = performance.now();
    try {
      const revision = await kv.put(this.key, this.value, { previousSeq: expected });
      this.revision = revision;
      this.#isOurs = true;
      return { held: true, sentAt, revision };
    } catch (error) {
      if (error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.includes(error.code)) return undefined;
      throw error;
    }
  }
}
