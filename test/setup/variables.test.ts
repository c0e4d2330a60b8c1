/** What the environment may say is told to people: each variable that is read is in a document. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '..', '..');
const read = (...names: string[]) =>
  names.map((name) => readFileSync(path.join(root, name), 'utf8')).join('\n');
const files = (folder: string, ending: RegExp) =>
  readdirSync(path.join(root, folder))
    .filter((name) => ending.test(name))
    .map((name) => path.join(folder, name));
const found = (text: string, name: RegExp) =>
  [...new Set([...text.matchAll(name)].map((match) => match[1]!))].sort();

/** Set by the platform or by Temporal's own tools, and told by them; "COUNTERSIGN_CHECKPOINT_KEY, _ENTRIES and _SECONDS". */
const NOT_OURS = /^(?:HOME|USER|LOGNAME|PATH|TERM|TEMPORAL_(?:DEPLOYMENT_NAME|WORKER_BUILD_ID)|npm_.*)$/;
const SHORT = /^COUNTERSIGN_CHECKPOINT_(?:ENTRIES|SECONDS)$/;

it('those that a command or a worker reads are in the README or in Operations', () => {
  const told = read('README.md', 'docs/operations.md');
  const names = found(
    read('src/config.ts', 'src/config/deployment.ts'),
    /(?:env\[|\(env, |VARIABLE = )'([A-Z_]+)'/g,
  )
    .concat('COUNTERSIGN_TEMPORAL_DOWNLOAD', 'TEMPORAL_CLI_PATH')
    .filter((name) => !NOT_OURS.test(name) && !SHORT.test(name));
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !told.includes(name))).toEqual([]);
});

it('those that the set-up for the tests reads are in Contributing', () => {
  const names = found(
    read(...files('scripts/setup', /\.mjs$/)),
    /process\.env\.([A-Z]+(?:_BIN|_PATH)|PROMTOOL)\b/g,
  );
  expect(names).toEqual(expect.arrayContaining(['CHROMIUM_PATH', 'POSTGRES_BIN', 'PROMTOOL', 'PYTHON_BIN']));
  const told = read('CONTRIBUTING.md');
  expect(names.filter((name) => !told.includes(name))).toEqual([]);
});

it('Operations counts the search attributes that there are', () => {
  const names = found(
    read('src/workflows/messages.ts'),
    /export const Countersign(\w+) = defineSearchAttributeKey/g,
  );
  expect(read('docs/operations.md')).toContain(`# five: ${names.join(', ')}`);
  expect(names).toHaveLength(5);
});
