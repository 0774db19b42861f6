import { switchMap, of, type Observable, type Subscription } from 'rxjs';
import type { PartitionReader } from './partition-reader.ts';

/** **The time in which a partition is this member's to read**: whenever it has the lease, a reader reads. */
export class PartitionTurn {
  readonly #holding: Subscription;
  #reader: PartitionReader | undefined;

  /**
   * @param lease$ - whether the lease is held
   * @param read - begins to read with a new reader, until it is unsubscribed from
   */
  constructor(
    lease$: Observable<boolean>,
    read: () => { reader: PartitionReader; started$: Observable<void> },
    error: (error: unknown) => void,
  ) {
    this.#holding = lease$
      .pipe(
        switchMap((isHeld) => {
          this.#reader?.abandon();
          this.#reader = undefined;
          if (!isHeld) return of(undefined);
          const { reader, started$ } = read();
          this.#reader = reader;
          return started$;
        }),
      )
      .subscribe({ error });
  }

  /** Gives back what nobody works on, and the lease once the rest is settled. */
  async end(): Promise<void> {
    await this.#reader?.drain();
    this.#holding.unsubscribe();
  }
}
