import { terminalText } from './terminal-text.ts';

/** Between two columns. */
const GAP = '   ';

/** **Rows as columns of text**, each as wide as its widest cell; the first row is the heading. Safe for a terminal. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(terminalText));
  const widths = safe[0]?.map((_, column) => Math.max(...safe.map((row) => row[column]?.length ?? 0))) ?? [];
  return safe
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}
