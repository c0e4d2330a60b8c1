/** Where a directory cannot be made it is said at once, and nothing waits or spins. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startDevServer } from '../../src/cli/dev-server';
import { makeDirectory } from '../../src/store/directory';

const directory = mkdtempSync(path.join(os.tmpdir(), 'countersign-directory-'));
const file = path.join(directory, 'file');

beforeAll(() => {
  writeFileSync(file, '');
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const here = existsSync('/proc/self') ? test : test.skip;
const started = (dataDir: string) =>
  startDevServer({
    dataDir,
    port: 0,
    uiPort: 0,
    headless: true,
    say: () => undefined,
    leave: new AbortController().signal,
  });

test('what is missing is made, once and again', () => {
  const deep = path.join(directory, 'a', 'b', 'c');
  makeDirectory(deep);
  makeDirectory(deep);
  expect(existsSync(deep)).toBe(true);
});

test.each([
  ['a file', file],
  ['below a file', path.join(file, 'below', 'it')],
])('%s is no data directory', async (_, dataDir) => {
  await expect(started(dataDir)).rejects.toThrow(/nothing can be kept in the data directory: .*file/);
});

here('a file system that makes none is told, rather than asked for ever', async () => {
  expect(() => {
    makeDirectory('/proc/nope/data');
  }).toThrow('the directory /proc/nope cannot be made');
  await expect(started('/proc/nope')).rejects.toThrow(
    /the directory \/proc\/nope cannot be made: .*; choose another with --data/,
  );
});
