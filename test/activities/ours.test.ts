/** Own modules that lie outside of every project: what they import is ours, except where they have a zod of their own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, temporaryDirectory } from '../support/app';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const MODULE = `import { z } from 'zod';
import { defineAction, PermanentError } from 'countersign/actions';
import { CountersignError } from 'countersign';
const input = z.object({ who: z.string() });
const names = [PermanentError, CountersignError].map(({ name }) => name).join();
export default [defineAction({ name: names, input, risk: 'low', run: async () => z.whose ?? 'ours' })];
`;
const COMMONJS = MODULE.replace(/import (.*) from (.*);/g, 'const $1 = require($2);').replace(
  'export default',
  'module.exports =',
);

/** As bin/countersign starts in a clone: tsx, then the worker's own way to load actions. */
const LOAD = `
  require('tsx/cjs/api').register();
  require(${JSON.stringify(join(ROOT, 'src/actions/ours.ts'))}).resolveOurs();
  const { loadActions } = require(${JSON.stringify(join(ROOT, 'src/actions/load.ts'))});
  (async () => {
    for (const file of process.argv.slice(1)) {
      const { actions } = await loadActions(file, '/');
      console.log(file.split('/').pop(), actions[0].name, await actions[0].run());
    }
  })();
`;

function loaded(files: readonly string[]): string[] {
  const out = execFileSync(process.execPath, ['-e', LOAD, ...files], { cwd: ROOT, encoding: 'utf8' });
  return out.trim().split('\n');
}

function written(folder: string, name: string): string {
  mkdirSync(join(directory.path, folder), { recursive: true });
  const file = join(directory.path, folder, name);
  writeFileSync(file, name.endsWith('.cjs') ? COMMONJS : MODULE);
  return file;
}

const KINDS = ['own.ts', 'own.mts', 'own.mjs', 'own.cjs'];

it('beside no node_modules', () => {
  expect(loaded(KINDS.map((name) => written('alone', name)))).toEqual(
    KINDS.map((name) => `${name} PermanentError,CountersignError ours`),
  );
});

it('beside a zod of its own', () => {
  const zod = join(directory.path, 'with', 'node_modules', 'zod');
  mkdirSync(zod, { recursive: true });
  writeFileSync(join(zod, 'package.json'), '{ "name": "zod", "version": "4.0.0", "main": "index.js" }');
  writeFileSync(
    join(zod, 'index.js'),
    `const real = require(${JSON.stringify(require.resolve('zod'))});\nexports.z = { ...real.z, whose: 'theirs' };\n`,
  );
  expect(loaded(KINDS.map((name) => written('with', name)))).toEqual(
    KINDS.map((name) => `${name} PermanentError,CountersignError theirs`),
  );
});
