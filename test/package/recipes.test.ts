import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleName, ROOT, typeScriptFences } from '../docs/pages.ts';
import { UserFolder } from '../docs/user-folder.ts';

/** The recipes: each is a test file for node:test. */
const recipes = typeScriptFences(({ path }) => path === 'docs/testing.md');

/** What a recipe says instead where the runner is another one. */
const forExpect = (header: string) => (code: string) =>
  code
    .replace("import { test } from 'node:test';", header)
    .replace(
      'marbleRunner(assert.deepStrictEqual)',
      'marbleRunner((actual, expected) => expect(actual).toStrictEqual(expected))',
    );

const runners = [
  { name: 'node:test', write: (code: string) => code, run: ['--test', 'recipes/'], passed: /^# pass (\d+)$/m },
  {
    name: 'vitest',
    write: forExpect("import { expect, test } from 'vitest';"),
    run: [`${ROOT}node_modules/vitest/vitest.mjs`, 'run', '--reporter=json'],
    passed: /"numPassedTests":(\d+)/,
  },
  {
    name: 'jest',
    write: forExpect("import { expect, test } from '@jest/globals';"),
    run: ['--experimental-vm-modules', `${ROOT}node_modules/jest/bin/jest.js`, '--json'],
    passed: /"numPassedTests":(\d+)/,
  },
];

describe.each(runners)('the recipes of docs/testing.md, with $name', ({ name, write, run, passed }) => {
  const folder = new UserFolder();
  beforeAll(() => {
    symlinkSync(join(ROOT, 'node_modules', 'vitest'), join(folder.path, 'node_modules', 'vitest'), 'dir');
    folder.write('jest.config.json', '{ "transform": {} }');
    mkdirSync(join(folder.path, 'recipes'));
    for (const recipe of recipes) {
      folder.writeTypeScript(`recipes/${moduleName(recipe).replace(/\.ts$/, '.test.ts')}`, write(recipe.code));
    }
  });
  afterAll(() => folder.remove());

  it('pass', { timeout: 90_000 }, async () => {
    const ended = await folder.run(...run);
    expect(ended).toMatchObject({ code: 0 });
    expect(Number(passed.exec(ended.stdout)?.[1]), name).toBe(12);
  });
});
