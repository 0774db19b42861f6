import { optionError } from '../../operators/options.ts';

/**
 * The name of a stream, which tells its metrics from those of others.
 *
 * @param where - the function that got it, for error messages
 * @throws TypeError or RangeError where it is no text, or an empty one
 */
export function streamName(where: string, name: string): string {
  if (typeof name === 'string' && name !== '') return name;
  throw optionError(`${where}: stream`, 'a name', name, typeof name !== 'string');
}
