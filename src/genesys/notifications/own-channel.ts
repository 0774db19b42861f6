import type { Channel } from './channel-api.ts';
import { splitTopic } from './join-topics.ts';

/** **A channel that this client made**, or took over, and what is subscribed on it. */
export class OwnChannel {
  readonly id: string;
  readonly connectUri: string;
  /** Whether the platform may have other subscriptions than these: none was set yet, or a change was sent and not answered. */
  isUncertain = true;
  /** The topics that were refused on it. */
  readonly refused = new Set<string>();
  #subscriptions: readonly string[] = [];
  #topics: ReadonlySet<string> = new Set();
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

  /** The ids that are subscribed, joined ones among them. */
  get subscriptions(): readonly string[] {
    return this.#subscriptions;
  }

  /** The topics that events come of. */
  get topics(): ReadonlySet<string> {
    return this.#topics;
  }

  /** The platform has set these, which prolongs the channel's life. */
  subscribed(subscriptions: readonly string[], now: number): void {
    this.#subscriptions = subscriptions;
    this.#topics = new Set(subscriptions.flatMap(splitTopic));
    this.#end = Math.min(now + this.#lifetime, this.#tokenEnd);
    this.isUncertain = false;
  }
}
