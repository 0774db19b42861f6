import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** A link of the site. */
export interface SiteLink {
  readonly href: string;
  /** What it leads to, where that is no page: a file, or a folder without a README; from the root of the repository. */
  readonly copy?: string;
}

/**
 * **Where a link of a page leads on the site.** The pages are plain Markdown in the repository, and link to files of it, as a code host
 * wants it; on the site the pages of `docs/` are at the top, and files that are no pages are text.
 *
 * @param root - the root of the repository
 * @param page - the file of the page, from the root
 * @throws Error where nothing is there
 */
export function siteLink(root: string, page: string, href: string): SiteLink {
  const [path = '', anchor] = href.split('#');
  if (path === '') return { href };
  let file = relative(root, join(root, dirname(page), path));
  if (!existsSync(join(root, file))) throw new Error(`${page}: nothing is at ${href}`);
  if (statSync(join(root, file)).isDirectory()) {
    if (!existsSync(join(root, file, 'README.md'))) return { href: `/${file}/`.replace('//', '/'), copy: file };
    file = join(file, 'README.md');
  }
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (file.endsWith('.md')) return { href: `/${sitePath(file)}${hash}` };
  return { href: `/${file}.txt`, copy: file };
}

/** The page's place on the site. The README's is the landing page, which says the same. */
export function sitePath(file: string): string {
  if (file === 'README.md') return 'index.md';
  return file.replace(/^docs\//, '').replace(/(^|\/)README\.md$/, '$1index.md');
}
