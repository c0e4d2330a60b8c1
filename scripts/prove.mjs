// `npm run prove`: the figures that Countersign claims, whole, one part after the other. What is proved at this commit already is
// passed over, so that a run that was broken off goes on where it was. Writes docs/evidence.md; fails where any part falls short.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import requireNode from './setup/node-version.cjs';
import { PROOFS } from './proofs.mjs';

requireNode();
const { setUp, targets } = await import('./setup/index.mjs');
const { root, SetupError } = await import('./setup/machine.mjs');
const { speaker } = await import('./setup/say.mjs');

const USAGE = `usage: npm run prove -- [--part NAME]… [--from NAME] [--again] [--list]
  --part   only this part; may be given again
  --from   this part and those after it
  --again  also what is proved at this commit already
  --list   the parts, and what is known of each
Parts: ${PROOFS.map(({ name }) => name).join(', ')}`;
/** What each part came to the last time. */
const KNOWN = path.join(root, 'reports/proofs.json');
const EVIDENCE = path.join(root, 'docs/evidence.md');

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const say = (text) => process.stderr.write(`prove: ${text}\n`);
const number = (value) => value.toLocaleString('en');

function options() {
  try {
    const { values } = parseArgs({
      options: {
        part: { type: 'string', multiple: true },
        from: { type: 'string' },
        again: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    for (const name of [...(values.part ?? []), ...(values.from ? [values.from] : [])])
      if (!PROOFS.some((proof) => proof.name === name)) throw new Error(`there is no part ${name}`);
    return values;
  } catch (error) {
    process.stderr.write(`prove: ${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}

/** Sources that are not committed belong to no commit: what they prove does not stand for one. */
function here() {
  const changed = git('status', '--porcelain', '--', ':!docs', ':!reports') !== '';
  return { commit: git('rev-parse', '--short=12', 'HEAD'), changed };
}

const machine = () =>
  `${os.cpus().length} cores, Node ${process.versions.node}, ${os.platform()} ${os.arch()}`;

const known = () => (existsSync(KNOWN) ? JSON.parse(readFileSync(KNOWN, 'utf8')) : {});

function keep(name, came) {
  mkdirSync(path.dirname(KNOWN), { recursive: true });
  writeFileSync(KNOWN, `${JSON.stringify({ ...known(), [name]: came }, null, 2)}\n`);
}

/** Runs one part whole; resolves with jest's exit code and what the test counted. */
async function runPart({ name, file, test }, found) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'countersign-prove-'));
  const counts = path.join(scratch, 'counts');
  const jest = [path.join(root, 'node_modules/jest/bin/jest.js'), '--runInBand', '--forceExit', file];
  const env = {
    ...process.env,
    ...{ COUNTERSIGN_PROVE: '1', COUNTERSIGN_PROVE_COUNTS: counts },
    ...{ TEMPORAL_CLI_PATH: found.temporal.path, CHROMIUM_PATH: found.chromium.path },
    ...{ POSTGRES_BIN: found.postgres.bin, PROMTOOL: found.promtool.path },
  };
  try {
    const child = spawn(process.execPath, test === undefined ? jest : [...jest, '-t', test], {
      ...{ cwd: root, env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const code = await new Promise((resolve) =>
      child.once('error', () => resolve(null)).once('close', resolve),
    );
    return { code, counts: existsSync(counts) ? added(name, readFileSync(counts, 'utf8')) : {} };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** One test may report more than once. */
function added(name, lines) {
  const sums = {};
  for (const line of lines.trim().split('\n')) {
    const { proof, counts } = JSON.parse(line);
    if (proof !== name) continue;
    for (const [what, count] of Object.entries(counts)) sums[what] = (sums[what] ?? 0) + count;
  }
  return sums;
}

/** What is missing of a part's figure; empty where it is proved. */
function missing({ least }, { code, counts }) {
  const short = Object.entries(least).filter(([what, count]) => !((counts[what] ?? 0) >= count));
  return [
    ...(code === 0 ? [] : [`the test ended with ${code}`]),
    ...short.map(([what, count]) => `${number(counts[what] ?? 0)} of ${number(count)} ${what}`),
  ];
}

async function prove(proof, found) {
  const began = Date.now();
  const ran = await runPart(proof, found);
  const lacks = missing(proof, ran);
  const came = {
    ...{ ...here(), date: new Date().toISOString().slice(0, 10), machine: machine() },
    ...{ seconds: Math.round((Date.now() - began) / 1_000), counts: ran.counts, lacks },
  };
  keep(proof.name, came);
  say(
    `${proof.name}: ${lacks.length === 0 ? 'proved' : `falls short: ${lacks.join(', ')}`} (${came.seconds} s)`,
  );
  return lacks.length === 0;
}

const inWords = (counts) => Object.entries(counts).map(([what, count]) => `${number(count)} ${what}`);

async function writeEvidence() {
  const came = known();
  const rows = PROOFS.map(({ name, figure, file, least }) => {
    const one = came[name];
    const outcome =
      one === undefined
        ? `not run; asks for ${inWords(least).join(', ')}`
        : one.lacks.length === 0
          ? inWords(one.counts).join(', ')
          : `**falls short**: ${one.lacks.join(', ')}`;
    const at =
      one === undefined
        ? ['', '', '']
        : [one.machine, one.date, `${one.commit}${one.changed ? ', changed' : ''}`];
    return `| ${[`[${name}](../${file})`, figure, outcome, ...at].join(' | ')} |`;
  });
  const head = ['proof', 'figure', 'counted', 'machine', 'date', 'commit'];
  const { format, resolveConfig } = await import('prettier');
  const text = [
    '# Evidence',
    '',
    'Written by `npm run prove` ([what it proves](../scripts/proofs.mjs)): each figure, whole, by the test that is linked. `npm test` runs a',
    'part of each, a twentieth where that still says something. A commit that is marked “changed” had changes that were not committed.',
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...rows,
    '',
  ].join('\n');
  writeFileSync(EVIDENCE, await format(text, { ...(await resolveConfig(EVIDENCE)), filepath: EVIDENCE }));
}

const { part, from, again, list, help } = options();
const { commit, changed } = here();
const isProved = ({ name }) => {
  const one = known()[name];
  return one !== undefined && one.commit === commit && !one.changed && !changed && one.lacks.length === 0;
};

function chosen() {
  const after = from === undefined ? 0 : PROOFS.findIndex(({ name }) => name === from);
  return PROOFS.slice(after).filter(({ name }) => part === undefined || part.includes(name));
}

async function main() {
  const found = await setUp(targets.test, speaker({ quiet: true }));
  const parts = chosen();
  let short = 0;
  for (const [nth, proof] of parts.entries()) {
    const place = `${proof.name} (${nth + 1} of ${parts.length})`;
    if (!again && isProved(proof)) {
      say(`${place}: proved at ${commit} already`);
      continue;
    }
    say(`${place}: ${proof.figure}`);
    if (!(await prove(proof, found))) short += 1;
    await writeEvidence();
  }
  say(short === 0 ? 'every part that was asked for is proved' : `${short} fall short`);
  return short === 0 ? 0 : 1;
}

if (help) process.stdout.write(`${USAGE}\n`);
else if (list)
  for (const proof of PROOFS)
    process.stdout.write(
      `${proof.name}: ${isProved(proof) ? `proved at ${commit}` : 'not proved at this commit'}\n`,
    );
else
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`set-up: ${error.message}\n`);
    process.exitCode = 1;
  }
