import type { Observable } from 'rxjs';

/** What a synchronous Observable gives. */
export function collected<T>(source$: Observable<T>): readonly T[] {
  const values: T[] = [];
  source$.subscribe((value) => values.push(value));
  return values;
}
