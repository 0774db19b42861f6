import { fileURLToPath } from 'node:url';
import { build, type BuildResult } from 'esbuild';

/** Bundles `page-globals.ts` for browsers. The package in it is the built one, found by its `exports`, as users find it. */
export async function bundlePageGlobals(): Promise<string> {
  const result: BuildResult<{ write: false }> = await build({
    entryPoints: [fileURLToPath(new URL('page-globals.ts', import.meta.url))],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    write: false,
  });
  return result.outputFiles[0]!.text;
}
