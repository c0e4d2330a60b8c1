/** The module that COUNTERSIGN_ACTIONS names: every way to write one, every way to start us, every way to be wrong. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadActions } from '../../src/actions/load';

const repository = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign load-'));
const urlOf = (file: string): string => pathToFileURL(path.join(folder, file)).href;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
  return name;
}

const esm = `import { z } from 'zod';
export const databases = { orders: 'file:orders.db' };
export const taskQueues = ['billing'];
export default [{ name: 'ship', input: z.object({}), risk: 'low', run: async () => undefined }];`;
const ts = `${esm}\nexport type Unused = string;`;
const cjs = `const { z } = require('zod');
module.exports = { databases: { orders: 'file:orders.db' }, taskQueues: ['billing'],
  default: [{ name: 'ship', input: z.object({}), risk: 'low', run: async () => undefined }] };`;

symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
write('commonjs/package.json', '{"type":"commonjs"}');
write('module/package.json', '{"type":"module"}');
const files = [
  write('commonjs/a.ts', ts),
  write('commonjs/a.mts', ts),
  write('commonjs/a.mjs', esm),
  write('commonjs/a.cjs', cjs),
  write('commonjs/a.js', cjs),
  write('module/a.ts', ts),
  write('module/a.js', esm),
];

/** What a process that was started like this has loaded. */
function loadedBy(argv: readonly string[]): unknown {
  const out = execFileSync(process.execPath, [...argv, ...files], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(out);
}

const program = `const { loadActions } = require(${JSON.stringify(path.join(repository, 'src/actions/load'))});
Promise.all(process.argv.slice(2).map((file) => loadActions(file, process.cwd()))).then((all) => {
  process.stdout.write(JSON.stringify(all.map(({ actions, databases, taskQueues }) => [actions.map(({ name }) => name), databases.orders.url, taskQueues])));
});`;

test.each([
  {
    started: 'under the tsx of the clone',
    argv: (file: string) => [path.join(repository, 'node_modules/tsx/dist/cli.mjs'), file],
  },
  {
    started: 'with tsx for CommonJS alone',
    argv: (file: string) => ['--require', path.join(repository, 'node_modules/tsx/dist/cjs/index.cjs'), file],
  },
])(
  'every kind of module loads $started',
  ({ argv }) => {
    const file = path.join(folder, write('program.cjs', program));
    expect(loadedBy(argv(file))).toEqual(
      files.map((name) => [['ship'], urlOf(`${path.dirname(name)}/orders.db`), ['billing']]),
    );
  },
  30_000,
);

test('every kind of module loads in plain node, from JavaScript', async () => {
  const { build } = await import('esbuild');
  const file = path.join(folder, 'plain.cjs');
  await build({
    stdin: { contents: program, resolveDir: repository },
    bundle: true,
    platform: 'node',
    packages: 'external',
    format: 'cjs',
    outfile: file,
  });
  expect(loadedBy([file])).toEqual(
    files.map((name) => [['ship'], urlOf(`${path.dirname(name)}/orders.db`), ['billing']]),
  );
}, 30_000);

test('a module loads in jest, and by its absolute path', async () => {
  const { actions, databases, taskQueues } = await loadActions(
    path.join(folder, 'commonjs/a.ts'),
    '/nowhere',
  );
  expect([actions.map(({ name }) => name), databases, taskQueues]).toEqual([
    ['ship'],
    { orders: { url: urlOf('commonjs/orders.db') } },
    ['billing'],
  ]);
});

test('nothing is configured where nothing is named', async () => {
  expect(await loadActions(undefined, folder)).toEqual({
    actions: [],
    databases: {},
    hosts: [],
    taskQueues: undefined,
  });
});

const action = `{ name: 'ship', input: require('zod').z.object({}), risk: 'low', run() {} }`;

test('hosts, and attempts by the arguments, arrive as they are meant', async () => {
  const text = `exports.hosts = ['A.example', { host: '*.a.example:8443', private: true, deduplicates: true }];
    exports.default = [{ ...${action}, attempts: () => 1 }];`;
  const { actions, hosts } = await loadActions(write('hosts.cjs', text), folder);
  expect(hosts).toEqual([
    { host: 'a.example' },
    { host: '*.a.example:8443', private: true, deduplicates: true },
  ]);
  expect(actions[0]).toHaveProperty('attempts', expect.any(Function));
});

test.each([
  { said: 'a relative file', databases: `{ d: 'file:x/y z.db' }`, gives: { url: urlOf('x/y z.db') } },
  { said: 'an escaped one', databases: `{ d: 'file:./y%20z.db' }`, gives: { url: urlOf('y z.db') } },
  { said: 'an absolute one', databases: `{ d: 'file:/tmp/a.db' }`, gives: { url: 'file:///tmp/a.db' } },
  {
    said: 'an absolute URL',
    databases: `{ d: 'file:///tmp/a%20b.db' }`,
    gives: { url: 'file:///tmp/a%20b.db' },
  },
  { said: 'PostgreSQL', databases: `{ d: 'postgres://u:p@h/d' }`, gives: { url: 'postgres://u:p@h/d' } },
  {
    said: 'no preview',
    databases: `{ d: { url: 'file:a.db', preview: false } }`,
    gives: { url: urlOf('a.db'), preview: false },
  },
  {
    said: 'a preview elsewhere',
    databases: `{ d: { url: 'file:a.db', preview: { url: 'file:b.db' } } }`,
    gives: { url: urlOf('a.db'), preview: { url: urlOf('b.db') } },
  },
])('databases: $said', async ({ said, databases, gives }) => {
  const file = write(`${said}.cjs`, `module.exports = { databases: ${databases}, default: [] };`);
  expect((await loadActions(file, folder)).databases).toEqual({ d: gives });
});

test.each([
  {
    said: 'no default',
    text: `exports.databases = {};`,
    error: 'default: must be an array of actions: export default [defineAction({ … })]',
  },
  { said: 'no array', text: `exports.default = ${action};`, error: 'default: must be an array of actions' },
  {
    said: 'a bad name',
    text: `exports.default = [{ ...${action}, name: 'a\\n' }];`,
    error: 'default[0].name: must be 1–200 printable ASCII characters',
  },
  {
    said: 'no schema',
    text: `exports.default = [${action}, { ...${action}, input: {} }];`,
    error: 'default[1].input: must be a zod 4 schema, such as z.object({ … })',
  },
  {
    said: 'a risk of its own',
    text: `exports.default = [{ ...${action}, risk: 'huge' }];`,
    error: 'default[0].risk: ',
  },
  {
    said: 'nothing to run',
    text: `exports.default = [{ ...${action}, run: undefined }];`,
    error:
      "default[0]: needs exactly one of run (a function), dispatch (a function) or effect: 'none'; it has none",
  },
  {
    said: 'two ways to run',
    text: `exports.default = [{ ...${action}, effect: 'none' }];`,
    error: 'it has run and effect',
  },
  {
    said: 'a run that is no function',
    text: `exports.default = [{ ...${action}, run: 1 }];`,
    error: 'default[0].run: must be a function',
  },
  {
    said: 'a misspelt key',
    text: `exports.default = [{ ...${action}, timeOut: '1s' }];`,
    error: 'default[0].timeOut: unknown key',
  },
  {
    said: 'a timeout that is none',
    text: `exports.default = [{ ...${action}, timeout: 'soon' }];`,
    error: 'default[0].timeout: must be a duration',
  },
  {
    said: 'no attempts',
    text: `exports.default = [{ ...${action}, attempts: 0 }];`,
    error: 'default[0].attempts: ',
  },
  {
    said: 'another database',
    text: `exports.default = []; exports.databases = { d: 'mysql://u:secret@h' };`,
    error: 'databases.d: must be a URL that starts with file:, postgres: or postgresql:',
  },
  {
    said: 'a libsql server',
    text: `exports.default = []; exports.databases = { d: 'libsql://h?authToken=secret' };`,
    error:
      'databases.d: libsql: is refused: the functions of that server read and write files, and no preview could be kept inside. Use file: with an SQLite file, or postgres:; or write an action of your own',
  },
  {
    said: 'a libsql server for previews',
    text: `exports.default = []; exports.databases = { d: { url: 'file:a', preview: { url: 'LIBSQL://secret@h' } } };`,
    error: 'databases.d.preview.url: libsql: is refused',
  },
  {
    said: 'a database in memory',
    text: `exports.default = []; exports.databases = { d: 'file::memory:' };`,
    error: 'databases.d: must name a file',
  },
  {
    said: 'previews of another kind',
    text: `exports.default = []; exports.databases = { d: { url: 'file:a', preview: { url: 'postgres://h' } } };`,
    error: 'databases.d: preview.url must be of the same kind',
  },
  {
    said: 'a misspelt option',
    text: `exports.default = []; exports.databases = { d: { url: 'file:a', previews: false } };`,
    error: 'databases.d.previews: unknown key',
  },
  {
    said: 'a host that is a URL',
    text: `exports.default = []; exports.hosts = ['a.example', 'https://a.example'];`,
    error: 'hosts[1]: must be a host such as',
  },
  {
    said: 'a misspelt option of a host',
    text: `exports.default = []; exports.hosts = [{ host: 'a.example', privat: true }];`,
    error: 'hosts[0].privat: unknown key',
  },
  {
    said: 'a header that would be two',
    text: `exports.default = []; exports.hosts = [{ host: 'a.example', headers: { authorization: 'secret\\nX: y' } }];`,
    error: 'hosts[0].headers.authorization: must be at most',
  },
  {
    said: 'a header that would be passed over',
    text: `exports.default = []; exports.hosts = [{ host: 'a.example', headers: { ['__proto__']: 'x' } }];`,
    error: 'hosts[0].headers.__proto__: is no name',
  },
  {
    said: 'a database that would be passed over',
    text: `exports.default = []; exports.databases = { ['__proto__']: { url: 'file:a' } };`,
    error: 'databases.__proto__: is no name',
  },
  {
    said: 'queues that are none',
    text: `exports.default = []; exports.taskQueues = 'billing';`,
    error: 'taskQueues: ',
  },
  { said: 'a throw', text: `throw new Error('no licence');`, error: 'cannot be loaded: no licence' },
  { said: 'bad syntax', text: `exports.default = [;`, error: 'cannot be loaded: ' },
])('refused, naming file and field: $said', async ({ said, text, error }) => {
  const file = write(`bad ${said}.cjs`, text);
  const refusal: unknown = await loadActions(file, folder).catch((e: unknown) => e);
  expect(refusal).toMatchObject({ message: expect.stringContaining(error) as string });
  expect(refusal).toMatchObject({ message: expect.stringContaining(path.join(folder, file)) as string });
  expect(String(refusal)).not.toContain('secret');
});

test.each([
  { said: 'a file that is not there', file: 'none.ts', problem: 'none.ts is not there' },
  {
    said: 'a file that is no module',
    file: 'commonjs/package.json',
    problem: 'package.json is none of .ts, .mts, .js, .mjs, .cjs',
  },
])('$said: it says what COUNTERSIGN_ACTIONS is, with an example', async ({ file, problem }) => {
  const error: unknown = await loadActions(file, folder).catch((e: unknown) => e);
  expect(String(error)).toContain(problem);
  expect(String(error)).toContain('COUNTERSIGN_ACTIONS names the module with your own actions');
  expect(String(error)).toContain("export default [defineAction({ name: 'ship'");
});
