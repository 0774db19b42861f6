import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

const TARGET = /\s(href|src)="([^"]*)"/g;
const ID = /\sid="([^"]*)"/g;

/**
 * **Holds the built site against its own links**: each leads to a page and to an anchor that are there, and nothing is loaded from
 * another host.
 *
 * @throws Error which names all that is wrong
 */
export function checkSite(folder: string): void {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const html = new Map(pages.map((page) => [page, readFileSync(join(folder, page), 'utf8')]));
  const ids = new Map([...html].map(([page, text]) => [page, new Set([...text.matchAll(ID)].map(([, id]) => id))]));
  const faults = [...html].flatMap(([page, text]) =>
    [...text.matchAll(TARGET)].flatMap(([, attribute = '', target = '']) => {
      if (/^[a-z]+:/.test(target)) {
        const isLoaded = attribute === 'src' && !target.startsWith('data:');
        return isLoaded ? [`${page}: loads ${target}`] : [];
      }
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : fileOf(folder, page, path);
      if (!existsSync(join(folder, file))) return [`${page}: nothing is at ${target}`];
      const isThere = anchor === undefined || anchor === '' || ids.get(file)?.has(decodeURIComponent(anchor)) !== false;
      return isThere ? [] : [`${page}: no anchor ${target}`];
    }),
  );
  if (faults.length > 0) throw new Error(`The site has broken links:\n${[...new Set(faults)].join('\n')}`);
}

function fileOf(folder: string, page: string, path: string): string {
  const file = posix.join(path.startsWith('/') ? '' : dirname(page), path.endsWith('/') ? `${path}index.html` : path);
  return existsSync(join(folder, file)) ? file.replace(/^\//, '') : `${file}.html`.replace(/^\//, '');
}
