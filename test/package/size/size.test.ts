import * as operators from 'rxframe/operators';
import { afterAll, describe, expect, it } from 'vitest';
import { budgets } from './budgets.ts';
import { bundleSize } from './bundle-size.ts';

const rows: string[] = [];

afterAll(() => {
  console.log(`minified, gzip -9, of at most\n${rows.join('\n')}`);
});

describe('a bundle of the built package', () => {
  it.each(budgets)('keeps its budget, and has no package that it does not need: $name, $platform', async (budget) => {
    const { bytes, packages, analysis } = await bundleSize(budget);
    const figures = [bytes, budget.atMost].map((figure) => figure.toLocaleString('en').padStart(7)).join('');
    rows.push(`${figures}  ${budget.name} (${budget.platform}), ${budget.aside.join(', ') || 'nothing'} aside`);
    expect(packages, analysis).toEqual([...budget.packages].sort());
    expect(bytes, analysis).toBeLessThanOrEqual(budget.atMost);
  });

  it('has a budget for each operator alone', () => {
    const functions = Object.keys(operators).filter((name) => /^[a-z]/.test(name));
    expect(budgets.map(({ name }) => name)).toEqual(expect.arrayContaining(functions));
  });
});
