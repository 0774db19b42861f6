import { inspect } from 'node:util';

/** All text and all bytes that can be reached from a value, private members aside. */
function reachable(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value === 'string') return `${value}\n`;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return '';
  seen.add(value);
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('latin1')}\n`;
  return Reflect.ownKeys(value)
    .map((key) => `${String(key)} ${reachable(Object.getOwnPropertyDescriptor(value, key)?.value, seen)}`)
    .join('');
}

/** **Everything that a logger or a debugger could make of an error**: its text, members, bytes, stack and causes. */
export function textIn(error: unknown): string {
  const shown = inspect(error, { showHidden: true, depth: Infinity, maxStringLength: null });
  return `${shown}\n${reachable(error)}`;
}
