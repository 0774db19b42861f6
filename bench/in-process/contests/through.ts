import { from, type OperatorFunction } from 'rxjs';
import type { Pass } from '../comparison.ts';

/** All items through an operator, from a cold source, to a consumer that looks at nothing. */
export function through<In, Out>(items: readonly In[], operator: OperatorFunction<In, Out>): Pass {
  const out$ = from(items).pipe(operator);
  let count = 0;
  return () => void out$.subscribe(() => (count += 1));
}
