import { isLiveTerminal } from '../terminal/is-live-terminal.ts';
import { StatusLine } from '../terminal/status-line.ts';

/**
 * **Log lines on stderr, with a live line below them** where that is a terminal for it.
 *
 * @param json - whether stdout has lines of JSON: then there is no live line, because both may come to the same terminal
 */
export function stderrLine(json: boolean): StatusLine {
  return new StatusLine(process.stderr, !json && isLiveTerminal(process.stderr));
}
