import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

it('the declarations have no type that the compiler left out, and no any', () => {
  const declarations = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.d.ts'),
  );
  const withAny = declarations.filter((path) => {
    const code = readFileSync(dist + path, 'utf8').replaceAll(/\/\*\*[^]*?\*\/|"[^"\n]*"|'[^'\n]*'/g, '');
    return /\bany\b/.test(code);
  });
  expect(declarations.length).toBeGreaterThan(100);
  expect(withAny).toStrictEqual([]);
});
