/** A command line that cannot be meant as it stands: a code, a sentence that names the flag, and the way out. */
import { NamespaceNotFoundError } from '@temporalio/common';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/app';
import { cli } from '../support/cli-person';
import { commands, kept } from '../support/cli-program';
import { run } from '../../src/cli/main';
import { fakeTemporal, type FakeTemporal } from '../support/fake-temporal';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
let fake: FakeTemporal;
beforeEach(() => {
  fake = fakeTemporal();
  fake.open('pay-1');
});
const say = (...argv: string[]) => cli(fake, argv, { data: directory.path });
const parsed = async (...argv: string[]) => {
  const streams = kept();
  const code = await run(commands(streams), argv, streams);
  return { code, ...streams.said };
};

describe('what was given twice is refused: the last one would count without a word', () => {
  it.each([
    ['--verdict', 'sign', 'x', '--key', 'k', '--verdict', 'approve', '--verdict', 'reject'],
    ['--key', 'sign', 'x', '--key', 'k', '--key', 'l', '--verdict', 'approve'],
    ['--reviewer', 'approve', 'x', '--reviewer', 'ana', '--reviewer', 'bo'],
    ['--digest', 'approve', 'x', '--digest', 'a', '--digest', 'a'],
    ['--key', 'review', '--key', 'k', '--key=l'],
    ['--args', 'edit', 'x', '--args', '{}', '--args', '{"a":1}'],
    ['--timeout', 'approve', 'x', '--timeout', '1', '--timeout', '2'],
    ['--id', 'propose', 'x', '--id', 'a', '--id', 'b'],
    ['--from', 'audit', 'report', '--from', '2026-01-01', '--from', '2026-01-02'],
  ])('%s of %s', async (flag, ...argv) => {
    const { code, out, err } = await parsed(...argv, '--json');
    expect({ code, said: JSON.parse(out) }).toMatchObject({
      code: 2,
      said: { code: 'USAGE', message: expect.stringContaining(`'${flag} <`) as string },
    });
    expect(err).toContain('It was given before; give it once.');
  });

  it('but where it is may be corrected, and what takes many is given many times', async () => {
    expect(await say('inbox', '--address', 'a:1', '--address', 'b:1')).toMatchObject({ code: 0 });
    const many = await parsed('audit', 'report', '--action', 'refund', '--action', 'sql');
    expect(many.err).not.toContain('given before');
  });
});

it.each([
  { said: 'where no terminal says how wide it is', size: undefined, columns: 80 },
  { said: 'of a wide one', size: { rows: 24, columns: 110 }, columns: 110 },
])('help is as wide as the terminal: $said', async ({ size, columns }) => {
  const streams = { ...kept(), ...(size === undefined ? {} : { size }) };
  await run(commands(streams), ['approve', '--help'], streams);
  const options = streams.said.out.split('\n').filter((line) => /^ {2,}\S/.test(line) && !line.includes('$'));
  const widest = Math.max(...options.map(({ length }) => length));
  expect(widest).toBeLessThanOrEqual(columns);
  expect(widest).toBeGreaterThan(columns - 20);
});

it.each([
  { argv: ['inbox', '--nope'], command: 'countersign inbox' },
  { argv: ['show'], command: 'countersign show' },
  { argv: ['audit', 'show', '--nope'], command: 'countersign audit show' },
  { argv: ['aprove'], command: 'countersign' },
  { argv: ['inbox', '--limit', 'many'], command: 'countersign inbox' },
])('$argv points to the help of $command', async ({ argv, command }) => {
  const { code, err } = await parsed(...argv);
  expect({ code, err }).toMatchObject({
    code: 2,
    err: expect.stringContaining(`\n\`${command} --help\` tells how it is used\n`) as string,
  });
});

it.each([
  ['show', ''],
  ['steps', ' '],
  ['escalations', ''],
  ['result', ''],
  ['feedback', '', '--key', 'k', '--score', '1'],
  ['approve', '', '--digest', 'a'.repeat(64)],
])('%s of a blank id', async (...argv) => {
  expect(await say(...argv)).toMatchObject({
    code: 2,
    err: 'INVALID_INPUT: the workflow id is blank; `countersign inbox` lists what waits\n',
  });
});

it('a service that starts something under a blank id is told, too', async () => {
  const started = fake.countersign.propose({ task: 'x', requester: 'req' }, '');
  await expect(started).rejects.toMatchObject({ code: 'INVALID_INPUT', message: 'the workflow id is blank' });
});

it('a namespace that is not there: what to give instead', async () => {
  Object.assign(fake.countersign, {
    list: () => {
      throw new NamespaceNotFoundError('nope');
    },
  });
  const { code, err } = await say('inbox', '--namespace', 'nope');
  expect(code).toBe(2);
  expect(err).toMatch(
    /^NO_NAMESPACE: there is no namespace nope at this server; name another with --namespace/,
  );
});

it('dev: a file is no place for its state', async () => {
  const file = join(directory.path, 'a-file');
  writeFileSync(file, '');
  for (const data of [file, join(file, 'below')])
    expect(await say('dev', '--data', data)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^INVALID_INPUT: --data takes a directory that can be written/) as string,
    });
});

describe('files that cannot be written, or not as that', () => {
  const nowhere = join(directory.path, 'nowhere', 'file.svg');
  const empty = { chains: async function* () {}, close: async () => undefined };
  const stored = (...argv: string[]) => cli(fake, argv, { data: directory.path, store: empty as never });

  it.each([
    { argv: ['dataset', '--out', nowhere], flag: '--out' },
    { argv: ['calibration', '--picture', nowhere], flag: '--picture' },
  ])('$flag of $argv.0', async ({ argv, flag }) => {
    const { code, err } = await stored(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(new RegExp(`^INVALID_INPUT: ${flag}: cannot write .*nowhere/file.svg: .*ENOENT`));
  });

  it('a picture is SVG, and nothing is written under another name', async () => {
    const png = join(directory.path, 'c.png');
    const { code, err } = await stored('calibration', '--picture', png);
    expect({ code, err }).toMatchObject({
      code: 2,
      err: expect.stringContaining('give a file whose name ends in .svg') as string,
    });
    expect(existsSync(png)).toBe(false);
  });

  it('pairs are of preference', async () => {
    expect(await stored('dataset', '--format', 'evaluation', '--pairs')).toMatchObject({
      code: 2,
      err: 'INVALID_INPUT: --pairs is of preference: evaluation has no pairs\n',
    });
  });
});
