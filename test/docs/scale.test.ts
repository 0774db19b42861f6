import { expect, it } from 'vitest';
import { pages } from './pages.ts';
import { plan, type Given } from './scale-plan.ts';

const text = pages.find(({ path }) => path === 'docs/scale.md')?.text ?? '';

/** The values that stand behind names in backticks, in tables. */
const given: Given = Object.fromEntries(
  [...text.matchAll(/^\| `(\w+)` \| ([\d.,]+) \|/gm)].map(([, name = '', value = '']) => [name, numberOf(value)]),
);
/** The cells of the plan, without the line of dashes. */
const lines = [...section('The plan').matchAll(/^\| (.+) \|$/gm)].map(([, line = '']) => line.split(' | '));
const [headings = [], ...rows] = lines;

it.each(headings.slice(1).map((heading, index) => [heading, index + 1] as const))(
  'the plan for %s agents is what its formulas give',
  (heading, column) => {
    const written = rows.map((row) => [row[0], row[column]]);
    expect(written).toStrictEqual(plan(numberOf(heading), given));
  },
);

it('the plan goes to a million agents', () => {
  expect(headings.map(numberOf).at(-1)).toBe(1_000_000);
});

function section(heading: string): string {
  return text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
}

function numberOf(written: string): number {
  return Number(written.replaceAll(',', ''));
}
