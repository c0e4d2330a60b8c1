/** One bundle of our workflows and of a person's own: what it holds, and what is refused in which words. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflows } from '../../src/bundle';
import { temporaryDirectory } from '../support/app';

// Outside of any project: nothing of ours is in a node_modules above it.
const directory = temporaryDirectory();
const scratch = join(directory.path, 'tmp');
const { TMPDIR } = process.env;
beforeAll(() => {
  mkdirSync(scratch);
  process.env['TMPDIR'] = scratch;
});
afterAll(() => {
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  directory.remove();
});

let count = 0;
function module(name: string, ...lines: string[]): string {
  const folder = join(directory.path, String(++count));
  mkdirSync(folder);
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

it.each(['own.ts', 'own.mjs', 'own.cjs'])('%s: ours and theirs, each module once', async (name) => {
  const uses = ['gated({})', 'sleep(1)', "z.string().parse('')"].join('; ');
  const file = name.endsWith('.cjs')
    ? module(
        name,
        "const { gated } = require('countersign/workflows'); const { sleep } = require('@temporalio/workflow');",
        `const { z } = require('zod'); exports.own = async () => { ${uses} };`,
      )
    : module(
        name,
        "import { gated } from 'countersign/workflows'; import { sleep } from '@temporalio/workflow';",
        `import { z } from 'zod'; export const own = async () => { ${uses} };`,
      );
  const { code } = await bundleWorkflows(file);
  const [map = ''] = /(?<=sourceMappingURL=data:application\/json;charset=utf-8;base64,).*/.exec(code) ?? [];
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] };
  const copies = (end: string) => sources.filter((source) => source.endsWith(end)).length;
  expect({
    own: copies(`/${name}`),
    gates: copies('/src/workflows/gate/run-gate.ts'),
    ours: copies('/src/workflows/types/propose-and-execute.ts'),
    sdk: copies('@temporalio/workflow/src/workflow.ts') + copies('@temporalio/workflow/lib/workflow.js'),
    converter: copies('/src/workflows/runtime/payload-converter.ts'),
  }).toEqual({ own: 1, gates: 1, ours: 1, sdk: 1, converter: 1 });
  expect(readdirSync(scratch)).toEqual([]);
});

const refused: [string, string[], string][] = [
  [
    'a name of ours',
    ['export async function proposeAndExecute() {}'],
    'it exports proposeAndExecute, which is a workflow type of Countersign; give it another name, or leave it out',
  ],
  [
    'a name of ours, passed on',
    ["export * from 'countersign/workflows';"],
    'it exports proposeAndExecute, which is a workflow type of Countersign',
  ],
  [
    'a default export',
    ['export default async function own() {}'],
    'it has a default export, which has no name to start it by; export the function by name',
  ],
  ['no TypeScript', ['export async function own( { return 1; }'], 'own.ts:1:1]'],
  [
    'a file that is not there',
    ["import { it } from './nowhere';", 'export const own = async () => it;'],
    "Can't resolve './nowhere' in",
  ],
  [
    'a name that is not there',
    ["import { gatd } from 'countersign/workflows';", 'export const own = async () => gatd();'],
    "export 'gatd' (imported as 'gatd') was not found in 'countersign/workflows'",
  ],
  [
    'Node.js',
    ["import { readFileSync } from 'node:fs';", "export const own = async () => readFileSync('a');"],
    'it imports node:fs, which a workflow may not: do that in an action',
  ],
  [
    'Node.js by its old name',
    ["import { randomUUID } from 'crypto';", 'export const own = async () => randomUUID();'],
    'it imports crypto, which a workflow may not: do that in an action',
  ],
];

it.each(refused)('%s is refused, and the file is named', async (_, lines, says) => {
  const file = module('own.ts', ...lines);
  const { message } = await bundleWorkflows(file).then(
    () => new Error('it was not refused'),
    (error: unknown) => error as Error,
  );
  expect(message).toContain(`the workflows module ${file} is not right:`);
  expect(message).toContain(says);
  expect(readdirSync(scratch)).toEqual([]);
});

it('a path that names no module says what COUNTERSIGN_WORKFLOWS is for', async () => {
  await expect(bundleWorkflows('own.ts', directory.path)).rejects.toThrow(
    `COUNTERSIGN_WORKFLOWS names the module with your own workflows, but ${join(directory.path, 'own.ts')} is not there`,
  );
  const file = module('own.json', '{}');
  await expect(bundleWorkflows(file)).rejects.toThrow(`${file} is none of .ts, .js, .mjs, .cjs`);
});
