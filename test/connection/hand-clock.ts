import { VirtualAction, VirtualTimeScheduler } from 'rxjs';

/** A scheduler whose time passes only when it is told to: real sockets, and no waiting for timers. */
export class HandClock extends VirtualTimeScheduler {
  #now = 0;

  constructor() {
    super(VirtualAction, 0);
  }

  /** Lets so many milliseconds pass. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    this.maxFrames = this.#now;
    this.flush();
    this.frame = this.#now;
  }
}
