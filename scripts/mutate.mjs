// `npm run mutate`: changes src/domain line by line, folder by folder, and asks its tables whether anybody minds. The score of each
// folder goes to reports/mutation/scores.json; one whose sources and tables are as they were is passed over, so that a run that was
// broken off goes on where it was. Fails where a folder is below the threshold of stryker.config.json.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import requireNode from './setup/node-version.cjs';

requireNode();
const { setUp, targets } = await import('./setup/index.mjs');
const { root } = await import('./setup/machine.mjs');
const { speaker } = await import('./setup/say.mjs');

const DOMAIN = 'src/domain';
/** The files that stand in no folder. */
const TOP = '.';
const REPORTS = path.join(root, 'reports/mutation');
const SCORES = path.join(REPORTS, 'scores.json');
const CONFIG = JSON.parse(readFileSync(path.join(root, 'stryker.config.json'), 'utf8'));
const LEFT_OUT = CONFIG.mutate
  .filter((pattern) => pattern.startsWith('!'))
  .map((pattern) => pattern.slice(1));
const THRESHOLD = CONFIG.thresholds.break;

const say = (text) => process.stderr.write(`mutate: ${text}\n`);

function sources() {
  return readdirSync(path.join(root, DOMAIN), { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.ts') && !LEFT_OUT.includes(`${DOMAIN}/${name}`))
    .sort();
}

const folderOf = (name) => (name.includes('/') ? name.slice(0, name.indexOf('/')) : TOP);

function options(folders) {
  const usage = `usage: npm run mutate -- [--folder NAME]… [--again]
  --folder  of src/domain, "${TOP}" for the files in none; without it, all of them
  --again   also what has been done and has not changed
Folders: ${folders.join(', ')}`;
  try {
    const { values } = parseArgs({
      options: {
        folder: { type: 'string', multiple: true, default: folders },
        again: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const unknown = values.folder.find((name) => !folders.includes(name));
    if (unknown !== undefined) throw new Error(`src/domain has no folder ${unknown}`);
    if (!values.help) return values;
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`mutate: ${error.message}\n${usage}\n`);
    process.exit(2);
  }
}

/** Of the sources that are mutated, of what they may import, and of the tables. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const folder of [DOMAIN, 'test/domain', 'test/support'])
    for (const name of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).sort())
      if (name.endsWith('.ts'))
        hash.update(`${folder}/${name}\0`).update(readFileSync(path.join(root, folder, name)));
  return hash.digest('hex').slice(0, 16);
}

const known = () => (existsSync(SCORES) ? JSON.parse(readFileSync(SCORES, 'utf8')) : {});

/** Runs Stryker over the files of one folder; undefined where it left no report. */
function mutated(folder, files) {
  const report = path.join(REPORTS, `${folder === TOP ? 'top' : folder}.json`);
  const config = path.join(REPORTS, 'stryker.config.json');
  mkdirSync(REPORTS, { recursive: true });
  const mutate = files.map((name) => `${DOMAIN}/${name}`);
  const thresholds = { ...CONFIG.thresholds, break: null }; // this file decides
  writeFileSync(
    config,
    JSON.stringify({ ...CONFIG, mutate, thresholds, jsonReporter: { fileName: report } }),
  );
  const stryker = path.join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const { status } = spawnSync(process.execPath, [stryker, 'run', config], { cwd: root, stdio: 'inherit' });
  return status === 0 ? counted(JSON.parse(readFileSync(report, 'utf8'))) : undefined;
}

/** As Stryker counts: what was noticed, of what could be. */
function counted({ files }) {
  const all = Object.values(files).flatMap(({ mutants }) => mutants);
  const of = (...statuses) => all.filter(({ status }) => statuses.includes(status)).length;
  const noticed = of('Killed', 'Timeout');
  const missed = of('Survived', 'NoCoverage');
  const score = noticed + missed === 0 ? 100 : Math.round((10_000 * noticed) / (noticed + missed)) / 100;
  return { score, noticed, missed };
}

function keep(folder, came) {
  writeFileSync(SCORES, `${JSON.stringify({ ...known(), [folder]: came }, null, 2)}\n`);
}

async function main() {
  const names = sources();
  const folders = [...new Set(names.map(folderOf))];
  const { folder: chosen, again } = options(folders);
  await setUp(targets.modules, speaker({ quiet: true }));
  const of = fingerprint();
  const low = [];
  for (const folder of chosen) {
    const before = known()[folder];
    const came =
      !again && before?.of === of
        ? before
        : mutated(
            folder,
            names.filter((name) => folderOf(name) === folder),
          );
    if (came === undefined) return 1; // Stryker has said why
    keep(folder, { ...came, of });
    say(`${folder}: ${came.score} % (${came.noticed} noticed, ${came.missed} not)`);
    if (came.score < THRESHOLD) low.push(folder);
  }
  if (low.length > 0) say(`below ${THRESHOLD} %: ${low.join(', ')}`);
  return low.length === 0 ? 0 : 1;
}

process.exitCode = await main();
