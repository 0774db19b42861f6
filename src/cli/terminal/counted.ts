/** A number of things, in words: `1 gap`, `2 gaps`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
