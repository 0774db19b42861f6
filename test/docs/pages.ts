import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root of the repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A page of the documentation. */
export interface Page {
  /** From the root: `docs/guide.md`. */
  readonly path: string;
  readonly text: string;
}

/** All of it. */
export const pages: readonly Page[] = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(`${ROOT}examples`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('README.md'))
    .map((name) => `examples/${name}`),
  ...markdownIn('docs/'),
  ...markdownIn('docs/operators/'),
].map((path) => ({ path, text: readFileSync(ROOT + path, 'utf8') }));

/** What a reader of the documentation sees, as one text. */
export const documentation = pages
  .filter(({ path }) => path !== 'CHANGELOG.md')
  .map(({ text }) => text)
  .join('\n');

function markdownIn(folder: string): string[] {
  return readdirSync(ROOT + folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => folder + name);
}

/** A block of code in a page. */
export interface Fence {
  readonly page: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** Why it is not run, as its first line says: `ts no-run: needs a server`. */
  readonly notRun?: string;
  /** The `output` fence that follows: what it prints. */
  readonly output?: string;
}

const FENCE = /^```([^\n]*)\n(.*?)^```$/gms;
const OUTPUT = /^\s*```output\n(.*?)^```$/ms;

/** The fences of a page, in order; an `output` fence belongs to the one before it. */
export function fencesOf({ path, text }: Page): Fence[] {
  return [...text.matchAll(FENCE)]
    .filter(([, info]) => info !== 'output')
    .map((match) => {
      const [whole, info = '', code = ''] = match;
      const [, language = '', notRun] = /^(\S*)(?: no-run: (.+))?$/.exec(info) ?? ['', info];
      const after = text.slice(match.index + whole.length);
      const output = OUTPUT.exec(after);
      return {
        page: path,
        line: text.slice(0, match.index).split('\n').length + 1,
        language,
        code,
        ...(notRun !== undefined && { notRun }),
        ...(output?.index === 0 && { output: output[1] ?? '' }),
      };
    });
}

/** Those in TypeScript: of all pages, or of those that `isWanted`. */
export function typeScriptFences(isWanted: (page: Page) => boolean = () => true): Fence[] {
  return pages
    .filter(isWanted)
    .flatMap(fencesOf)
    .filter(({ language }) => language === 'ts');
}

/** A file's name for a fence, unique among all. */
export function moduleName({ page, line }: Fence): string {
  return `${page.replaceAll(/[^\w]+/g, '-')}-${line}.ts`;
}
