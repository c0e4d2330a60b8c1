// Lint holds what the design says: typed rules against lost promises, the layers (scripts/fences.mjs), a domain without
// clock or chance, and one reader of the environment.
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import fences from './scripts/fences.mjs';

const typescript = ['src/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts'];
const node = Object.fromEntries(
  ['Buffer', 'URL', 'AbortController', 'console', 'fetch', 'process']
    .concat(['clearInterval', 'clearTimeout', 'setInterval', 'setTimeout'])
    .map((name) => [name, 'readonly']),
);
const commonjs = {
  __dirname: 'readonly',
  __filename: 'readonly',
  exports: 'writable',
  module: 'writable',
  require: 'readonly',
};

const noEnvironment = {
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' },
    ...['any', 'timeout'].map((property) => ({
      object: 'AbortSignal',
      property,
      message:
        'Inside one of `any` a timeout is collected and never comes: take timeLimit() of src/time-limit.ts.',
    })),
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: ['process', 'node:process'].map((name) => ({
        name,
        message: 'Only src/config.ts reads the environment.',
      })),
    },
  ],
};

const pure = 'The domain has no clock, no chance and no Node.js: pass it in as a value.';
const timers = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];
const outside = [
  'process',
  'Buffer',
  'globalThis',
  'global',
  'require',
  'crypto',
  'performance',
  'fetch',
  'console',
];

export default defineConfig(
  {
    ignores: [
      'node_modules/',
      'dist/',
      'docs/api/',
      'coverage/',
      'reports/',
      '.stryker-tmp/',
      '.countersign/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { files: ['**/*.mjs'], languageOptions: { globals: node } },
  {
    files: ['**/*.{js,cjs}', 'bin/countersign'],
    languageOptions: { sourceType: 'commonjs', globals: { ...node, ...commonjs } },
  },
  {
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // An async function without await is how an interface that may wait is met by one that need not.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-generated-empty-object-type': 'off',
      // The sanitiser's business is control characters, combining ones, and code points one by one.
      '@typescript-eslint/no-misused-spread': 'off',
      'no-control-regex': 'off',
      'no-misleading-character-class': 'off',
    },
  },
  {
    // Handlers change a workflow's state while it awaits, which the flow analysis cannot know.
    files: ['src/workflows/**/*.ts'],
    rules: { '@typescript-eslint/no-unnecessary-condition': 'off' },
  },
  {
    files: ['src/workflows/**/*.ts'],
    ignores: ['src/workflows/runtime/replay-clock.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='Date'][property.name='now']",
          message:
            'After a local activity it differs at replay: take now() of src/workflows/runtime/replay-clock.ts.',
        },
      ],
    },
  },
  { files: ['src/**/*.ts'], plugins: { fences }, rules: { 'fences/layers': 'error' } },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config.ts', 'src/actions/child-environment.ts', 'src/domain/**'],
    rules: noEnvironment,
  },
  {
    files: ['src/domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...[...timers, ...outside].map((name) => ({ name, message: pure }))],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: pure },
        { object: 'Math', property: 'random', message: pure },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: pure },
        { selector: "CallExpression[callee.name='Date']", message: pure },
      ],
    },
  },
  {
    // Tests take JSON apart and compare with matchers, which are `any` by nature.
    files: ['test/**/*.ts', 'examples/**/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
);
