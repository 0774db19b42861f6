/** Checks of what the caller hands in. Each fails at the call and says where, what is allowed, and what it got. */

/** The longest delay that timers take, in milliseconds: 2³¹ − 1, about 24.8 days. */
export const LONGEST_DELAY = 2 ** 31 - 1;

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

function refuse(where: string, allowed: string, value: unknown, isType: boolean): never {
  const message = `${where} must be ${allowed}, got ${shown(value)}`;
  throw isType ? new RangeError(message) : new TypeError(message);
}

/** A number from `least` to `most`; a whole one where `whole` is set. */
export function checkNumber(
  where: string,
  allowed: string,
  value: unknown,
  least: number,
  most: number,
  whole = false,
): number {
  if (typeof value !== 'number') refuse(where, allowed, value, false);
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value) && value !== Infinity)) {
    refuse(where, allowed, value, true);
  }
  return value;
}

/** A number above 0; `Infinity` too, where `most` allows it. */
export function checkPositive(where: string, allowed: string, value: unknown, most: number): number {
  return checkNumber(where, allowed, value, Number.MIN_VALUE, most);
}

/** A whole number from 0. */
export function checkCount(where: string, value: unknown): number {
  return checkNumber(where, 'an integer from 0', value, 0, Number.MAX_SAFE_INTEGER, true);
}

/** A piece of text that may stand in an HTTP header: no control characters, nothing outside Latin-1. */
export function checkHeaderText(where: string, value: unknown): string {
  if (typeof value !== 'string') refuse(where, 'a string', value, false);
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) refuse(where, 'text that a header can carry', value, true);
  return value;
}

/** Text of at least one character. */
export function checkText(where: string, value: unknown): string {
  if (typeof value !== 'string') refuse(where, 'a string', value, false);
  if (value === '') refuse(where, 'a string that is not empty', value, true);
  return value;
}

/** A status code of a final HTTP response. */
export function checkStatus(where: string, value: unknown): number {
  return checkNumber(where, 'an HTTP status from 200 to 599', value, 200, 599, true);
}

/** A close code that an endpoint may send: RFC 6455 section 7.4, without 1004, 1005 and 1006. */
export function checkCloseCode(where: string, value: unknown): number {
  const allowed = 'a close code that may be sent (1000 to 1003, 1007 to 1014, 3000 to 4999)';
  const code = checkNumber(where, allowed, value, 1000, 4999, true);
  if ((code >= 1004 && code <= 1006) || (code > 1014 && code < 3000)) refuse(where, allowed, value, true);
  return code;
}

/** A close reason: at most 123 bytes of UTF-8, so that it fits a control frame. */
export function checkCloseReason(where: string, value: unknown): string {
  if (typeof value !== 'string') refuse(where, 'a string', value, false);
  if (Buffer.byteLength(value) > 123) refuse(where, 'at most 123 bytes long', value, true);
  return value;
}

/** True or false. */
export function checkFlag(where: string, value: unknown): boolean {
  if (typeof value !== 'boolean') refuse(where, 'true or false', value, false);
  return value;
}

/** A function, where there is one. */
export function checkCallback<F>(where: string, value: F): F {
  if (value !== undefined && typeof value !== 'function') refuse(where, 'a function', value, false);
  return value;
}

/** A list, each of whose entries passes `check`. Copied, so that the caller's later changes have no effect. */
export function checkList<T>(
  where: string,
  value: readonly T[],
  check: (where: string, entry: T) => unknown,
): readonly T[] {
  const list: unknown = value;
  if (!Array.isArray(list)) refuse(where, 'an array', list, false);
  for (const [index, entry] of value.entries()) check(`${where}[${index}]`, entry);
  return [...value];
}

/** An object that has no member besides `known`: a misspelt one would do nothing, in silence. */
export function checkMembers(where: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(where, 'an object', value, false);
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      throw new TypeError(`${where} has no member ${shown(name)}; it may have ${known.join(', ')}`);
    }
  }
}

/** One of a list of words. */
export function checkWord(where: string, value: unknown, words: readonly string[]): void {
  if (typeof value !== 'string' || !words.includes(value)) {
    refuse(where, `one of ${words.join(', ')}`, value, typeof value === 'string');
  }
}
