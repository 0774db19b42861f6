import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPackage, type InstalledPackage } from './installed-package.ts';

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
}, 180_000);

afterAll(() => installed.remove());

/** Runs an ES module in the project, and gives what it printed. */
async function runModule(code: string, ...nodeOptions: string[]): Promise<string> {
  const { status, stdout, stderr } = await installed.run('node', ...nodeOptions, '--input-type=module', '--eval', code);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe('the packed package, installed into an empty project', () => {
  it('holds what was built, its licence and its documentation, and no sources or tests', () => {
    expect(installed.files).toEqual(expect.arrayContaining(['LICENSE', 'package.json', 'README.md']));
    expect(
      installed.files.filter(
        (path) =>
          !/^(?:dist\/.*\.(?:js|d\.ts)|dist\/src\/inspector\/page\/(?:index\.html|page\.css)|deploy\/[^/]+|docs\/.*\.md|docs\/images\/[\w-]+\.png|docs\/operators\/[\w-]+\.svg|examples\/.*\.(?:md|tsx?|html|css|json)|[^/]+)$/.test(
            path,
          ),
      ),
    ).toEqual([]);
  });

  it('can be imported by each of its entry points, and by require', async () => {
    const names = await runModule(`
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      for (const entry of ${JSON.stringify(installed.entries)}) {
        const imported = await import(entry);
        if (require(entry).version !== imported.version) throw new Error(entry);
        console.log(entry, Object.keys(imported).length > 0);
      }
    `);
    expect(names.trim().split('\n')).toEqual(installed.entries.map((entry) => `${entry} true`));
  });

  it('works without prom-client and OpenTelemetry, which are not installed with it: --metrics-address serves the probes, and says what to install for metrics', async () => {
    const found = await runModule(`
      import { openTelemetryMetrics, prometheusMetrics } from 'rxframe/node';
      console.log(typeof prometheusMetrics, typeof openTelemetryMetrics);
      for (const name of ['prom-client', '@opentelemetry/api'])
        await import(name).then(() => console.log('is there'), ({ code }) => console.log(code));`);
    expect(found).toBe('function function\nERR_MODULE_NOT_FOUND\nERR_MODULE_NOT_FOUND\n');
    const listening = await installed.run(
      'node_modules/.bin/rxframe',
      'listen',
      '--simulate',
      '--metrics-address',
      '0',
      '--max-frames',
      '5',
    );
    expect(listening.status).toBe(0);
    expect(listening.stdout).toMatch(
      / \/healthz and \/readyz on http:\/\/127\.0\.0\.1:\d+; no \/metrics without prom-client: npm install prom-client /,
    );
  });

  it('needs the client of NATS for rxframe/jetstream only, and works with it, by import and by require', async () => {
    const load = `
      import { createRequire } from 'node:module';
      const missing = await import('rxframe/jetstream').then(() => undefined, ({ code, message }) => code + ' ' + message);
      if (missing === undefined) {
        const require = createRequire(import.meta.url);
        const { toJetStream } = await import('rxframe/jetstream');
        console.log(typeof toJetStream, require('rxframe/jetstream').toJetStream === toJetStream);
      } else console.log(missing);`;
    expect(await runModule(load)).toMatch(/^ERR_MODULE_NOT_FOUND .*'@nats-io\//);
    const withNats = await installPackage('@nats-io/transport-node', '@nats-io/jetstream', '@nats-io/kv');
    const { stdout, stderr } = await withNats.run('node', '--input-type=module', '--eval', load);
    await withNats.remove();
    expect({ stdout, stderr }).toEqual({ stdout: 'function true\n', stderr: '' });
  }, 180_000);

  it('connects by ws in Node, and by the platform where the condition browser is set', async () => {
    const connect = `
      import { connect } from 'rxframe';
      try {
        connect({ url: 'wss://127.0.0.1', token: 'token' });
        console.log('sends headers');
      } catch (error) {
        console.log(error.message);
      }`;
    expect(await runModule(connect)).toBe('sends headers\n');
    expect(await runModule(connect, '--conditions=browser')).toMatch(/^connect: token can't be sent from a browser/);
  });

  it('makes the same digest by node:crypto and, where the condition browser is set, without it', async () => {
    const digest = `
      import { binaryType, checksum, decode, definePayloadTypes, RawFrame, sha256 } from 'rxframe/operators';
      import { of } from 'rxjs';
      const expected = () => 'S/USLzRFVMU73i67jNK349FgCtYxw4Wl18ziPHeFRZo=';
      const digest = (bytes) => sha256(bytes, 'base64');
      const types = definePayloadTypes({ one: binaryType({ firstByte: 1, checksum: { expected, digest } }) });
      const receipt = { isBinary: true, connectionId: 'c', sequence: 0, timestamp: 0, receivedAt: 0 };
      of(new RawFrame({ ...receipt, rawData: Uint8Array.of(1) }))
        .pipe(decode(types), checksum())
        .subscribe(({ checksumValid }) => console.log(checksumValid));`;
    expect(await runModule(digest)).toBe('true\n');
    expect(await runModule(digest, '--conditions=browser')).toBe('true\n');
  });

  it.each([
    ['in-node.ts', { module: 'nodenext', lib: ['es2023'], types: ['node'] }],
    ['in-node.ts', { module: 'preserve', moduleResolution: 'bundler', lib: ['es2023'], types: ['node'] }],
    ['in-browser.ts', { module: 'nodenext', lib: ['es2023', 'dom'], types: [] }],
    ['in-browser.ts', { module: 'preserve', moduleResolution: 'bundler', lib: ['es2023', 'dom'], types: [] }],
  ])(
    'type-checks for a consumer: %s with %o',
    async (file, options) => {
      await installed.write(file, await readFile(new URL(`consumer/${file}`, import.meta.url), 'utf8'));
      const compilerOptions = {
        ...options,
        target: 'es2022',
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      };
      await installed.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }));
      const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
      const { status, stdout } = await installed.run('node', tsc, '--project', 'tsconfig.json');
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    },
    120_000,
  );
});

describe('the command of the packed package', () => {
  it('prints the version of the package', async () => {
    const { version } = JSON.parse(
      await readFile(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
    ) as { readonly version: string };
    const { status, stdout } = await installed.run('node_modules/.bin/rxframe', '--version');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringMatching(new RegExp(`^(?:rxframe )?${version}\\n$`)) as string,
    });
  });

  it('streams 500 frames of its simulator: one line of JSON for each', async () => {
    const { status, stdout } = await installed.run(
      'node_modules/.bin/rxframe',
      ...['listen', '--simulate', '--max-frames', '500', '--json'],
    );
    expect(status).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly outcome: string });
    expect(lines).toHaveLength(500);
    expect(lines.filter(({ outcome }) => outcome === 'accepted' || outcome === 'rejected')).toHaveLength(500);
  });
});

describe('the packed package in a bundle for browsers', () => {
  /** Bundles a module of the project, and gives the packages in the bundle. */
  async function packagesIn(code: string): Promise<{ readonly packages: Set<string>; readonly text: string }> {
    const { metafile, outputFiles } = await build({
      stdin: { contents: code, resolveDir: installed.directory },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      minify: true,
      metafile: true,
      write: false,
      logLevel: 'silent',
    });
    const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    const packages = inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? path);
    return { packages: new Set(packages), text: outputFiles[0]!.text };
  }

  it('has none of ws, ky, pino and Node in its operators', async () => {
    const { packages, text } = await packagesIn(`export * from 'rxframe/operators'`);
    expect(packages).toContain('rxframe');
    for (const name of ['ws', 'ky', 'pino']) expect(packages).not.toContain(name);
    expect(text).not.toMatch(/["']node:/);
  });

  it.each(['rxframe', 'rxframe/genesys'])('has none of ws, pino and Node in %s', async (entry) => {
    const { packages, text } = await packagesIn(`export * from '${entry}'`);
    expect(packages).toContain('rxframe');
    for (const name of ['ws', 'pino']) expect(packages).not.toContain(name);
    expect(text).not.toMatch(/["']node:/);
  });

  it('has only what is used: connect and reconnect bring no schema compiler and no HTTP client', async () => {
    const { packages } = await packagesIn(`export { connect, reconnect } from 'rxframe'`);
    expect([...packages].filter((name) => name !== '<stdin>').sort()).toEqual(['rxframe', 'rxjs', 'tslib']);
  });
});
