// Gets everything Countersign needs onto this machine, without asking and without dependencies of its own. Progress is
// told on stderr; with --json the answer is one line on stdout.
import requireNode from './setup/node-version.cjs';

requireNode();
const { parseArgs } = await import('node:util');
const { setUp, targets } = await import('./setup/index.mjs');
const { SetupError } = await import('./setup/machine.mjs');
const { speaker } = await import('./setup/say.mjs');

const usage = `usage: node scripts/setup.mjs [--only=${Object.keys(targets).join('|')}] [--json] [--quiet]
Without --only: node_modules and a Temporal server.
  --json   print what was found as one line on stdout
  --quiet  say nothing where everything is there already`;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        json: { type: 'boolean', default: false },
        quiet: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.only === undefined || Object.hasOwn(targets, values.only)) return values;
    throw new Error(`--only=${values.only} is none of ${Object.keys(targets).join(', ')}`);
  } catch (error) {
    process.stderr.write(`set-up: ${error.message}\n${usage}\n`);
    process.exit(2);
  }
}

const { only, json, quiet, help } = options();
if (help) {
  process.stdout.write(`${usage}\n`);
} else {
  try {
    const answer = await setUp(only ? targets[only] : ['modules', 'temporal'], speaker({ quiet }));
    if (json) process.stdout.write(`${JSON.stringify(answer)}\n`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`set-up: ${error.message}\n`);
    process.exitCode = 1;
  }
}
