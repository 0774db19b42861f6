import { isDeepStrictEqual } from 'node:util';
import type { Outcomes } from './outcomes.ts';

/** A run of which not every frame had the outcome that it must have is void: throws. */
export function mustBeExpected(client: string, outcomes: Outcomes, expected: Outcomes): void {
  if (isDeepStrictEqual(outcomes, expected)) return;
  throw new Error(`${client}: the outcomes are ${JSON.stringify(outcomes)}, and not ${JSON.stringify(expected)}.`);
}
