/** One way to read JSON at the command line, whichever flag it is for. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonArgument, type Otherwise } from '../../src/cli/json-argument';
import { temporaryDirectory } from '../support/app';

const directory = temporaryDirectory();
const json = join(directory.path, 'some.json');
const words = join(directory.path, 'words.txt');
beforeAll(() => {
  writeFileSync(json, '{"a":1}\n');
  writeFileSync(words, 'by hand\n');
  mkdirSync(join(directory.path, 'folder'));
});
afterAll(() => {
  directory.remove();
});

it.each<{ given: string; otherwise?: Otherwise; is: unknown }>([
  { given: '{"a":1}', is: { a: 1 } },
  { given: `@${json}`, is: { a: 1 } },
  { given: 'null', is: null },
  { given: '[1]', otherwise: 'file', is: [1] },
  { given: json, otherwise: 'file', is: { a: 1 } },
  { given: `@${json}`, otherwise: 'file', is: { a: 1 } },
  { given: 'by hand', otherwise: 'text', is: 'by hand' },
  { given: '42', otherwise: 'text', is: 42 },
  { given: `@${words}`, otherwise: 'text', is: 'by hand' },
  { given: `@${json}`, otherwise: 'text', is: { a: 1 } },
])('case %# is taken, otherwise $otherwise', ({ given, otherwise, is }) => {
  expect(jsonArgument('--x', given, otherwise)).toEqual(is);
});

it.each<{ given: string; otherwise?: Otherwise; says: RegExp }>([
  { given: '{', says: /^--x is not JSON: .* Give JSON, @file, or - for standard input$/s },
  { given: json, says: /^--x is not JSON: / },
  { given: '@nowhere.json', says: /^--x: .*ENOENT/ },
  { given: 'nowhere.json', otherwise: 'file', says: /^--x: .*ENOENT/ },
  {
    given: '{"a":',
    otherwise: 'file',
    says: /^--x is not JSON: .* Give JSON, a file, @file, or - for standard input$/s,
  },
  { given: words, otherwise: 'file', says: /^--x is not JSON: / },
  { given: join(directory.path, 'folder'), otherwise: 'file', says: /^--x: .*EISDIR/ },
  { given: '@nowhere', otherwise: 'text', says: /^--x: .*ENOENT/ },
])('case %# is refused, otherwise $otherwise', ({ given, otherwise, says }) => {
  expect(() => jsonArgument('--x', given, otherwise)).toThrow(
    expect.objectContaining({
      exit: 2,
      code: 'INVALID_INPUT',
      message: expect.stringMatching(says) as string,
    }) as Error,
  );
});
