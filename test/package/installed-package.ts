import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What a program that was run gave; a status other than 0 is no error here. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project of its own, with the packed package and Node's types installed, and nothing else. */
export interface InstalledPackage {
  readonly directory: string;
  /** The entry points of its `exports` that need nothing else, as a user writes them: `rxframe`, `rxframe/operators`, … */
  readonly entries: readonly string[];
  /** The paths in the tarball. */
  readonly files: readonly string[];
  /** Runs a program in the project. */
  run(program: string, ...args: string[]): Promise<Ran>;
  /** Writes a file of the project. */
  write(path: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** Packs the package, and installs the tarball into an empty project, with other packages where they are named. */
export async function installPackage(...others: readonly string[]): Promise<InstalledPackage> {
  const directory = await mkdtemp(join(tmpdir(), 'rxframe-installed-'));
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], {
    cwd: repository,
  });
  const [{ filename, files }] = JSON.parse(packed.stdout) as [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ];
  const write = (path: string, text: string) => writeFile(join(directory, path), text);
  await write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const packages = [`./${filename}`, '@types/node@20.19', ...others];
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], { cwd: directory });

  const manifest = JSON.parse(await readFile(join(directory, 'node_modules/rxframe/package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  return {
    directory,
    entries: Object.keys(manifest.exports)
      .filter((path) => !path.endsWith('.json') && path !== './jetstream')
      .map((path) => path.replace('.', 'rxframe')),
    files: files.map(({ path }) => path),
    run: (program, ...args) => ran(program, args, directory),
    write,
    remove: () => rm(directory, { recursive: true }),
  };
}

function ran(program: string, args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
