/** Option checks. Each fails at the call, with the operator, the option, the value and what is allowed. */

/** Shows a value in an error message: short, and no object's members (they might be secrets). */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** The error that each failing check throws: `TypeError` where the type is wrong, `RangeError` where the value is. */
export function optionError(where: string, allowed: string, value: unknown, wrongType = false): Error {
  const message = `${where} must be ${allowed}, got ${shown(value)}`;
  return wrongType ? new TypeError(message) : new RangeError(message);
}

/** A whole number from 1. */
export function positiveInteger(where: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw optionError(where, 'a positive integer', value, typeof value !== 'number');
  }
  return value;
}

/** A whole number from 1, or `Infinity`. */
export function positiveIntegerOrInfinity(where: string, value: number): number {
  if (value === Infinity) return value;
  if (!Number.isSafeInteger(value) || value < 1) {
    throw optionError(where, 'a positive integer or Infinity', value, typeof value !== 'number');
  }
  return value;
}

/** The longest delay that a platform's timers take: 2³¹ − 1 ms, about 24.8 days. */
export const LONGEST_DELAY = 2 ** 31 - 1;

/** A time in milliseconds, above 0 and within what timers take. */
export function duration(where: string, value: number): number {
  if (typeof value !== 'number' || !(value > 0 && value <= LONGEST_DELAY)) {
    throw optionError(
      where,
      `a number of milliseconds, above 0 and at most ${LONGEST_DELAY}`,
      value,
      typeof value !== 'number',
    );
  }
  return value;
}

/** A time in milliseconds, 0 included. */
export function durationOrZero(where: string, value: number): number {
  return value === 0 ? value : duration(where, value);
}

/** One of a list of words or numbers. */
export function oneOf<const T extends string | number>(where: string, allowed: readonly T[], value: T): T {
  if (!allowed.includes(value)) {
    throw optionError(
      where,
      `one of ${allowed.map((word) => JSON.stringify(word)).join(', ')}`,
      value,
      typeof value !== typeof allowed[0],
    );
  }
  return value;
}

/** True or false. */
export function flag(where: string, value: boolean): boolean {
  if (typeof value !== 'boolean') throw optionError(where, 'true or false', value, true);
  return value;
}

/** A function. */
export function callable<F>(where: string, value: F): F {
  if (typeof value !== 'function') throw optionError(where, 'a function', value, true);
  return value;
}

/** An object with a method of that name, such as an Observer's `next`. */
export function withMethod<T>(where: string, method: string, value: T): T {
  if (typeof (value as Record<string, unknown> | null | undefined)?.[method] !== 'function') {
    throw optionError(where, `an object with a method ${method}()`, value, true);
  }
  return value;
}

/** An object of options. */
export function optionsObject<T extends object>(where: string, options: T): T {
  if (typeof options !== 'object' || (options as unknown) === null || Array.isArray(options)) {
    throw optionError(where, 'an object', options, true);
  }
  return options;
}

/** An options object, with no option under a name that nothing reads: a misspelt one would silently do nothing. */
export function knownOptions(where: string, options: object, known: readonly string[]): void {
  optionsObject(`${where}: options`, options);
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TypeError(`${where}: there is no option ${shown(name)}; there are ${known.join(', ')}`);
    }
  }
}
