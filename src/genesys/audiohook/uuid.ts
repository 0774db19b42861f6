/** A UUID of any version, in the form of RFC 9562 section 4; the null UUID is one too. */
export const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a UUID is the null one: all zeros. */
export function isNullUuid(uuid: string): boolean {
  return uuid === '00000000-0000-0000-0000-000000000000';
}

/** Whether it is the text of a UUID. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
