import { UsageError } from '../arguments/usage-error.ts';

/**
 * **Calls what checks its options, and tells a wrong one as the flag or variable that it came from.**
 *
 * @param names - how its messages begin, and what stands there instead
 * @throws UsageError in place of a TypeError or RangeError that begins so
 */
export function asUsage<T>(names: Readonly<Record<string, string>>, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const { message } = error;
    const option = Object.keys(names).find((name) => message.startsWith(name));
    if (option === undefined) throw error;
    throw new UsageError(`${names[option] ?? ''}${message.slice(option.length)}`, { cause: error });
  }
}
