// Four kinds of tests: `unit` needs nothing, `workflow` a time-skipping server, `replay` recorded histories, `e2e` a
// real server and its neighbours. `npm test -- --selectProjects unit` runs one kind.
'use strict';

const swc = [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: false }, keepClassNames: true },
    module: { type: 'commonjs' },
  },
];

// Published as ES modules only, and jest loads CommonJS.
const esmOnly = [
  '@clack/core',
  '@clack/prompts',
  '@marcbachmann/cel-js',
  'fast-string-truncated-width',
  'fast-string-width',
  'fast-wrap-ansi',
  'sisteransi',
];

// Our own name means src here, without a build; package.json sends everybody else to dist. The table is tsc's.
const { paths } = require('./tsconfig.json').compilerOptions;
const moduleNameMapper = Object.fromEntries(
  Object.entries(paths).map(([name, [file]]) => [`^${name}$`, file.replace('.', '<rootDir>')]),
);

const common = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.[cm]?[jt]s$': swc },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esmOnly.join('|')})/)`],
  moduleNameMapper,
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.countersign/', '<rootDir>/\\.stryker-tmp/'],
  restoreMocks: true,
};

// Most tests start the CLI as the package has it: plain JavaScript, made where the sources have changed.
const builtOnce = '<rootDir>/test/support/build-once.ts';

const withoutServer = [
  'app',
  'domain',
  'activities',
  'actions',
  'cli',
  'client',
  'providers',
  'setup',
  'store',
  'unit',
  'golden',
];

/** @type {import('jest').Config} */
module.exports = {
  maxWorkers: 2, // workflow and e2e tests start servers of their own
  watchman: false,
  testSequencer: '<rootDir>/test/support/longest-first.js',
  testTimeout: 120_000, // one for all: jest takes none a project
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: withoutServer.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
    },
    {
      ...common,
      displayName: 'workflow',
      globalSetup: builtOnce,
      testMatch: ['<rootDir>/test/workflows/**/*.test.ts'],
    },
    {
      ...common,
      displayName: 'replay',
      testMatch: ['<rootDir>/test/replay/**/*.test.ts'],
    },
    {
      ...common,
      displayName: 'e2e',
      globalSetup: builtOnce,
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts', '<rootDir>/examples/**/test/**/*.test.ts'],
    },
  ],
};
