const INTEGER = new Intl.NumberFormat('en');

/** `12,345`. */
export function integer(value: number): string {
  return INTEGER.format(Math.round(value));
}

/** `1,240`, or `0.4` where it is small. */
export function rate(value: number): string {
  return value >= 10 || value === 0 ? integer(value) : value.toFixed(1);
}

/** `1.3 kB`. */
export function bytes(value: number): string {
  return scaled(value, 1_000, ['B', 'kB', 'MB', 'GB', 'TB']);
}

/** `84 µs`, of milliseconds. */
export function duration(milliseconds: number): string {
  return scaled(milliseconds * 1_000, 1_000, ['µs', 'ms', 's']);
}

/** `14:03:07.214`, in the reader's time zone. */
export function clock(timestamp: number): string {
  const date = new Date(timestamp);
  return `${wallClock(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `14:03:07`, in the reader's time zone. */
export function wallClock(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** A rounded figure with its unit, for an axis: `20 MB` and not `20.0 MB`. */
export function axisLabel(text: string): string {
  return text.replace(/\.0+ /, ' ');
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let index = 0;
  let rest = value;
  while (rest >= step && index < units.length - 1) {
    rest /= step;
    index += 1;
  }
  const digits = index === 0 || rest >= 100 ? 0 : rest >= 10 ? 1 : 2;
  return `${rest.toFixed(digits)} ${units[index] ?? ''}`;
}
