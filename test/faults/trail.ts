import { crc32 } from 'node:zlib';
import type { SentFrame } from '../../src/simulator/index.ts';

/** How many frames there were, and one number for all of their bytes and outcomes, in order. */
export interface Trail {
  readonly count: number;
  readonly digest: number;
}

export const EMPTY: Trail = { count: 0, digest: 0 };

/** The trail with one frame more. A frame that is missing, changed, doubled or in another place gives another digest. */
export function extend({ count, digest }: Trail, payload: Uint8Array, outcome: string): Trail {
  return { count: count + 1, digest: crc32(outcome, crc32(payload, digest)) };
}

/** The trails of a simulator's connections, each at each of its frames: what a client got must be one of them. */
export class SentTrails {
  readonly #digests: number[][] = [];
  readonly #last: Trail[] = [];

  /** For the simulator's `onSent`. */
  readonly add = ({ connection, data, expected }: SentFrame): void => {
    const trail = extend(this.#last[connection] ?? EMPTY, data, expected);
    this.#last[connection] = trail;
    (this.#digests[connection] ??= []).push(trail.digest);
  };

  /** How many frames the connection has sent. */
  sent(connection: number): number {
    return this.#last[connection]?.count ?? 0;
  }

  /** Whether these are the first frames of the connection, each with the outcome that it should have. */
  hasBegunWith(connection: number, { count, digest }: Trail): boolean {
    return digest === (count === 0 ? EMPTY.digest : this.#digests[connection]?.[count - 1]);
  }
}
