/** What {@link memberInBytes} gives where the bytes are no JSON object, as far as it looked. */
export const undecided = Symbol('undecided');

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads one string member of a JSON object off its bytes, without parsing the rest: what `JSON.parse` would find at `path`.
 * Of duplicate members the last counts; names and values may be escaped.
 *
 * @param path - names of members, from the top; at least one
 * @returns the string; `undefined` where there is no string at the path; {@link undecided} where this is no JSON object.
 *   Bytes that are only nearly JSON may give any of the three.
 */
export function memberInBytes(bytes: Uint8Array, path: readonly string[]): string | undefined | typeof undecided {
  let found: string | undefined;
  // How many objects of the path are entered. Other values are skipped whole.
  let level = 0;
  let at = skipSpace(bytes, hasByteOrderMark(bytes) ? 3 : 0);
  if (bytes[at] !== OPEN_BRACE) return undecided;
  at += 1;

  for (;;) {
    at = skipSpace(bytes, at);
    const byte = bytes[at];
    if (byte === COMMA) {
      at += 1;
    } else if (byte === CLOSE_BRACE) {
      at += 1;
      if (level === 0) return found;
      level -= 1;
    } else if (byte === QUOTE) {
      const nameEnd = skipString(bytes, at);
      const isOnPath = isString(bytes, at, nameEnd, path[level] as string);
      at = skipSpace(bytes, nameEnd);
      if (bytes[at] !== COLON) return undecided;
      at = skipSpace(bytes, at + 1);
      const isLast = level === path.length - 1;
      if (isOnPath) found = undefined;
      if (isOnPath && !isLast && bytes[at] === OPEN_BRACE) {
        level += 1;
        at += 1;
      } else {
        const valueEnd = skipValue(bytes, at);
        if (isOnPath && isLast && bytes[at] === QUOTE) found = stringAt(bytes, at, valueEnd);
        at = valueEnd;
      }
    } else {
      return undecided;
    }
  }
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at += 1;
  return at;
}

/** The place after the string that starts at `from`. */
function skipString(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** The place after the value that starts at `from`, however deep it is. */
function skipValue(bytes: Uint8Array, from: number): number {
  let depth = 0;
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipString(bytes, at);
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      at += 1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth -= 1;
      at += 1;
    } else if (byte === COMMA && depth === 0) {
      return at;
    } else {
      at += 1;
      continue;
    }
    if (depth === 0) return at;
  }
  return at;
}

/** Whether the string at these places is `expected`. Most are not, and differ in their first ASCII characters: no need to decode them. */
function isString(bytes: Uint8Array, start: number, end: number, expected: string): boolean {
  for (let at = start + 1; at < end - 1; at += 1) {
    const byte = bytes[at] as number;
    if (byte === BACKSLASH || byte > 0x7f) return stringAt(bytes, start, end) === expected;
    if (byte !== expected.charCodeAt(at - start - 1)) return false;
  }
  return end - start - 2 === expected.length;
}

const utf8 = new TextDecoder();

/** The string with its quotes at these places, unescaped; `undefined` where it is no JSON string. */
function stringAt(bytes: Uint8Array, start: number, end: number): string | undefined {
  const literal = utf8.decode(bytes.subarray(start, end));
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
