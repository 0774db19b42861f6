import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type DefaultTheme, type MarkdownOptions } from 'vitepress';
import { checkSite } from './check-site.ts';
import { headingAnchor } from './heading-anchor.ts';
import { siteLink, sitePath } from './site-link.ts';
import { writeApiPages } from './write-api-pages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const API_PAGES = await writeApiPages(ROOT);

/** Files that are linked to and are no pages. */
const copies = new Set<string>();

/** The site of the documentation: `npm run docs` builds it into `docs/.vitepress/dist`, with no request to any host. */
export default defineConfig({
  title: 'rxframe',
  description: 'An RxJS toolkit for WebSocket messages.',
  lang: 'en-GB',
  srcDir: '..',
  outDir: join(ROOT, 'docs/.vitepress/dist'),
  cacheDir: join(ROOT, 'docs/.vitepress/cache'),
  srcExclude: ['README.md', '{bench,dist,marble-tests,operators,src,test}/**', '.*/**'],
  rewrites: sitePath,
  markdown: {
    anchor: { slugify: headingAnchor },
    config: asOnCodeHost,
  },
  // The search index and the longest page of the API are larger than the default.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Guide', link: '/first-stream' },
      { text: 'Operators', link: '/operators/' },
      { text: 'API', link: '/api/' },
      { text: 'Changes', link: '/CHANGELOG' },
    ],
    sidebar: sidebar(),
  },
  // Ours looks at anchors, and at what is no page, too.
  ignoreDeadLinks: true,
  buildEnd: ({ outDir }) => {
    for (const copy of copies) copyAsText(copy, outDir);
    checkSite(outDir);
  },
});

/** Makes the links of a page, which are meant for the files of the repository, links of the site; and shows all that is printed alike. */
function asOnCodeHost(markdown: Parameters<NonNullable<MarkdownOptions['config']>>[0]): void {
  markdown.core.ruler.push('site-links', ({ tokens, env }) => {
    const { path, realPath = path } = env as { path: string; realPath?: string };
    const page = realPath.slice(ROOT.length);
    for (const token of tokens) {
      if (token.type !== 'code_block' && token.info !== 'output') continue;
      token.type = 'fence';
      token.info = 'text';
    }
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href === null || /^[a-z]+:|^\//.test(href)) continue;
      const link = siteLink(ROOT, page, href);
      if (link.copy !== undefined) copies.add(link.copy);
      token.attrSet('href', link.href);
    }
  });
}

/** Copies a file as text that a browser shows; a folder with a list of its files. */
function copyAsText(path: string, outDir: string): void {
  if (statSync(ROOT + path).isFile()) {
    mkdirSync(join(outDir, dirname(path)), { recursive: true });
    cpSync(ROOT + path, join(outDir, `${path}.txt`));
    return;
  }
  const names = readdirSync(ROOT + path).filter((name) => statSync(join(ROOT, path, name)).isFile());
  for (const name of names) copyAsText(join(path, name), outDir);
  const items = names.map((name) => `<li><a href="${name}.txt">${name}</a></li>`);
  writeFileSync(
    join(outDir, path, 'index.html'),
    `<meta charset="utf-8"><title>${path}</title><ul>${items.join('')}</ul>`,
  );
}

function sidebar(): DefaultTheme.SidebarItem[] {
  return [
    group('Guide', [
      'first-stream',
      'pipeline',
      'connection',
      'reconnection',
      'backpressure',
      'payload-types',
      'testing',
      'browsers',
      'production',
      'guide',
    ]),
    group('Operators', ['operators/README', ...pagesIn('docs/operators')]),
    group('Genesys Cloud', ['notifications', 'audiohook', 'simulator']),
    group('Past one machine', ['jetstream', 'scale']),
    group('To look at', ['inspector', 'capture', 'audit', 'cli']),
    group('Coming from', ['from-python-tutorial', 'from-rxjs-websocket', 'from-reconnecting-websocket', 'frameworks']),
    group('Reference', ['errors', 'reliability', 'performance', 'decisions']),
    {
      text: 'API',
      items: [
        { text: 'All entry points', link: '/api/' },
        ...API_PAGES.map((name) => ({ text: name, link: `/api/${name}` })),
      ],
    },
    {
      text: 'Project',
      items: [
        { text: 'Examples', link: '/examples/' },
        { text: 'Contributing', link: '/CONTRIBUTING' },
        { text: 'Changes', link: '/CHANGELOG' },
      ],
    },
  ];
}

/** A group of pages of `docs/`, each under its own heading. */
function group(text: string, pages: readonly string[]): DefaultTheme.SidebarItem {
  const items = pages
    .map((page) => `docs/${page}.md`)
    .filter((file) => existsSync(ROOT + file))
    .map((file) => ({
      text: headingOf(file),
      link: `/${sitePath(file)
        .replace(/\.md$/, '')
        .replace(/index$/, '')}`,
    }));
  return { text, items };
}

function pagesIn(folder: string): string[] {
  return readdirSync(ROOT + folder)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => `${folder.replace('docs/', '')}/${name.slice(0, -3)}`);
}

function headingOf(file: string): string {
  return /^# (.*)$/m.exec(readFileSync(ROOT + file, 'utf8'))?.[1]?.replaceAll('`', '') ?? file;
}
