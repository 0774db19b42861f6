import { pick, type Random } from '../../../src/simulator/random.ts';

/** How often events are made, in milliseconds. */
const TICK = 10;

/** **Numbered events of many conversations**, made at a rate: what a contact centre tells. */
export class Events {
  readonly #random: Random;
  readonly #conversations: readonly string[];
  readonly #emit: (event: string) => void;
  /** By conversation: how many there have been. */
  readonly made = new Map<string, number>();
  total = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param emit - takes each event, as JSON */
  constructor(random: Random, conversations: number, emit: (event: string) => void) {
    this.#random = random;
    this.#conversations = Array.from({ length: conversations }, (_, n) => `conversation-${n}`);
    this.#emit = emit;
  }

  /** @param rate - events a second */
  start(rate: number): void {
    const startedAt = performance.now();
    let due = 0;
    this.#timer = setInterval(() => {
      const until = ((performance.now() - startedAt) / 1_000) * rate;
      for (; due < until; due += 1) this.#make();
    }, TICK);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #make(): void {
    const id = pick(this.#random, this.#conversations);
    const n = this.made.get(id) ?? 0;
    this.made.set(id, n + 1);
    this.total += 1;
    this.#emit(JSON.stringify({ type: 'event', id, n, agent: 'a1b2c3d4', queue: 'support', state: 'connected' }));
  }
}
