import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Session } from './board.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The page, what it needs, and a token for whoever loads it: on loopback, for development. Yours asks for a login. */
export async function serve(port: number, session: Session, token: () => Promise<string>) {
  const { outputFiles } = await build({
    entryPoints: [here('main.tsx')],
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    write: false,
  });
  const answers: Readonly<Record<string, readonly [type: string, body: () => string | Uint8Array | Promise<string>]>> =
    {
      'GET /': ['text/html', () => readFile(here('index.html'), 'utf8')],
      'GET /style.css': ['text/css', () => readFile(here('style.css'), 'utf8')],
      'GET /main.js': ['text/javascript', () => outputFiles[0]?.contents ?? ''],
      'GET /session': ['application/json', () => JSON.stringify(session)],
      'POST /token': ['text/plain', token],
    };

  const server = createServer((request, response) => {
    const [type, body] = answers[`${request.method} ${request.url}`] ?? [];
    // Another name for this machine is a page that wants our token.
    if (body === undefined || request.headers.host !== new URL(url).host) {
      response.writeHead(404).end();
      return;
    }
    Promise.resolve()
      .then(body)
      .then(
        (text) => response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(text),
        () => response.writeHead(502).end(),
      );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, close: () => server.close() };
}
