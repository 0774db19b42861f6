import { FAULT_SEED } from '../../faults/seed.ts';
import type { Account } from './account.ts';
import type { Scene, WorkAccount } from './scene.ts';

/** Tells people what happened, and what came of it. */
export function print(what: string, { feed }: Scene, happened: string, stored: Account, worked?: WorkAccount): void {
  const lines = [`${what}, seed ${FAULT_SEED}: ${feed.events.total} events; ${happened}`, `stored: ${flaws(stored)}`];
  if (worked !== undefined) {
    const { again, overlaps, excused } = worked;
    lines.push(
      `worked on: ${flaws(worked)}, ${again} again`,
      `two at once: ${overlaps.length}, and ${excused} where one had stood still`,
    );
  }
  console.log(lines.join('; '));
}

function flaws({ lost, twice, outOfOrder }: Account): string {
  return `${lost.length} lost, ${twice.length} twice, ${outOfOrder.length} out of order`;
}
