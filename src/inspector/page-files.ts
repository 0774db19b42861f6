import { readFile } from 'node:fs/promises';

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'main.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};

/** The built files of the page, by the resource that they are served as. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const files = Object.entries(TYPES).map(async ([name, type]) => {
    const content = await readFile(new URL(`page/${name}`, import.meta.url));
    return [name === 'index.html' ? '' : name, { type, content }] as const;
  });
  return new Map(await Promise.all(files));
}
