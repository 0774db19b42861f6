import { styleText } from 'node:util';
import type { Row } from './row.ts';

const HEADINGS = ['', 'ours', 'peer', 'ratio', 'spread', 'unit'];
/** The figures are set flush right, the words flush left. */
const FIGURES_FROM = 1;
const FIGURES_TO = 4;

/** **The rows as lines of text**, with headings. */
export function table(rows: readonly Row[], colours: boolean): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((line) => (line[column] as string).length)));
  const lines = cells.map((line) =>
    line.map((cell, column) => padded(cell, column, widths[column] as number)).join('  '),
  );
  const [headings, ...rest] = lines as [string, ...string[]];
  return [colours ? styleText('bold', headings) : headings, ...rest].join('\n');
}

function padded(cell: string, column: number, width: number): string {
  return column >= FIGURES_FROM && column <= FIGURES_TO ? cell.padStart(width) : cell.padEnd(width);
}

function cellsOf({ name, ours, peer, ratio, spread, unit }: Row): string[] {
  return [
    name,
    figure(ours),
    peer === undefined ? '' : figure(peer),
    ratio === undefined ? '' : `${ratio.toFixed(3)} ×`,
    spread === undefined ? '' : spread.map((end) => end.toFixed(3)).join(' … '),
    unit,
  ];
}

/** Three digits that count, or all before the point. */
function figure(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: Math.max(3, Math.round(value).toString().length) });
}
