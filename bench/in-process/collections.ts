import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

/** The garbage collections of this process, which needs `--expose-gc`. */
export class Collections {
  #told: PerformanceEntry[] = [];

  constructor() {
    new PerformanceObserver((list) => this.#told.push(...list.getEntries())).observe({ entryTypes: ['gc'] });
  }

  /** Those that began in that time. Ends with a collection of its own: an observer told of that one has been told of all. */
  async between(start: number, end: number): Promise<readonly PerformanceEntry[]> {
    if (globalThis.gc === undefined) throw new Error('The process needs --expose-gc.');
    globalThis.gc();
    while (!this.#told.some(({ startTime }) => startTime >= end)) await setImmediate();
    const found = this.#told.filter(({ startTime }) => startTime >= start && startTime < end);
    this.#told = [];
    return found;
  }
}
