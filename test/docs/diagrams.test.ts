import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pages, ROOT } from './pages.ts';

const OPERATORS = 'docs/operators/';
const diagrams = readdirSync(ROOT + OPERATORS).filter((name) => name.endsWith('.svg'));
const operators = pages.filter(({ path }) => path.startsWith(OPERATORS) && !path.endsWith('README.md'));

/** The call that a test says it shows. */
const CALL = /\bcall: (['"])(.+?)\1/;

// That a picture shows what its test asserts is held by the test itself: see marble-tests/diagram.ts.
describe('the marble diagram of', () => {
  it.each(operators.map(({ path, text }) => [path.slice(OPERATORS.length, -'.md'.length), text] as const))(
    '%s: stands in its page, and says in words what it shows',
    (name, text) => {
      expect(diagrams).toContain(`${name}.svg`);
      const picture = readFileSync(`${ROOT}${OPERATORS}${name}.svg`, 'utf8');
      expect(text).toContain(`![${element(picture, 'desc')}](${name}.svg)`);
    },
  );

  it.each(diagrams)('%s: is drawn by one test, in which the call stands as it is shown', (file) => {
    const name = file.slice(0, -'.svg'.length);
    const source = readFileSync(`${ROOT}marble-tests/${name}.test.ts`, 'utf8').replaceAll(/\s+/g, ' ');
    const [, test = '', ...more] = source.split(new RegExp(`\\bdiagram\\( ?'${name}',`));
    expect(more).toStrictEqual([]);
    const [, , call = 'no call'] = CALL.exec(test) ?? [];
    expect(element(readFileSync(`${ROOT}${OPERATORS}${file}`, 'utf8'), 'title')).toBe(call);
    expect(test.split(' it( ')[0]).toMatch(new RegExp(`\\( ?${escaped(call)}`));
  });
});

function element(svg: string, name: string): string {
  const [, text = ''] = new RegExp(`<${name}>(.*)</${name}>`).exec(svg) ?? [];
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
