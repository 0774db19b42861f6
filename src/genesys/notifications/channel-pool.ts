import {
  concat,
  defer,
  EMPTY,
  filter,
  finalize,
  from,
  map,
  of,
  switchMap,
  take,
  throwError,
  type Observable,
  type TimestampProvider,
} from 'rxjs';
import { ChannelLimitError } from '../../../operators/errors.ts';
import type { PlatformApi } from '../platform-api.ts';
import type { Channel, ChannelApi, ChannelSummary } from './channel-api.ts';
import { OwnChannel } from './own-channel.ts';

/** At most so many channels may be there for one OAuth client: a further one would end another. The platform's limit. */
export const CHANNELS_AT_MOST = 20;

/** What a {@link ChannelPool} is made with. */
export interface ChannelPoolOptions {
  readonly channels: ChannelApi;
  readonly api: Pick<PlatformApi, 'tokenLifeLeft'>;
  /** What happens where there are {@link CHANNELS_AT_MOST} channels already. */
  readonly atLimit: 'error' | 'replace';
  /** Whether channels that are there already, of the same token, are taken. */
  readonly reuse: boolean;
  /** A channel is not taken that lives no longer, in milliseconds. */
  readonly shortestLife: number;
  readonly clock: TimestampProvider;
}

/**
 * **The channels of one client that no connection uses now.** The platform has no call to delete one, and counts them all: so those
 * that were let go are used again before another one is made.
 */
export class ChannelPool {
  readonly #options: ChannelPoolOptions;
  readonly #free = new Set<OwnChannel>();
  /** The creations under way, oldest first. */
  readonly #making = new Set<object>();
  /** All that this pool has given out, so that none is taken twice. */
  readonly #known = new Set<string>();

  constructor(options: ChannelPoolOptions) {
    this.#options = options;
  }

  /** Gives a channel to connect to, and completes: the one that has most of its life left, or a new one. */
  take(): Observable<OwnChannel> {
    return defer(() => {
      for (const channel of this.#free) if (!this.#livesOn(channel)) this.#free.delete(channel);
      const free = [...this.#free].sort((a, b) => b.end - a.end)[0];
      if (free === undefined) return concat(this.#existing(), this.#made()).pipe(take(1));
      this.#free.delete(free);
      return of(free);
    });
  }

  /** The channel is used no more, and may be used again. */
  giveBack(channel: OwnChannel): void {
    this.#free.add(channel);
  }

  #existing(): Observable<OwnChannel> {
    if (!this.#options.reuse) return EMPTY;
    return this.#options.channels.list('token').pipe(
      switchMap((summaries) => from(summaries)),
      filter(isUsable),
      filter(({ id }) => !this.#known.has(id)),
      map((channel) => this.#own(channel)),
      filter((channel) => this.#livesOn(channel)),
    );
  }

  #made(): Observable<OwnChannel> {
    const make$ = defer(() => this.#options.channels.create()).pipe(map((channel) => this.#own(channel)));
    if (this.#options.atLimit === 'replace') return make$;
    const self = {};
    return defer(() => {
      this.#making.add(self);
      return this.#options.channels.list('client');
    }).pipe(
      switchMap((summaries) => {
        const now = this.#options.clock.now();
        const alive = summaries.filter(({ expires }) => expires > now).length;
        // The creations under way before this one count, too.
        if (alive + [...this.#making].indexOf(self) < CHANNELS_AT_MOST) return make$;
        return throwError(
          () =>
            new ChannelLimitError(
              `There are ${alive} channels of this OAuth client, and at most ${CHANNELS_AT_MOST} are allowed: another one would end the one that was used longest ago. Channels end 24 hours after their last use. Use fewer processes, or an OAuth client for each; or let it: atLimit: 'replace' (rxframe listen --replace-channel).`,
              alive,
            ),
        );
      }),
      finalize(() => this.#making.delete(self)),
    );
  }

  #own(channel: Channel): OwnChannel {
    const { clock, api } = this.#options;
    this.#known.add(channel.id);
    return new OwnChannel(channel, clock.now(), api.tokenLifeLeft());
  }

  #livesOn({ end }: OwnChannel): boolean {
    return end - this.#options.clock.now() > this.#options.shortestLife;
  }
}

function isUsable(summary: ChannelSummary): summary is ChannelSummary & Channel {
  return summary.id !== undefined && summary.connectUri !== undefined;
}
