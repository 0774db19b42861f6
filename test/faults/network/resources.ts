import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long what was ended may take to be gone, in milliseconds. */
const GRACE = 2_000;

/** What this process holds now, by kind: what keeps its event loop alive, open files (proc(5)), and listeners on `process`. */
export function resources(): Map<string, number> {
  const held = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) held.set(kind, (held.get(kind) ?? 0) + 1);
  held.set('open file', readdirSync('/proc/self/fd').length);
  for (const event of process.eventNames()) held.set(`listener of '${String(event)}'`, process.listenerCount(event));
  return held;
}

/** What there is more of than `before`, once nothing more goes. */
export async function leftSince(before: ReadonlyMap<string, number>): Promise<string[]> {
  const more = () =>
    [...resources()].flatMap(([kind, count]) => {
      const extra = count - (before.get(kind) ?? 0);
      return extra > 0 ? [`${extra} × ${kind}`] : [];
    });
  const deadline = performance.now() + GRACE;
  while (more().length > 0 && performance.now() < deadline) await sleep(5);
  return more();
}
