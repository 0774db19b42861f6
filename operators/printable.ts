/**
 * What a terminal or a log may take for a command or a line of its own, or what changes the order in which text is shown: C0
 * and C1 controls, DEL, line separators, and the directional characters of Unicode (UAX #9).
 */
// eslint-disable-next-line no-control-regex -- control characters are just what is meant
export const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What a server said, made safe for a message and a terminal: nothing {@link UNSAFE}, at most 200 characters. */
export function printable(text: string): string {
  const clean = text.replace(UNSAFE, '\ufffd');
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}
