import eslint from '@eslint/js';
import rxjs from 'eslint-plugin-rxjs-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Which way the arrows point: see docs/decisions.md. */
const arrow = (files, message, patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: patterns, message }] }] },
});

export default defineConfig(
  globalIgnores([
    'dist/',
    'coverage/',
    '.stryker-tmp/',
    'docs/.vitepress/{cache,dist}/',
    '**/*.js',
    '**/*.mjs',
    'examples/custom-operator/',
  ]),
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  rxjs.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'rxjs-x/no-ignored-error': 'off',
    },
  },
  arrow(['operators/**'], 'operators/ is the pure kernel: no src/, no Node, no sockets, no HTTP, no log.', [
    '**/src/**',
    'node:*',
    'ws',
    'ky',
    'pino',
    '#socket',
  ]),
  { files: ['operators/sha256.node.ts'], rules: { 'no-restricted-imports': 'off' } },
  arrow(['src/connection/**', 'src/auth/**'], 'connection/ and auth/ know nothing of Genesys.', [
    '**/genesys/**',
    '**/simulator/**',
    '**/cli/**',
    '**/telemetry/**',
  ]),
  arrow(['src/simulator/**'], 'The simulator shares no code with the client, so that one cannot excuse the other.', [
    '**/operators/**',
    '**/connection/**',
    '**/auth/**',
    '**/genesys/**',
    '**/cli/**',
    '**/telemetry/**',
  ]),
  arrow(
    ['src/genesys/**', 'src/telemetry/**', 'src/*.ts'],
    'nothing imports cli/ or, outside the cli, the simulator.',
    ['**/cli/**', '**/simulator/**'],
  ),
  arrow(['src/inspector/**'], 'inspector/ shows any stream, and knows nothing of where it is from.', [
    '**/connection/**',
    '**/auth/**',
    '**/genesys/**',
    '**/simulator/**',
    '**/cli/**',
    '**/telemetry/**',
  ]),
  arrow(['src/jetstream/**'], 'jetstream/ carries any frames, and knows nothing of where they are from.', [
    '**/connection/**',
    '**/auth/**',
    '**/genesys/**',
    '**/inspector/**',
    '**/simulator/**',
    '**/cli/**',
    '**/telemetry/**',
  ]),
  { files: ['*.config.ts', 'docs/.vitepress/config.ts'], rules: { 'no-restricted-exports': 'off' } },
  { files: ['test/**', 'marble-tests/**'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
);
