import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** **Bundles a program of the tests**, for a process of its own that runs the sources. The packages in it stay outside. */
export async function bundled(main: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(main)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    alias: {
      '#sha256': source('../operators/sha256.node.ts'),
      '#socket': source('../src/connection/platform-socket.node.ts'),
    },
    write: false,
  });
  return outputFiles[0]!.text;
}
