import type { Benchmark } from '../benchmark.ts';
import type { Row } from '../row.ts';
import { openArena, type Arena } from './arena.ts';

/**
 * A benchmark that has a server process while it runs.
 *
 * @param measure - gets how much is to be measured: `full`, or `quick`, which is some seconds on a quiet machine
 */
export function inArena<Options>(
  measure: (arena: Arena, options: Options) => Promise<readonly Row[]>,
  { full, quick }: { readonly full: Options; readonly quick: Options },
): Benchmark {
  return async (options) => {
    const arena = await openArena();
    try {
      return await measure(arena, options.quick ? quick : full);
    } finally {
      await arena.close();
    }
  };
}
