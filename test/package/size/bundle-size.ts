import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { analyzeMetafile, build } from 'esbuild';
import type { Budget } from './budgets.ts';

/** What a bundle came to. */
export interface BundleSize {
  /** Minified and compressed by `gzip -9`. */
  readonly bytes: number;
  /** The packages in it, and those that it imports: sorted. */
  readonly packages: readonly string[];
  /** Which source has how much of it, before compression: a text. */
  readonly analysis: string;
}

/** Bundles a program with the built package, which is found by its `exports`, as users find it. */
export async function bundleSize({ imports, platform, aside }: Budget): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program(imports), resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform,
    conditions: [platform],
    external: [...aside],
    write: false,
    metafile: true,
  });
  const { inputs, imports: left } = Object.values(metafile.outputs)[0]!;
  const bundled = Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 && path.includes('node_modules/') ? [path.replace(/^.*node_modules\//, '')] : [],
  );
  const imported = left.map(({ path }) => path).filter((path) => !path.startsWith('node:'));
  return {
    bytes: gzipSync(outputFiles[0]!.contents, { level: 9 }).length,
    packages: [...new Set([...bundled, ...imported].map(packageOf))].sort(),
    analysis: await analyzeMetafile(metafile),
  };
}

function program(imports: Budget['imports']): string {
  return Object.entries(imports)
    .map(([entry, names]) => `export ${names === '*' ? names : `{ ${names.join(', ')} }`} from '${entry}';`)
    .join('\n');
}

/** `@scope/name/path` and `name/path` are of the packages `@scope/name` and `name`. */
function packageOf(path: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(path)![0];
}
