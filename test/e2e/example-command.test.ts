/** `npm run example` as a stranger runs it, on a clone that compiles its sources as it runs: a server of its own, the story, nothing left behind. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, temporaryDirectory, type Ran } from '../support/app';

// Everything that is started has a path in here among its arguments.
const directory = temporaryDirectory();
const scratch = join(directory.path, 'scratch');
mkdirSync(scratch);
afterAll(() => {
  directory.remove();
});

const example = (...args: string[]): Promise<Ran> =>
  run(process.execPath, [join(ROOT, 'scripts/example.mjs'), ...args], {
    ...process.env,
    TMPDIR: scratch,
    // Where the test's own output is coloured, FORCE_COLOR is handed down to it.
    NO_COLOR: '1',
    // What a person has set for other things must not reach the story.
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    COUNTERSIGN_MODEL: 'openai/none',
    COUNTERSIGN_ACTIONS: 'nowhere.ts',
  });

function leftBehind(): string[] {
  const processes = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' }).split(
    '\n',
  );
  const directories = readdirSync(scratch).filter((name) => name.startsWith('countersign-'));
  return [...processes.filter((line) => line.includes(scratch)), ...directories];
}

test.each(['release', 'ticket-ladder'])('%s is played from its start to its end', async (name) => {
  const { code, out, err } = await example(name);
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('Countersign is up at 127.0.0.1:');
  expect(out).toMatch(/ (?:mo|ana) approves /);
  expect(out).not.toMatch(/[^\P{C}\n]/u);
  expect(leftBehind()).toEqual([]);
});

test.each([[['nonsense']], [[]], [['release', 'ticket-ladder']], [['--wrong']]])(
  '%j is a mistake that is named',
  async (args) => {
    const { code, out, err } = await example(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('usage: node scripts/example.mjs <release|support-answer|ticket-ladder|python>');
  },
);
