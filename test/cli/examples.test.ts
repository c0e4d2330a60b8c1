/** Help that is true: every command has examples, and each of them is a command line that our parser takes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/cli/main';
import { run as spawned, temporaryDirectory } from '../support/app';
import { commands, kept, walked } from '../support/cli-program';

async function help(words: readonly string[]): Promise<string> {
  const streams = kept();
  await run(commands(streams), [...words, '--help'], streams);
  return streams.said.out;
}

function examplesOf(text: string): string[] {
  const [, after = ''] = text.split('\nExamples:\n');
  return after.split('\n').flatMap((line) => (line.startsWith('  $ ') ? [line.slice(4)] : []));
}

const all = walked(commands()).map(({ words }) => words);
const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});

/** The arguments that a shell gives `countersign` for each time a line calls it. */
async function calls(line: string): Promise<string[][]> {
  const file = join(directory.path, 'calls');
  const heard = `
    : > ${file}
    countersign() { printf '%s\\0' "$@" >> ${file}; printf '\\n' >> ${file}; }
    mkdir -p ~/.zfunc ~/.config/fish/completions
    cd # what a line writes is written there
    PATH=
    eval "$1" 2>/dev/null
    wait`;
  await spawned('/bin/bash', ['-c', heard, 'bash', line], { HOME: directory.path, PATH: '/usr/bin:/bin' });
  const text = readFileSync(file, 'utf8');
  return text
    .split('\0\n')
    .slice(0, -1)
    .map((call) => call.split('\0'));
}

it('the walk finds the commands, groups and what is below them', () => {
  const names = all.map((words) => words.join(' '));
  expect(names).toEqual(
    expect.arrayContaining([
      ...[
        '',
        'start',
        'confirm',
        'review',
        'respond',
        'revise',
        'escalate',
        'delegate',
        'withdraw',
        'extend',
      ],
      ...['audit', 'audit show', 'policy test', 'sign', 'keygen', 'completion'],
    ]),
  );
});

it.each(all.map((words) => [words.join(' ') || '(all)', words] as const))(
  '%s: its help has examples, and they parse',
  async (_, words) => {
    const examples = examplesOf(await help(words));
    expect(examples).not.toEqual([]);
    for (const example of examples) {
      const made = await calls(example);
      expect({ example, calls: made.length }).toEqual({ example, calls: 1 });
      for (const argv of made) {
        const reached: string[] = [];
        const cli = commands();
        for (const { command, words: to } of walked(cli))
          if (command.commands.length === 0) command.action(() => void reached.push(to.join(' ')));
        const streams = kept();
        await run(cli, argv, streams);
        const [first, pair] = [argv[0], argv.slice(0, 2).join(' ')];
        const spot = all.some((one) => one.join(' ') === pair) ? pair : first;
        expect({ example, reached, err: streams.said.err }).toEqual({ example, reached: [spot], err: '' });
        if (words.length > 0) expect(spot?.split(' ').slice(0, words.length)).toEqual(words);
      }
    }
  },
);

it('an example with an option that there is not would be found', async () => {
  const streams = kept();
  expect(await run(commands(streams), ['inbox', '--revewer', 'ana'], streams)).toBe(2);
  expect(streams.said.err).toContain("unknown option '--revewer'");
});
