/** A text that says something; undefined for all else: what a payload has under a name may be anything. */
export function textOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
