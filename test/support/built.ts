/**
 * The CLI as the package has it, made once of the sources as they are: plain JavaScript starts in a fraction of the time that
 * compiling src takes in every process. What is about a clone runs `FROM_SOURCE`; `npm run build` is tried by package.test.ts.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

const ROOT = join(__dirname, '..', '..');
/** Below node_modules, so that what it requires is found as it is from here. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'countersign-test');
/** Leads to the newest: who runs in an older one while a new one comes keeps what it has. */
const FOLDER = join(CACHE, 'cli');
const DAY = 86_400_000;

/** What tests start: plain JavaScript, without a tsconfig.json beside it, as in the package. */
export const COUNTERSIGN = join(FOLDER, 'bin', 'countersign');
/** What a clone starts: it compiles src as it runs. */
export const FROM_SOURCE = join(ROOT, 'bin', 'countersign');

/** Makes it anew where any source has changed. Types are not checked here: `npm run typecheck` does. */
export function build(): void {
  const made = `${FOLDER}-${fingerprint()}`;
  if (!existsSync(made)) {
    const unfinished = `${made}.${String(process.pid)}`;
    for (const source of sources()) {
      const file = join(unfinished, 'dist', source.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, compiled(join(ROOT, 'src', source)));
    }
    bundleOnce(join(unfinished, 'dist'));
    mkdirSync(join(unfinished, 'bin'));
    copyFileSync(FROM_SOURCE, join(unfinished, 'bin', 'countersign'));
    for (const beside of ['package.json', 'scripts', 'schemas'])
      symlinkSync(join(ROOT, beside), join(unfinished, beside));
    renameSync(unfinished, made);
  }
  if (existsSync(FOLDER) && realpathSync(FOLDER) === realpathSync(made)) return;
  const link = `${FOLDER}.${String(process.pid)}`;
  symlinkSync(made, link);
  renameSync(link, FOLDER);
  for (const name of readdirSync(CACHE).filter((one) => one.startsWith('cli-')))
    if (join(CACHE, name) !== made && Date.now() - statSync(join(CACHE, name)).mtimeMs > DAY)
      rmSync(join(CACHE, name), { recursive: true });
}

/**
 * Every worker bundles the same workflows, which takes webpack seconds: here the first one leaves them for the others. Own
 * workflows are bundled as ever; package.test.ts has a worker that bundles for itself.
 */
function bundleOnce(dist: string): void {
  renameSync(join(dist, 'bundle.js'), join(dist, 'bundle-each.js'));
  writeFileSync(
    join(dist, 'bundle.js'),
    `'use strict';
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const each = require('./bundle-each');
exports.PRELOADED = each.PRELOADED;
exports.bundleWorkflows = async (own, cwd, traced = false) => {
  if (own !== undefined) return each.bundleWorkflows(own, cwd, traced);
  const file = \`\${__dirname}/bundle-\${traced ? 'traced' : 'plain'}.json\`;
  if (!existsSync(file)) {
    const made = await each.bundleWorkflows(own, cwd, traced);
    const unfinished = \`\${file}.\${process.pid}\`;
    writeFileSync(unfinished, JSON.stringify(made));
    renameSync(unfinished, file);
  }
  return JSON.parse(readFileSync(file, 'utf8'));
};
`,
  );
}

function sources(): string[] {
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).sort();
}

function compiled(file: string): string {
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' }, keepClassNames: true },
    module: { type: 'commonjs', ignoreDynamic: true },
  });
  return code;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const files = [...sources().map((name) => join('src', name)), 'bin/countersign', 'package-lock.json'];
  files.push('test/support/built.ts'); // how it is made
  for (const name of files)
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(ROOT, name)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}
