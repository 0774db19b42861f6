import { readFileSync } from 'node:fs';
import type { EventName } from './account.ts';

/** Work on one event that was finished, and about to be acknowledged. */
export interface WorkDone extends EventName {
  /** The worker's process. */
  readonly pid: number;
  readonly deliveryCount: number;
  readonly messageId: string | undefined;
  /** By the clock that all processes of the machine share, in milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** A time in which a process stood still, by the same clock. */
export interface Freeze {
  readonly pid: number;
  readonly from: number;
  readonly to: number;
}

/** For how long a process that was frozen may still believe that its partitions are its own, in milliseconds. */
const WAKING = 250;

/** The lines that the workers have written, in the order in which they did. */
export function readWork(file: string): WorkDone[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as WorkDone);
}

/** Without those that are a message's second time. */
export function firstTimes(work: readonly WorkDone[]): WorkDone[] {
  const seen = new Set<string | undefined>();
  return work.filter(({ messageId }) => seen.size < seen.add(messageId).size);
}

/** The pairs of works on one conversation, in two processes, that happened at once. */
export function overlaps(work: readonly WorkDone[]): (readonly [WorkDone, WorkDone])[] {
  const byConversation = new Map<string, WorkDone[]>();
  for (const done of work) byConversation.set(done.id, [...(byConversation.get(done.id) ?? []), done]);
  const found: (readonly [WorkDone, WorkDone])[] = [];
  for (const works of byConversation.values()) {
    works.sort((a, b) => a.from - b.from);
    // The one of those before it that ended last.
    let [longest] = works;
    for (const each of works.slice(1)) {
      if (each.from < longest!.to && each.pid !== longest!.pid) found.push([longest!, each]);
      if (each.to > longest!.to) longest = each;
    }
  }
  return found;
}

/** Whether a work was under way when its process woke up: it could not know that its time was over. */
export function wasFrozen({ pid, from, to }: WorkDone, freezes: readonly Freeze[]): boolean {
  return freezes.some((freeze) => freeze.pid === pid && from < freeze.to + WAKING && to > freeze.from);
}
