import { optionError } from '../../../operators/options.ts';

/** What the engine takes for a name, of streams, groups, members and buckets: one token. */
export const NAME = /^[\w-]{1,100}$/;

/** @throws TypeError or RangeError where it is no {@link NAME} */
export function checkedName(where: string, name: string): string {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw optionError(where, '1 to 100 letters, digits, - and _', name, typeof name !== 'string');
  }
  return name;
}
