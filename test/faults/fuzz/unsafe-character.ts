/**
 * What must not reach a terminal or a log as it is, in the words of Unicode: control characters (C0, DEL, C1), line and
 * paragraph separators, and format characters: what changes the direction of text, what has no width, tags.
 */
export const UNSAFE_CHARACTER = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
