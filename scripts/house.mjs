// The house check, part of `npm run lint`: no function over 60 lines, no file over 300, no function named by a verb of speech, no
// import cycle, no ten equal lines twice. `house.json` has the limits, and each exception with its reason; an exception that nothing
// needs any more is a finding, too. `--write` takes today's findings into its list `toBeRemoved`: what is still owed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RULES = path.join(ROOT, 'house.json');

/** @typedef {{ rule: string, where: string, at: string, says: string }} Finding `where` is what an exception names: no line in it. */

/** Files of a folder by these extensions, relative to the root, sorted. */
function filesOf(folder, extensions) {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => extensions.includes(path.extname(name)) && !name.includes('node_modules'))
    .map((name) => path.posix.join(folder, name.split(path.sep).join('/')))
    .sort();
}

function read(file) {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return { file, text, lines: text.replace(/\n$/, '').split('\n') };
}

const functions = new Map();

/** Every function of a file with the name that it is known by; read once for all rules. */
function functionsOf({ file, text }) {
  if (!functions.has(file))
    functions.set(file, functionsIn(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)));
  return functions.get(file);
}

function functionsIn(source) {
  const found = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const line = (position) => source.getLineAndCharacterOfPosition(position).line + 1;
      const from = line(node.getStart(source));
      found.push({ name: nameOf(node, source), from, lines: line(node.end) - from + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(node, source) {
  if (ts.isConstructorDeclaration(node)) return `${node.parent.name?.text ?? ''} constructor`.trim();
  const named = [node, node.parent].find((one) => one.name !== undefined && !ts.isParameter(one));
  if (named !== undefined) return named.name.getText(source);
  // One that is passed on is known by what it is passed to.
  return ts.isCallExpression(node.parent)
    ? `${node.parent.expression.getText(source).split('\n')[0]}(…)`
    : 'unnamed';
}

function* longFiles(files, { fileLines, tables }) {
  const isTable = new RegExp(tables);
  for (const { file, lines } of files)
    if (lines.length > fileLines && !isTable.test(file))
      yield {
        rule: 'file-length',
        where: file,
        at: file,
        says: `${lines.length} lines, at most ${fileLines}`,
      };
}

function* longFunctions(files, { functionLines }) {
  for (const one of files)
    for (const { name, from, lines } of functionsOf(one))
      if (lines > functionLines)
        yield {
          rule: 'function-length',
          where: `${one.file} ${name}`,
          at: `${one.file}:${from}`,
          says: `${name} has ${lines} lines, at most ${functionLines}`,
        };
}

function* speechNames(files, { verbsOfSpeech }) {
  for (const one of files)
    for (const { name, from } of functionsOf(one))
      if (verbsOfSpeech.includes(name))
        yield {
          rule: 'function-name',
          where: `${one.file} ${name}`,
          at: `${one.file}:${from}`,
          says: `${name}() is named by a verb of speech: name what it returns or does`,
        };
}

/** What each file imports of the same set; types count, since a cycle of types is one to a reader as well. */
function importsOf(files) {
  const known = new Set(files.map(({ file }) => file));
  const resolve = (from, name) => {
    const base = path.posix.join(path.posix.dirname(from), name);
    return [`${base}.ts`, `${base}/index.ts`, base].find((file) => known.has(file));
  };
  return new Map(
    files.map(({ file, text }) => [
      file,
      ts
        .preProcessFile(text, true, true)
        .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => resolve(file, fileName))
        .filter((target) => target !== undefined && target !== file),
    ]),
  );
}

/** Tarjan: the groups of files of which each reaches every other. */
function cyclesOf(graph) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const groups = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const next of graph.get(file)) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) groups.push(group.sort());
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return groups;
}

function* importCycles(files) {
  for (const group of cyclesOf(importsOf(files)))
    yield {
      rule: 'import-cycle',
      where: group.join(' '),
      at: group[0],
      says: `imports itself by way of ${group.slice(1).join(', ')}`,
    };
}

/** The lines of a file without imports, which are the same in many, and without blank ones. */
function ownLines({ lines }) {
  let importing = false;
  return lines.flatMap((line, index) => {
    const text = line.trim();
    importing ||= /^(?:import\b|export (?:type )?[{*])/.test(text);
    const skipped = importing || text === '';
    if (importing && text.endsWith(';')) importing = false;
    return skipped ? [] : [{ text, line: index + 1 }];
  });
}

function* equalLines(files, { equalLines: least }) {
  const seen = new Map();
  const pairs = new Map();
  for (const one of files) {
    const lines = ownLines(one);
    for (let first = 0; first + least <= lines.length; first += 1) {
      const window = lines.slice(first, first + least);
      const key = window.map(({ text }) => text).join('\n');
      const here = { file: one.file, line: window[0].line };
      const other = seen.get(key);
      if (other === undefined) seen.set(key, here);
      else {
        const pair = `${other.file} ${one.file}`;
        const known = pairs.get(pair) ?? { other, here, windows: 0 };
        pairs.set(pair, { ...known, windows: known.windows + 1 });
      }
    }
  }
  for (const [where, { other, here, windows }] of pairs)
    yield {
      rule: 'equal-lines',
      where,
      at: `${here.file}:${here.line}`,
      says: `${windows + least - 1} lines as in ${other.file}:${other.line}`,
    };
}

function findings({ limits, scope }) {
  const load = (folders) =>
    folders.flatMap((folder) => filesOf(folder, ['.ts', '.mjs', '.js', '.cjs'])).map(read);
  const [src, code, all] = [scope.src, scope.code, scope.files].map(load);
  return [
    ...longFiles(all, limits),
    ...longFunctions(code, limits),
    ...speechNames(src, limits),
    ...importCycles(src),
    ...equalLines(src, limits),
  ];
}

const keyOf = ({ rule, where }) => `${rule} ${where}`;

/** Takes what is found into the list of what is owed. */
async function owe(house, found) {
  const { format, resolveConfig } = await import('prettier');
  const toBeRemoved = found.map(({ rule, where, says }) => ({ rule, where, says }));
  const text = JSON.stringify({ ...house, toBeRemoved });
  writeFileSync(RULES, await format(text, { ...(await resolveConfig(RULES)), filepath: RULES }));
}

async function check() {
  const house = JSON.parse(readFileSync(RULES, 'utf8'));
  const excused = new Set(house.exceptions.map(keyOf));
  const all = findings(house);
  const found = all.filter((one) => !excused.has(keyOf(one)));
  if (process.argv.includes('--write')) {
    await owe(house, found);
    return 0;
  }
  const owed = new Set(house.toBeRemoved.map(keyOf));
  const present = new Set(all.map(keyOf));
  const stale = [...house.exceptions, ...house.toBeRemoved].filter((one) => !present.has(keyOf(one)));
  const fresh = found.filter((one) => !owed.has(keyOf(one)));
  for (const { at, rule, says } of fresh) process.stdout.write(`${at}: ${rule}: ${says}\n`);
  for (const one of stale)
    process.stdout.write(
      `house.json: ${keyOf(one)} is no longer so: take it out (node scripts/house.mjs --write)\n`,
    );
  const owes = found.length - fresh.length;
  process.stdout.write(
    `house: ${fresh.length + stale.length} findings, ${owes} known and still to be removed\n`,
  );
  return fresh.length + stale.length > 0 ? 1 : 0;
}

process.exitCode = await check();
