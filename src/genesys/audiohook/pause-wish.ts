import { Flow } from '../../../operators/flow.ts';

/** For how long there may be audio after a `pause`, in milliseconds: what was under way, and a client that thinks. */
export const PAUSE_GRACE = 5_000;

/** **Whether the client is to pause**: because the caller said so, or because a slow consumer holds the flow. */
export class PauseWish {
  readonly flow = new Flow();
  readonly #ask: (isPaused: boolean) => void;
  readonly #now: () => number;
  #isCallers = false;
  #isFlows = false;
  /** When the client was asked for it. */
  #askedAt = Infinity;

  /** @param ask - asks the client; called where the wish changes */
  constructor(ask: (isPaused: boolean) => void, now: () => number) {
    this.#ask = ask;
    this.#now = now;
    this.flow.attach({
      pause: () => this.#change(() => (this.#isFlows = true)),
      resume: () => this.#change(() => (this.#isFlows = false)),
    });
  }

  get isOn(): boolean {
    return this.#isCallers || this.#isFlows;
  }

  /** Whether the client goes on though it was asked long ago. */
  get isIgnored(): boolean {
    return this.isOn && this.#now() - this.#askedAt > PAUSE_GRACE;
  }

  /** What the caller wants. */
  set(isPaused: boolean): void {
    this.#change(() => (this.#isCallers = isPaused));
  }

  /** Asks once more, where it is still wanted: the client has gone on. */
  insist(): void {
    if (!this.isOn) return;
    this.#askedAt = this.#now();
    this.#ask(true);
  }

  #change(change: () => void): void {
    const wasOn = this.isOn;
    change();
    if (this.isOn === wasOn) return;
    this.#askedAt = this.#now();
    this.#ask(this.isOn);
  }
}
