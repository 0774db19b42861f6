import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as core from '../../src/index.ts';
import * as genesys from '../../src/genesys/index.ts';
import * as jetstream from '../../src/jetstream/index.ts';
import * as node from '../../src/node.ts';
import * as operators from '../../operators/index.ts';
import * as simulator from '../../src/simulator/index.ts';
import * as testing from '../../src/testing/index.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { exitCode } from '../../src/cli/exit-code.ts';
import { headingAnchor } from '../../docs/.vitepress/heading-anchor.ts';
import { documentation, pages, ROOT } from './pages.ts';

const sources = [
  'operators',
  'src',
  'src/auth',
  'src/capture',
  'src/connection',
  'src/genesys',
  'src/genesys/audiohook',
  'src/genesys/notifications',
  'src/inspector',
  'src/jetstream',
  'src/telemetry',
  'src/testing',
  'src/simulator',
  'src/simulator/audiohook',
  'src/simulator/notifications',
]
  .flatMap((folder) => readdirSync(ROOT + folder).map((name) => `${folder}/${name}`))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ts.createSourceFile(path, readFileSync(ROOT + path, 'utf8'), ts.ScriptTarget.ES2022, true));

const statements = sources.flatMap((file) => [...file.statements]);

/** The words of a union of literals such as `'ERR_AUTH' | 'ERR_SCOPE'`. */
function wordsOf(typeName: string): string[] {
  const type = statements.filter(ts.isTypeAliasDeclaration).find(({ name }) => name.text === typeName)?.type;
  if (type === undefined || !ts.isUnionTypeNode(type)) throw new Error(`${typeName} is no union`);
  return type.types.flatMap((member) =>
    ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal) ? [member.literal.text] : [],
  );
}

/** The rows of a table: the word in the first cell, and the last cell. */
type Rows = readonly (readonly [name: string, last: string])[];

/** The table below the paragraph that begins with `` `Name` ``, as each table of options is announced. */
function tableOf(name: string): Rows {
  const [, table] = new RegExp(`\`${name}\`[^\n]*:\n\n((?:\\|[^\n]*\n)+)`).exec(documentation) ?? [];
  return (table ?? '')
    .split('\n')
    .slice(2, -1)
    .map((row) => row.split(' | '))
    .map(([first = '', ...rest]) => [/^\| `(.+)`$/.exec(first)?.[1] ?? first, plain(rest.at(-1) ?? '')] as const);
}

/** Without the marks of Markdown and TSDoc. */
function plain(text: string): string {
  return text
    .replaceAll(/\{@link (\w+)\}|`/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .replace(/ \|$/, '');
}

/** The options of an interface with their defaults, as its docstrings say; then those that it picks from another's. */
function optionsOf(declaration: ts.InterfaceDeclaration): Rows {
  const own = declaration.members.map((member) => {
    const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'defaultValue');
    const given = plain(ts.getTextOfJSDocComment(tag?.comment) ?? 'none');
    return [(member.name as ts.Identifier).text, member.questionToken === undefined ? 'required' : given] as const;
  });
  const heritage = declaration.heritageClauses?.map((clause) => clause.getText()).join() ?? '';
  const picked = heritage.includes('Pick<') ? [...heritage.matchAll(/'(\w+)'/g)] : [];
  return [...own, ...picked.map(([, name = '']) => [name, 'none'] as const)];
}

const exported = new Set(
  [
    'operators/index.ts',
    'src/index.ts',
    'src/genesys/index.ts',
    'src/jetstream/index.ts',
    'src/node.ts',
    'src/simulator/index.ts',
    'src/testing/index.ts',
  ].flatMap((path) => [...readFileSync(ROOT + path, 'utf8').matchAll(/\b\w+\b/g)].map(([word]) => word)),
);
const optionTypes = statements
  .filter(ts.isInterfaceDeclaration)
  .filter(({ name }) => /(?:Options|Rule)$/.test(name.text) && exported.has(name.text));

/** Functions that give an operator, by what their declaration says; of the files in that folder. */
const operatorsOf = (folder: string) =>
  sources
    .filter(({ fileName }) => fileName.startsWith(folder))
    .flatMap((file) => [...file.statements])
    .filter(ts.isFunctionDeclaration)
    .filter(
      ({ name, type }) =>
        exported.has(name?.text ?? '') && /^(?:Stage|\w*OperatorFunction)</.test(type?.getText() ?? ''),
    )
    .map(({ name }) => name?.text ?? '');
const operatorNames = operatorsOf('operators/').filter((name) => !['lift', 'liftEach'].includes(name));

describe('the documentation has', () => {
  it.each(wordsOf('RxFrameErrorCode'))('the error code %s', (code) => {
    expect(section('docs/errors.md', 'Error codes')).toContain(`| \`${code}\` |`);
  });

  it.each(wordsOf('RejectReason'))('the reject reason %s', (reason) => {
    expect(section('docs/errors.md', 'Reject reasons')).toContain(`| \`${reason}\` |`);
  });

  it.each(Object.values(exitCode))('the exit code %i', (code) => {
    expect(section('docs/errors.md', 'Exit codes')).toContain(`\n| ${code} |`);
  });

  it.each(optionTypes.map((declaration) => [declaration.name.text, declaration] as const))(
    'the options of %s, no more and no fewer, with their defaults',
    (name, declaration) => {
      expect(tableOf(name)).toStrictEqual(optionsOf(declaration));
    },
  );

  it.each(operatorNames)('a page of its own for %s, and a line in both tables of operators', (name) => {
    const file = `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`;
    expect(pageText(`docs/operators/${file}`)).toMatch(new RegExp(`^# \`${name}\`\n`));
    expect(pageText('docs/operators/README.md')).toContain(`[\`${name}\`](${file})`);
    expect(pageText('README.md')).toContain(`[\`${name}\`](docs/operators/${file})`);
  });

  it.each(operatorsOf('src/genesys/audiohook/'))('a section for the audio operator %s', (name) => {
    expect(pageText('docs/audiohook.md')).toContain(`### \`${name}\`\n`);
  });

  it.each(Object.entries({ core, operators, genesys, jetstream, node, simulator, testing }))(
    'every function and class of %s',
    (_, entry) => {
      const missing = Object.keys(entry).filter((name) => !new RegExp(`\\b${name}\\b`).test(documentation));
      expect(missing).toStrictEqual([]);
    },
  );

  it.each(Object.entries(COMMANDS))('the flags of rxframe %s, no more and no fewer', (name, command) => {
    const help = command.help.match(/^ {2}(?:-h, )?--[\w-]+(?= {2}| [A-Z]|$)/gm) ?? [];
    expect(flagsOnPage(name)).toStrictEqual(flagsIn(help));
  });

  it('nineteen operators', () => {
    expect(operatorNames).toHaveLength(19);
  });
});

describe('its links', () => {
  it.each(pages.map((page) => [page.path, page] as const))('%s: lead somewhere', (_, { path, text }) => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const relative = links.filter((target) => !/^[a-z]+:/.test(target));
    expect(relative.filter((target) => !resolves(path, target))).toStrictEqual([]);
  });
});

/** The names of flags in lines that begin with one. */
function flagsIn(lines: readonly string[]): string[] {
  return lines.map((line) => /--[\w-]+/.exec(line)?.[0] ?? line);
}

/** The flags of a command in its table, and those of `listen` where it says that it has them, all or from one of them on. */
function flagsOnPage(command: string): string[] {
  const text = section('docs/cli.md', `\`rxframe ${command}\``);
  const own = flagsIn(text.match(/^\| `--[\w-]+/gm) ?? []);
  const [all, first = ''] = /^All flags of \[`listen`\]\S*(?: from `(--[\w-]+)` on)?, and:$/m.exec(text) ?? [];
  if (all === undefined) return own;
  const listens = flagsOnPage('listen');
  return [...own, ...listens.slice(first === '' ? 0 : listens.indexOf(first))];
}

function pageText(path: string): string {
  return pages.find((page) => page.path === path)?.text ?? '';
}

function section(path: string, heading: string): string {
  return (
    pageText(path)
      .split(/^## /m)
      .find((text) => text.startsWith(`${heading}\n`)) ?? ''
  );
}

/** Whether a relative link leads to a file that is there, and to a heading of it. */
function resolves(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : join(dirname(from), file);
  if (!existsSync(ROOT + path)) return false;
  if (anchor === undefined) return true;
  const headings = [...pageText(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => headingAnchor(heading));
  return headings.includes(anchor);
}
