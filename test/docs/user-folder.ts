import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './pages.ts';

/** What a program said, and how it ended: null where it was stopped because it did not end by itself. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long a program may take, in milliseconds: most need one second, and some machines are busy. */
const TIME_LIMIT = 60_000;

/** A project of a user's: an empty folder that has `rxframe` (as it is built here), `rxjs` and `ws` installed, and the example programs. */
export class UserFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'rxframe-docs-'));

  constructor() {
    mkdirSync(join(this.path, 'node_modules'));
    symlinkSync(ROOT, join(this.path, 'node_modules', 'rxframe'), 'dir');
    this.install('rxjs', 'ws');
    this.write('package.json', '{ "type": "module" }');
    cpSync(`${ROOT}examples`, this.path, { recursive: true, filter: (path) => !path.includes(OWN_PACKAGE) });
    for (const name of programs()) this.writeTypeScript(name, readFileSync(`${ROOT}examples/${name}`, 'utf8'));
  }

  /** Installs what this repository has installed. */
  install(...names: readonly string[]): void {
    for (const name of names) {
      const path = join(this.path, 'node_modules', name);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), path, 'dir');
    }
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  /** Writes it as the JavaScript that is left without its types, under the same name but for the ending. */
  writeTypeScript(name: string, text: string): void {
    const { outputText } = ts.transpileModule(text, {
      fileName: name,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
      },
    });
    this.write(javaScriptName(name), outputText);
  }

  /** Runs a program in it, with nothing in the environment but PATH. */
  run(...args: readonly string[]): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, {
        cwd: this.path,
        env: { PATH: process.env['PATH'] },
        timeout: TIME_LIMIT,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const said = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...said }));
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** An example that is a package with dependencies, and tests, of its own. */
const OWN_PACKAGE = 'custom-operator';

/** The files of TypeScript in `examples/` and its folders, from there; not those of a package of its own. */
export function examples(): string[] {
  return readdirSync(`${ROOT}examples`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith(OWN_PACKAGE))
    .sort();
}

/** Those that are left without types as they are: not JSX. */
function programs(): string[] {
  return examples().filter((name) => name.endsWith('.ts'));
}

/** What a file of TypeScript is called once it is JavaScript. */
export function javaScriptName(name: string): string {
  return name.replace(/\.ts$/, '.js');
}
