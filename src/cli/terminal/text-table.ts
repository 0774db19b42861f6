import { terminalText } from './terminal-text.ts';

/** Between two columns. */
const GAP = '   ';

/** What a column keeps as long as the first one has as much, in characters. */
const LEGIBLE = 16;

/**
 * **Rows as columns of text**, each as wide as its widest cell; the first row is the heading. Safe for a terminal.
 *
 * @param width - where a row may have so many characters only: wider columns are made narrower, and their cells broken into lines
 */
export function textTable(rows: readonly (readonly string[])[], width = Infinity): string {
  const safe = rows.map((row) => row.map(terminalText));
  const widest = safe[0]?.map((_, column) => Math.max(...safe.map((row) => row[column]?.length ?? 0))) ?? [];
  const widths = narrowed(widest, width - GAP.length * (widest.length - 1));
  return safe.flatMap((row) => rowLines(row, widths)).join('\n');
}

/** The first column is what a row is about: the others give first, the widest before all. */
function narrowed([first = 0, ...others]: readonly number[], room: number): readonly number[] {
  const least = Math.min(LEGIBLE, Math.floor(room / (others.length + 1)));
  const cut = (most: number) => others.map((width) => Math.min(width, most));
  const sum = (widths: readonly number[]) => widths.reduce((total, width) => total + width, 0);
  let most = Math.max(0, ...others);
  while (most > least && first + sum(cut(most)) > room) most -= 1;
  return [Math.max(1, Math.min(first, room - sum(cut(most)))), ...cut(most)];
}

function rowLines(row: readonly string[], widths: readonly number[]): string[] {
  const cells = row.map((cell, column) => broken(cell, widths[column] ?? 1));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, column) => (lines[line] ?? '').padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** A cell in lines of at most that width: broken at spaces, and after dots and colons, or within a word that is longer. */
function broken(cell: string, width: number): string[] {
  const lines = [''];
  for (const piece of cell.match(/[^ .:]*[ .:]*/g) ?? []) {
    const line = lines.at(-1) ?? '';
    if ((line + piece).trimEnd().length <= width) {
      lines[lines.length - 1] = line + piece;
      continue;
    }
    if (line !== '') lines.push('');
    for (let rest = piece; rest !== ''; rest = rest.slice(width)) {
      lines[lines.length - 1] = rest.slice(0, width);
      if (rest.trimEnd().length > width) lines.push('');
      else break;
    }
  }
  return lines.map((line) => line.trimEnd());
}
