import { join } from 'node:path';
import { Application, LogLevel } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';

/** The entry points, as a user imports them, in the order of the site. */
const ENTRIES: Readonly<Record<string, string>> = {
  rxframe: 'src/index.ts',
  'rxframe/operators': 'operators/index.ts',
  'rxframe/genesys': 'src/genesys/index.ts',
  'rxframe/node': 'src/node.ts',
  'rxframe/testing': 'src/testing/index.ts',
  'rxframe/jetstream': 'src/jetstream/index.ts',
  'rxframe/simulator': 'src/simulator/index.ts',
};

/** **Writes the reference of the API** from the docstrings: Markdown into `docs/api/`, a page for each entry point, whose names it gives. */
export async function writeApiPages(root: string): Promise<readonly string[]> {
  const markdown: Partial<PluginOptions> = {
    hidePageHeader: true,
    hideBreadcrumbs: true,
    // Its own anchors: those of headings are counted in another way where names differ in their case alone.
    useHTMLAnchors: true,
    useCodeBlocks: true,
    sanitizeComments: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
  };
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: join(root, 'tsconfig.build.json'),
    entryPoints: Object.values(ENTRIES).map((path) => join(root, path)),
    out: join(root, 'docs/api'),
    router: 'module',
    readme: 'none',
    disableSources: true,
    excludePrivate: true,
    excludeProtected: true,
    skipErrorChecking: true,
    // What it warns of: types that are not exported, and links of one entry point to what another one exports.
    logLevel: LogLevel.Error,
    ...markdown,
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the sources');
  project.name = 'API';
  for (const module of project.children ?? []) {
    const [name] =
      Object.entries(ENTRIES).find(([, path]) => path.replace(/(\/index)?\.ts$/, '') === module.name) ?? [];
    if (name === undefined) throw new Error(`${module.name} is no entry point`);
    module.name = name;
  }
  await app.generateOutputs(project);
  return Object.keys(ENTRIES);
}
