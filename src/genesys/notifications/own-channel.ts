import type { Channel } from './channel-api.ts';

/** **A channel that this client made**, or took over, and what is subscribed on it. */
export class OwnChannel {
  readonly id: string;
  readonly connectUri: string;
  /** The topics that events come of; undefined where that is not known. */
  subscribed: ReadonlySet<string> | undefined = undefined;
  /** The topics that were refused on it. */
  readonly refused = new Set<string>();
  /** For how long it lives after its topics were last set, in milliseconds. */
  readonly #lifetime: number;
  /** When the token that made it is over, in milliseconds since the epoch. */
  readonly #tokenEnd: number;
  #end: number;

  /**
   * @param now - in milliseconds since the epoch
   * @param tokenLifeLeft - in milliseconds; undefined where that is not known
   */
  constructor({ id, connectUri, expires }: Channel, now: number, tokenLifeLeft: number | undefined) {
    this.id = id;
    this.connectUri = connectUri;
    this.#lifetime = expires - now;
    this.#tokenEnd = now + (tokenLifeLeft ?? Infinity);
    this.#end = Math.min(expires, this.#tokenEnd);
  }

  /** When it ends, in milliseconds since the epoch. */
  get end(): number {
    return this.#end;
  }

  /** Its topics were set, which prolongs its life. */
  prolong(now: number): void {
    this.#end = Math.min(now + this.#lifetime, this.#tokenEnd);
  }
}
