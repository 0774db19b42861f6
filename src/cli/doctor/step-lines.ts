import type { CheckStep } from './check-step.ts';
import { coloured } from '../terminal/coloured.ts';
import { terminalText } from '../terminal/terminal-text.ts';

const MARKS = {
  ok: { mark: '✓', colour: 'green' },
  failed: { mark: '✗', colour: 'red' },
  skipped: { mark: '–', colour: 'yellow' },
} as const;

/** The width of the longest name of a step. */
const NAME_WIDTH = 13;

/** **A step as lines for people**: its verdict and what was found, and below that what to do. */
export function stepLines({ step, verdict, detail, advice }: CheckStep, hasColours: boolean): string {
  const { mark, colour } = MARKS[verdict];
  const [first = '', ...more] = [...detail.split('\n'), ...(advice === undefined ? [] : [`→ ${advice}`])].map(
    terminalText,
  );
  const indent = ' '.repeat(NAME_WIDTH + 4);
  return [
    `${hasColours ? coloured(mark, colour) : mark} ${step.padEnd(NAME_WIDTH)}  ${first}`,
    ...more.map((text) => `${indent}${text}`.trimEnd()),
  ].join('\n');
}
