import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputPattern, trimmed } from './expected-output.ts';
import { fencesOf, moduleName, pages, typeScriptFences, type Fence } from './pages.ts';
import { examples, javaScriptName, UserFolder, type Ended } from './user-folder.ts';

/** Longer than a program may take, in milliseconds, so that it is the test that fails. */
const HOOK_TIMEOUT = 70_000;

const folder = new UserFolder();
afterAll(() => folder.remove());

/** Ends what one fence prints: no text of ours has it. */
const END = '\u0000';

/** All but those that say why not. What has no output has to print nothing. */
const fences = typeScriptFences();
const runnable = fences.filter(({ notRun }) => notRun === undefined);

/** Runs one fence after the other in one process, each to its end. */
const RUN_ALL = `for (const name of process.argv.slice(2)) {
  await import(\`./\${name}\`).catch((error) => console.log(error));
  console.log(${JSON.stringify(END)});
}`;

describe('a fence prints what stands below it', () => {
  const printed = new Map<Fence, string>();
  let ended: Ended;

  beforeAll(async () => {
    folder.install('@opentelemetry/api');
    folder.write('run-all.js', RUN_ALL);
    for (const fence of runnable) folder.writeTypeScript(moduleName(fence), fence.code);
    ended = await folder.run('run-all.js', ...runnable.map((fence) => javaScriptName(moduleName(fence))));
    const outputs = ended.stdout.split(`${END}\n`);
    runnable.forEach((fence, index) => printed.set(fence, outputs[index] ?? 'nothing: the run ended before'));
  }, HOOK_TIMEOUT);

  it.each(runnable.map((fence) => [`${fence.page}:${fence.line}`, fence] as const))('%s', (_, fence) => {
    expect(trimmed(printed.get(fence) ?? '')).toMatch(outputPattern(fence.output ?? ''));
  });

  it('is run, unless it says why not: at least three of five are', () => {
    expect(runnable.length / fences.length).toBeGreaterThan(3 / 5);
  });

  it('ends by itself, with nothing left running and nothing on stderr', () => {
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('an example', () => {
  const helper = 'frames.ts';
  // Those in folders that need more than rxframe are run by other tests: test/package/examples, test/browser.
  const programs = examples()
    .filter((name) => !name.includes('/') && name !== helper)
    .concat('agent-assist/main.ts');
  const page = pages.find(({ path }) => path === 'examples/README.md')?.text ?? '';
  const runs = new Map<string, Ended>();

  beforeAll(async () => {
    await Promise.all(
      programs.map(async (name) => {
        runs.set(name, await folder.run(javaScriptName(name)));
      }),
    );
  }, HOOK_TIMEOUT);

  it.each(programs)('%s ends by itself, and prints what examples/README.md says', (name) => {
    const section = page.split(/^## /m).find((text) => text.startsWith(`[${name}](${name})`));
    expect(section, 'its section in examples/README.md').toBeDefined();
    const { code, stdout, stderr } = runs.get(name) as Ended;
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    const documented = /^```output\n(.*?)^```$/ms.exec(section ?? '')?.[1] ?? '';
    expect(trimmed(stdout)).toMatch(outputPattern(documented));
  });
});

describe("the README's first screen", () => {
  it('runs as it stands, and prints 20 interactions and a rejected frame', async () => {
    const readme = pages.find(({ path }) => path === 'README.md');
    const first = readme && fencesOf(readme).find(({ language }) => language === 'ts');
    folder.write('first.mjs', first?.code ?? '');
    const { code, stdout, stderr } = await folder.run('first.mjs');
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^[\da-f]{16}-\d+ \S/gm)).toHaveLength(20);
    expect(stdout).toMatch(/^rejected by [a-z-]+ for [a-z\d-]+$/m);
  });
});
