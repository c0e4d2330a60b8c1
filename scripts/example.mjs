// `npm run example -- release`: plays the story of an example on a real server of its own, and clears it away afterwards.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import requireNode from './setup/node-version.cjs';

requireNode();
const { setUp } = await import('./setup/index.mjs');
const { root } = await import('./setup/machine.mjs');
const { speaker } = await import('./setup/say.mjs');
const { environment, onStage, say, StageError } = await import('./stage.mjs');

/** How each is played; a story in Python needs Python. */
const STORIES = {
  release: typescript('release'),
  'support-answer': typescript('support-answer'),
  'ticket-ladder': typescript('ticket-ladder'),
  python: {
    needs: ['python'],
    command: ({ python }) => [python.path, path.join(root, 'examples/python/story.py')],
  },
};
const USAGE = `usage: node scripts/example.mjs <${Object.keys(STORIES).join('|')}> [--keep]
  --keep  keep the state directory, to look around in it afterwards`;

function typescript(folder) {
  const story = path.join(root, 'examples', folder, 'story.ts');
  return { needs: [], command: () => [process.execPath, '--import', 'tsx', story] };
}

async function play(stage, name) {
  const { needs, command } = STORIES[name];
  const found = await setUp(['modules', 'temporal', ...needs], speaker());
  const actions = path.join(root, 'examples', name, 'actions.ts');
  const base = {
    RELEASE_DB: path.join(stage.data, 'release.db'),
    // A story is about what its agent says, and that is written down for the offline one.
    ...environment(/^(?:(?:RELEASE|PAYMENTS)_DB$|COUNTERSIGN_MODEL)/),
    COUNTERSIGN_DATA: stage.data,
    TEMPORAL_CLI_PATH: found.temporal.path,
    ...(existsSync(actions) ? { COUNTERSIGN_ACTIONS: actions } : {}),
  };
  say('Starting the Temporal server and the worker …');
  const { address, ui } = await stage.startDev(base);
  say(`Countersign is up at ${address}; look at it in the Web UI: ${ui}`);
  const [program, ...args] = command(found);
  const { code } = await stage.run(program, args, { ...base, TEMPORAL_ADDRESS: address }, 'inherit');
  if (code !== 0) throw new StageError(`the story of ${name} ended with ${code}`);
}

function options() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [name, ...more] = positionals;
    if (values.help) return values;
    if (more.length > 0 || !Object.hasOwn(STORIES, name ?? ''))
      throw new Error(`name one of ${Object.keys(STORIES).join(', ')}`);
    return { ...values, name };
  } catch (error) {
    process.stderr.write(`example: ${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}

const { help, keep, name } = options();
if (help) say(USAGE);
else await onStage('example', (stage) => play(stage, name), { keep });
