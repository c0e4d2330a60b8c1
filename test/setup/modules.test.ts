// node_modules from the lockfile, by a pretended npm that leaves a note of each call.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Machine, repository } from './machine';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => {
  machine.remove();
});

const LOCKFILE = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } };

function npm(seconds = 0): void {
  machine.script(
    'npm',
    `echo "$*" >> "${machine.directory}/calls"\n/bin/sleep ${seconds}\n/bin/mkdir -p node_modules`,
  );
}
const calls = (): string[] =>
  existsSync(`${machine.directory}/calls`)
    ? readFileSync(`${machine.directory}/calls`, 'utf8').trim().split('\n')
    : [];
const setUp = (root: string, ...args: string[]): ReturnType<Machine['node']> =>
  machine.node([path.join(root, 'scripts/setup.mjs'), '--only=modules', ...args], { NODE_ENV: 'production' });

test('installs what is missing, with what the tests need, and then has nothing to do', async () => {
  const root = machine.checkout(LOCKFILE);
  npm();
  expect((await setUp(root, '--json')).stdout).toBe('{"modules":{"state":"installed"}}\n');
  expect(calls()).toEqual([expect.stringMatching(/^ci --ignore-scripts --include=dev /)]);
  const again = await setUp(root, '--json', '--quiet');
  expect([again.stdout, again.stderr, calls().length]).toEqual(['{"modules":{"state":"present"}}\n', '', 1]);
});

test('installs again when the lockfile has changed', async () => {
  const root = machine.checkout(LOCKFILE);
  npm();
  await setUp(root);
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ ...LOCKFILE, name: 'changed' }));
  await setUp(root);
  expect(calls()).toHaveLength(2);
});

test.each([
  { said: 'complete', version: '1.0.0', installs: 0 },
  { said: 'of another version', version: '0.9.0', installs: 1 },
])('modules installed by hand, $said: $installs installs', async ({ version, installs }) => {
  const root = machine.checkout(LOCKFILE);
  npm();
  mkdirSync(path.join(root, 'node_modules'));
  const record = { packages: { 'node_modules/a': { version } } };
  writeFileSync(path.join(root, 'node_modules/.package-lock.json'), JSON.stringify(record));
  await setUp(root);
  expect(calls()).toHaveLength(installs);
});

test('two set-ups at once install once', async () => {
  const root = machine.checkout(LOCKFILE);
  npm(1);
  const both = await Promise.all([setUp(root), setUp(root)]);
  expect([both.map(({ code }) => code), calls().length]).toEqual([[0, 0], 1]);
});

test('a lock left by a process that is gone holds nobody up', async () => {
  const root = machine.checkout(LOCKFILE);
  npm();
  const lock = path.join(root, '.countersign/setup.lock');
  mkdirSync(lock, { recursive: true });
  const { stdout } = await machine.node(['-p', 'JSON.stringify({ pid: process.pid, host: os.hostname() })']);
  writeFileSync(path.join(lock, 'owner.json'), stdout);
  const { code, milliseconds } = await setUp(root);
  expect([code, calls().length, existsSync(lock)]).toEqual([0, 1, false]);
  expect(milliseconds).toBeLessThan(10_000); // by the process, not by the lock's age
});

test('a failing npm is told in its own words, without addresses', async () => {
  const root = machine.checkout(LOCKFILE);
  machine.script(
    'npm',
    'printf "npm error code E403\\nnpm error 403 Forbidden - GET https://registry.test/a\\n" >&2; exit 1',
  );
  const { stderr, code } = await setUp(root);
  expect(code).toBe(1);
  expect(stderr).toContain('node_modules could not be installed: E403: 403 Forbidden - GET <address>');
});

test('the command line is checked', async () => {
  const { code, stdout, stderr } = await machine.setUp(['--only=everything']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(
    '--only=everything is none of modules, server, chromium, postgres, promtool, python, test',
  );
});

describe('bin/countersign', () => {
  test('runs from a clone, through a link, in any directory, with positions in the source', async () => {
    const linked = ['node_modules', 'tsconfig.json', 'package.json'];
    const root = machine.checkout({}, { copied: ['bin', 'package-lock.json'], linked });
    mkdirSync(path.join(root, 'src/cli'), { recursive: true });
    const main = `interface Erased { a: 1 }
      export async function main(argv: string[]): Promise<number> {
        console.log(argv.join(' '), new Error('here').stack!.split('\\n')[1]!.trim());
        return 3;
      }`;
    writeFileSync(path.join(root, 'src/cli/main.ts'), main);
    const elsewhere = machine.makeDirectory('elsewhere');
    writeFileSync(path.join(elsewhere, 'tsconfig.json'), '{ broken');
    const link = machine.script('countersign', `exec "${process.execPath}" "${root}/bin/countersign" "$@"`);
    expect(link).toBe(path.join(machine.bin, 'countersign'));
    const { stdout, stderr, code } = await machine.node(
      [path.join(root, 'bin/countersign'), 'a', 'b'],
      {},
      elsewhere,
    );
    expect({ stderr, code }).toEqual({ stderr: '', code: 3 });
    expect(stdout).toMatch(/^a b at main \(.*src\/cli\/main\.ts:3:\d+\)\n$/);
  });

  test('says which Node.js it needs', async () => {
    const old = path.join(machine.directory, 'old.js');
    writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '20.18.3' });");
    const { code, stderr } = await machine.node(['-r', old, path.join(repository, 'bin/countersign')]);
    expect([code, stderr]).toEqual([2, 'Countersign needs Node.js 20.19 or newer, and this is 20.18.3.\n']);
  });
});
