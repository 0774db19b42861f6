import { sha256 } from '#sha256';
import { percentEncoded } from './percent-encoded.ts';

/** Longer tokens than this are shortened, in characters: a server takes some 4,000 for a whole subject. */
const LONGEST = 200;
const encoder = new TextEncoder();

/**
 * **A text as one token of a subject.** Letters, digits and `_ ~ = : @ - $ +` stay; all else is percent-encoded as UTF-8, so that no text
 * can be a wildcard, or two tokens: `interaction.update` is `interaction%2Eupdate`. Nothing, and the empty text, is `-`.
 *
 * What would be longer than 200 characters keeps its first 150, and ends with `~` and its SHA-256.
 */
export function subjectToken(text: string | undefined): string {
  if (text === undefined || text === '') return '-';
  if (text === '-') return '%2D';
  // Most texts stay as they are, and looking is cheaper than replacing.
  const token = /^[\w~=:@$+-]+$/.test(text) ? text : text.replace(/[^\w~=:@$+-]/gu, percentEncoded);
  if (token.length <= LONGEST) return token;
  return `${token.slice(0, 150)}~${sha256(encoder.encode(text), 'hex').slice(0, 40)}`;
}

/** The text that {@link subjectToken} made a token of; undefined for `-`. A token that was shortened stays so. */
export function tokenText(token: string): string | undefined {
  if (token === '-') return undefined;
  if (!token.includes('%')) return token;
  try {
    return decodeURIComponent(token);
  } catch {
    // Made by somebody else.
    return token;
  }
}
