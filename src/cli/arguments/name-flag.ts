import { NAME } from '../../jetstream/streams/checked-name.ts';
import { UsageError } from './usage-error.ts';

/** A name among the flags; undefined where it is not given. */
export function nameFlag(flag: string, text: string | undefined): string | undefined {
  if (text === undefined || NAME.test(text)) return text;
  throw new UsageError(`${flag} must be 1 to 100 letters, digits, - and _, got ${JSON.stringify(text)}`);
}
