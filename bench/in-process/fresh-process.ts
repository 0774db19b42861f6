import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { build, type BuildResult } from 'esbuild';

/** No process takes longer, in milliseconds: what does is killed. */
const LIMIT = 300_000;

const bundles = new Map<string, Promise<string>>();

/** Bundles a program once. The packages in it stay outside: `rxframe` is the built one, found as users find it. */
function bundled(main: string): Promise<string> {
  const known = bundles.get(main);
  if (known !== undefined) return known;
  const bundle = build({
    // From the package's folder, where npm scripts run: the benchmarks themselves are bundled, wherever that may be.
    entryPoints: [resolve('bench/in-process', main)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    write: false,
  }).then(({ outputFiles }: BuildResult<{ write: false }>) => (outputFiles[0] as { readonly text: string }).text);
  bundles.set(main, bundle);
  return bundle;
}

/**
 * **Runs a program of this folder in a process of its own**, so that what the compiler has learnt there is its own, and waits for
 * what it tells. It finds its settings as JSON behind its name.
 */
export async function freshProcess(main: string, settings: object, flags: readonly string[] = []): Promise<unknown> {
  const program = await bundled(main);
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-', JSON.stringify(settings)], {
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
    timeout: LIMIT,
  });
  let told: unknown;
  child.on('message', (message) => (told = message));
  child.stdin?.end(program);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${main} ${JSON.stringify(settings)} ended with ${code ?? signal ?? '?'}.`);
  return told;
}
