import { optionError } from '../../../operators/options.ts';

/** Several of them fit into the 4,000 characters or so that a server takes for a subject. */
const LONGEST = 250;

/**
 * A name that can be a part of a key in a bucket (NATS ADR-8): letters, digits, `-`, `_`, `=`, `/`, and dots between them.
 *
 * @throws TypeError or RangeError where it is not
 */
export function bucketKey(where: string, name: string): string {
  return matching(where, name, /^[-\w=/]+(?:\.[-\w=/]+)*$/, 'letters, digits, - _ = / and dots between them');
}

/** As {@link bucketKey}, without dots: what comes after it in the key can't be taken for a part of it. */
export function bucketToken(where: string, name: string): string {
  return matching(where, name, /^[-\w=/]+$/, 'letters, digits, - _ = /');
}

function matching(where: string, name: string, pattern: RegExp, allowed: string): string {
  if (typeof name !== 'string' || name.length > LONGEST || !pattern.test(name)) {
    throw optionError(where, `1 to ${LONGEST} ${allowed}`, name, typeof name !== 'string');
  }
  return name;
}
