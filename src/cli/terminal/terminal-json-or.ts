import { terminalJson } from './terminal-text.ts';

/**
 * **JSON that is safe to show on a terminal, of what may hold anything that a peer has sent.** Where it is nested too deep to be written, another value
 * stands in its place.
 *
 * @param instead - makes that value; without what the peer has sent, as an object
 */
export function terminalJsonOr(value: object, instead: () => object): string {
  try {
    return terminalJson(value);
  } catch (error) {
    // What JSON.parse takes, JSON.stringify may not: it recurses, and 10,000 levels exceed the stack.
    if (!(error instanceof RangeError)) throw error;
    return terminalJson(instead());
  }
}
