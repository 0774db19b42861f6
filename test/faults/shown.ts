import { inspect } from 'node:util';

/** All text and all bytes that can be reached from a value by its members, causes included. */
function reachable(value: unknown, seen: Set<unknown>): string {
  if (typeof value === 'string') return `${value}\n`;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return '';
  seen.add(value);
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('latin1')}\n`;
  return Reflect.ownKeys(value)
    .map((key) => `${String(key)} ${reachable(Object.getOwnPropertyDescriptor(value, key)?.value, seen)}`)
    .join('');
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // Circular, as the certificate in an error of Node's: what it holds is reached all the same.
    return '';
  }
}

/** **Everything that a log, a debugger or a careless person could make of a value.** */
export function shown(value: unknown): string {
  const { stack = '', cause } = (value ?? {}) as Partial<Error>;
  return [
    inspect(value, { showHidden: true, depth: Infinity, maxArrayLength: null, maxStringLength: null, getters: true }),
    reachable(value, new Set()),
    String(value),
    json(value),
    stack,
    cause === undefined ? '' : shown(cause),
  ].join('\n');
}
