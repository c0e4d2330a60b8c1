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
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

const ROOT = join(__dirname, '..', '..');
/** Below node_modules, so that what it requires is found as it is from here. */
const FOLDER = join(ROOT, 'node_modules', '.cache', 'countersign-test', 'built');
const MADE_OF = join(FOLDER, 'made-of');

/** What tests start: plain JavaScript, without a tsconfig.json beside it, as in the package. */
export const COUNTERSIGN = join(FOLDER, 'bin', 'countersign');
/** What a clone starts: it compiles src as it runs. */
export const FROM_SOURCE = join(ROOT, 'bin', 'countersign');

/** Makes it anew where any source has changed. Types are not checked here: `npm run typecheck` does. */
export function build(): void {
  const now = fingerprint();
  if (existsSync(MADE_OF) && readFileSync(MADE_OF, 'utf8') === now) return;
  const unfinished = `${FOLDER}.${String(process.pid)}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(join(unfinished, 'bin'), { recursive: true });
  for (const source of sources()) {
    const made = join(unfinished, 'dist', source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(made), { recursive: true });
    writeFileSync(made, compiled(join(ROOT, 'src', source)));
  }
  copyFileSync(FROM_SOURCE, join(unfinished, 'bin', 'countersign'));
  for (const beside of ['package.json', 'scripts', 'schemas'])
    symlinkSync(join(ROOT, beside), join(unfinished, beside));
  writeFileSync(join(unfinished, 'made-of'), now);
  rmSync(FOLDER, { recursive: true, force: true });
  renameSync(unfinished, FOLDER);
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
  return hash.digest('hex');
}
