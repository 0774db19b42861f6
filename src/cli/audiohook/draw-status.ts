import { EMPTY, interval, type Subscription } from 'rxjs';
import type { Status, StatusLine } from '../terminal/status-line.ts';

/** How often the live line is drawn anew, in milliseconds. */
const REFRESH = 200;

/**
 * **Keeps the live line up to date**, where there is one.
 *
 * @returns what ends it, and takes the line away. So does the end of the process
 */
export function drawStatus(line: StatusLine, status: () => Status): Subscription {
  const drawing = (line.isLive ? interval(REFRESH) : EMPTY).subscribe(() => line.show(status()));
  const clear = () => line.clear();
  drawing.add(clear);
  process.once('exit', clear);
  return drawing;
}
