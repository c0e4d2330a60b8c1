/** docs/security.md names a test for each thing it says; each is there, by that name. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/app';

const DOC = readFileSync(path.join(ROOT, 'docs/security.md'), 'utf8');

/** `file`: “name”; “another of the same file”. */
function named(doc: string): { file: string; name: string }[] {
  let file = '';
  return [...doc.matchAll(/`(test\/[^`]+\.ts)`|“([^”]+)”/g)].flatMap(([, path, name]) => {
    if (path !== undefined) file = path;
    return name === undefined ? [] : [{ file, name }];
  });
}
const NAMED = named(DOC);

it.each(NAMED)('$file: $name', ({ file, name }) => {
  const source = readFileSync(path.join(ROOT, file), 'utf8');
  const quotes = [`'${name}'`, `"${name}"`, `\`${name}\``];
  expect(quotes.some((quoted) => source.includes(quoted))).toBe(true);
});

it('each row of its tables names one', () => {
  const rows = DOC.split('\n').filter((line) => /^\| (?!who|what was tried|-)/.test(line));
  expect(rows.length).toBeGreaterThanOrEqual(20);
  for (const row of rows) expect({ row, tests: named(row).length > 0 }).toEqual({ row, tests: true });
});
