import type { AnyFrame } from '../../operators/frame.ts';
import { SeenFrame } from './seen-frame.ts';

/** Of each kind the last ones are kept, so that a rare kind is seen beside a frequent one. */
const PER_KIND = 32;
/** How many kinds are told apart; what is of a further one shares its place with all of those. */
const MOST_KINDS = 64;
/** How many frames a sample has at most. */
const SAMPLE_SIZE = 64;
/** Once so many bytes of payload wait for the next sample, further payloads are not kept. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The last frames of one kind, the oldest of which is overwritten. */
interface Kind {
  readonly frames: SeenFrame[];
  /** The place of the next one. */
  next: number;
}

/**
 * **A bounded choice among the frames of a short time**: the last of each payload type, and of each reason to reject. Adding
 * takes the same time whatever was added before.
 */
export class FrameSample {
  readonly #accepted = new Map<string, Kind>();
  readonly #rejected = new Map<string, Kind>();
  #bytes = 0;

  add(outcome: AnyFrame, number: number, latency: number): void {
    const kind =
      outcome.kind === 'rejected'
        ? kindOf(this.#rejected, outcome.reason)
        : kindOf(this.#accepted, outcome.kind === 'raw' ? '' : outcome.payloadType);
    this.#bytes -= kind.frames[kind.next]?.keptBytes ?? 0;
    const seen = new SeenFrame(outcome, number, latency, this.#bytes < MOST_BYTES);
    this.#bytes += seen.keptBytes;
    kind.frames[kind.next] = seen;
    kind.next = (kind.next + 1) % PER_KIND;
  }

  /** The sample since the last one, oldest first. */
  take(): SeenFrame[] {
    // First the newest of each kind, then the second newest of each, as far as there is room.
    const ranked = [...this.#accepted.values(), ...this.#rejected.values()].flatMap(({ frames }) =>
      frames.sort((one, other) => other.number - one.number).map((frame, rank) => ({ frame, rank })),
    );
    ranked.sort((one, other) => one.rank - other.rank || other.frame.number - one.frame.number);
    this.#accepted.clear();
    this.#rejected.clear();
    this.#bytes = 0;
    return ranked
      .slice(0, SAMPLE_SIZE)
      .map(({ frame }) => frame)
      .sort((one, other) => one.number - other.number);
  }
}

function kindOf(kinds: Map<string, Kind>, name: string): Kind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const shared = kinds.size < MOST_KINDS ? name : OTHERS;
  const kind = kinds.get(shared) ?? { frames: [], next: 0 };
  kinds.set(shared, kind);
  return kind;
}

/** No type or reason has this name, as types are named by programs. */
const OTHERS = '\0';
