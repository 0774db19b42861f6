/**
 * What a terminal or a log may take for a command or a line of its own, what hides text, and what changes the order in which it
 * is shown: control characters (C0, DEL, C1), line separators, and Unicode's format characters (directional ones of UAX #9,
 * zero-width ones, tags).
 */
export const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What a server said, made safe for a message and a terminal: nothing {@link UNSAFE}, at most 200 characters. */
export function printable(text: string): string {
  const clean = text.replace(UNSAFE, '\ufffd');
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}

/** JSON with nothing {@link UNSAFE}, that stands for the same value: `JSON.stringify` escapes C0 only. */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, (character) => character.split('').map(escaped).join(''));
}

function escaped(codeUnit: string): string {
  return `\\u${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
