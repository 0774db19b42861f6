import { resolve } from 'node:path';
import { build, type BuildResult } from 'esbuild';

const bundles = new Map<string, Promise<string>>();

/**
 * **Bundles a program of `bench/` once**, for a process of its own. The packages in it stay outside: `rxframe` is the built one,
 * found as users find it.
 */
export function bundled(main: string): Promise<string> {
  const known = bundles.get(main);
  if (known !== undefined) return known;
  const bundle = build({
    // From the package's folder, where npm scripts run: the benchmarks themselves are bundled, wherever that may be.
    entryPoints: [resolve('bench', main)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    write: false,
  }).then(({ outputFiles }: BuildResult<{ write: false }>) => (outputFiles[0] as { readonly text: string }).text);
  bundles.set(main, bundle);
  return bundle;
}
