import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { moduleName, pages, ROOT, typeScriptFences } from './pages.ts';
import { examples } from './user-folder.ts';

/** The fences as files beside the examples, which they may import; they exist in the compiler only. */
const fences = new Map(typeScriptFences().map((fence) => [`${ROOT}examples/${moduleName(fence)}`, fence]));
const programs = examples().map((name) => `${ROOT}examples/${name}`);

const program = makeProgram();

/** One program for all: what takes the time is the types of the dependencies. */
function makeProgram(): ts.Program {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, moduleDetection: 'force' }, ROOT);
  // Without an output folder `rxframe` is what its package.json says: the built types, as a user has them.
  delete options.outDir;
  delete options.rootDir;
  const host = ts.createCompilerHost(options);
  return ts.createProgram([...fences.keys(), ...programs], options, {
    ...host,
    fileExists: (path) => fences.has(path) || host.fileExists(path),
    getSourceFile: (path, languageVersion, ...rest) => {
      const fence = fences.get(path);
      if (fence === undefined) return host.getSourceFile(path, languageVersion, ...rest);
      return ts.createSourceFile(path, fence.code, languageVersion);
    },
  });
}

/** What the compiler finds wrong with a file, as `page:line: message`. */
function faults(path: string): string[] {
  const file = program.getSourceFile(path);
  if (file === undefined) return [`${path}: not found`];
  const fence = fences.get(path);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((diagnostic) => {
    const { line } = file.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    const place = fence === undefined ? `${path}:${line + 1}` : `${fence.page}:${fence.line + line}`;
    return `${place}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`;
  });
}

describe('the documentation compiles', () => {
  it('takes rxframe from the built package', () => {
    const built = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${ROOT}dist/`));
    expect(built.map(({ fileName }) => fileName)).toContain(`${ROOT}dist/src/index.d.ts`);
    expect(program.getSourceFile(`${ROOT}src/index.ts`)).toBeUndefined();
  });

  it.each(pages.map(({ path }) => path))('%s: each of its ts fences, by itself', (path) => {
    const own = [...fences].filter(([, { page }]) => page === path).map(([file]) => file);
    expect(own.flatMap(faults)).toStrictEqual([]);
  });

  it.each(examples())('examples/%s', (name) => {
    expect(faults(`${ROOT}examples/${name}`)).toStrictEqual([]);
  });
});
