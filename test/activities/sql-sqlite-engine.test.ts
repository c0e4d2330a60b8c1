/** The engine behind `file:` databases: what it brings, how it is opened, what its process knows and leaves behind. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, DatabaseSync } from '@photostructure/sqlite';
import Database from 'libsql';
import { createSql } from '../../src/actions/sql';
import { guardOf } from '../../src/actions/sql-sqlite-authorizer';
import { FUNCTION_GROUPS, FUNCTIONS } from '../../src/actions/sql-sqlite-functions';
import { openFile } from '../../src/actions/sql-sqlite-process';
import { sandbox } from '../support/sandbox';

const signal = new AbortController().signal;
const linux = process.platform === 'linux' ? test : test.skip;

/** What the engine has beside the list: a new one in a new version is to be looked at, and named here or there. */
const NOT_CALLED = [
  // Load code, write the engine's log, take an address.
  'load_extension sqlite_log fts3_tokenizer fts5',
  // Run statements of their own, or show what is inside of a table's index.
  'rtreecheck rtreedepth rtreenode optimize matchinfo offsets',
  // Tell of the build, or of the engine's own marks on values.
  'sqlite_compileoption_get sqlite_compileoption_used sqlite_source_id fts5_source_id subtype fts5_get_locale fts5_insttoken fts5_locale',
  // Polygons, for which nobody has asked.
  'geopoly_area geopoly_bbox geopoly_blob geopoly_ccw geopoly_contains_point geopoly_debug geopoly_group_bbox geopoly_json geopoly_overlap geopoly_regular geopoly_svg geopoly_within geopoly_xform',
].flatMap((names) => names.split(' '));

test('the list and the engine know the same functions, but for those that nobody may call', () => {
  const database = new DatabaseSync(':memory:');
  const found = database.prepare('SELECT DISTINCT name FROM pragma_function_list').all() as {
    name: string;
  }[];
  database.close();
  const names = found.map(({ name }) => name);
  expect(names.filter((name) => !FUNCTIONS.has(name)).sort()).toEqual([...NOT_CALLED].sort());
  expect([...FUNCTIONS].filter((name) => !names.includes(name))).toEqual([]);
});

test('docs/sql.md names the functions of the list, group by group', () => {
  const page = readFileSync(path.resolve(__dirname, '../../docs/sql.md'), 'utf8');
  const [before = ''] = page.split('## PostgreSQL');
  const rows = [...before.matchAll(/^- ([^:*]+): `([^`]+)`$/gm)].map(([, group, names]) => [group, names]);
  expect(Object.fromEntries(rows)).toEqual(FUNCTION_GROUPS);
});

test('whatever the engine may ask in a later version, the answer is no', () => {
  const names = { tables: new Set(['items']), modules: new Set<string>() };
  const allowed = (verb: 'SELECT' | 'CREATE', action: number): boolean =>
    guardOf(verb, names).check(action, 'items', 'items', 'main') === constants.SQLITE_OK;
  const actions = Array.from({ length: 1_000 }, (_, action) => action);
  const { SQLITE_SELECT, SQLITE_RECURSIVE, SQLITE_READ, SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE } =
    constants;
  const always = [SQLITE_SELECT, SQLITE_RECURSIVE, SQLITE_READ, SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE];
  const making = [
    constants.SQLITE_CREATE_TABLE,
    constants.SQLITE_CREATE_INDEX,
    constants.SQLITE_CREATE_VIEW,
    constants.SQLITE_REINDEX,
  ];
  expect(actions.filter((action) => allowed('SELECT', action)).sort()).toEqual([...always].sort());
  expect(actions.filter((action) => allowed('CREATE', action)).sort()).toEqual([...always, ...making].sort());
});

test('a connection writes through to the disk, takes no other file, and lets nobody write the schema', () => {
  const box = sandbox(['PRAGMA journal_mode = WAL', 'CREATE TABLE items (id INTEGER)']);
  const database = openFile(box.url, 100);
  const pragma = (name: string): unknown =>
    Object.values(database.prepare(`PRAGMA ${name}`).all()[0] as object)[0];
  expect([pragma('journal_mode'), pragma('synchronous'), pragma('trusted_schema')]).toEqual(['wal', 2, 0]);
  expect(pragma('foreign_keys')).toBe(1);
  for (const statement of [
    `ATTACH '${box.folder}/other.db' AS o`,
    `VACUUM INTO '${box.folder}/copy.db'`,
    "ATTACH '' AS o",
  ]) {
    expect(() => {
      database.exec(statement);
    }).toThrow('too many attached databases - max 0');
  }
  database.exec('PRAGMA writable_schema = ON');
  expect(() => {
    database.exec("UPDATE sqlite_master SET sql = 'x'");
  }).toThrow('may not be modified');
  database.close();
  box.close();
});

test('what libsql has written with a write-ahead log is read and written, and libsql reads it again', async () => {
  const box = sandbox([
    'PRAGMA journal_mode = WAL',
    'CREATE TABLE items (id INTEGER PRIMARY KEY, note TEXT)',
    "INSERT INTO items VALUES (1, 'one')",
  ]);
  const file = fileURLToPath(box.url);
  // It stays open, so that its row is in the log alone.
  const theirs = new Database(file);
  theirs.exec("INSERT INTO items VALUES (2, 'two')");
  expect(existsSync(`${file}-wal`)).toBe(true);
  const sql = createSql({ orders: { url: box.url } });
  const insert = {
    database: 'orders',
    statement: "INSERT INTO items SELECT max(id) + 1, 'three' FROM items RETURNING id",
  };
  expect(await sql.action.preview?.(insert, { signal })).toEqual({ rowsAffected: 1 });
  expect(theirs.prepare('SELECT count(*) AS n FROM items').get()).toMatchObject({ n: 2 });
  expect(await sql.action.run(insert, { key: 'k', workflowId: 'wf', digest: 'd', signal })).toEqual({
    rowsAffected: 1,
    rows: [{ id: 3 }],
  });
  expect(theirs.prepare('SELECT count(*) AS n FROM items').get()).toMatchObject({ n: 3 });
  theirs.close();
  await sql.close();
  box.close();
});

test.each([
  {
    calls: 'libsql_vector_idx',
    schema: ['CREATE TABLE t (a F32_BLOB(3))', 'CREATE INDEX i ON t (libsql_vector_idx(a))'],
  },
  { calls: 'regexp', schema: ["CREATE TABLE t (a CHECK (a regexp 'x'))"] },
])(
  "a schema that calls libsql's own $calls opens, and what reaches that table fails, and says why",
  async ({ calls, schema }) => {
    const box = sandbox([...schema, 'CREATE TABLE items (id INTEGER)']);
    const sql = createSql({ orders: { url: box.url } });
    const preview = (statement: string): unknown =>
      sql.action.preview?.({ database: 'orders', statement }, { signal });
    expect(await preview('INSERT INTO items VALUES (1)')).toEqual({ rowsAffected: 1 });
    await expect(preview("INSERT INTO t VALUES (x'00')")).rejects.toMatchObject({
      name: 'PermanentError',
      message: `database orders: SQLITE_ERROR: unknown function: ${calls}()`,
    });
    await sql.close();
    box.close();
  },
);

test('a value that no placeholder takes is refused, and nothing runs', async () => {
  const box = sandbox(['CREATE TABLE items (id INTEGER)']);
  const sql = createSql({ orders: { url: box.url } });
  const before = box.inside();
  const args = { database: 'orders', statement: 'INSERT INTO items VALUES (?)', parameters: [1, 2] };
  await expect(
    sql.action.run(args, { key: 'k', workflowId: 'wf', digest: 'd', signal }),
  ).rejects.toMatchObject({
    name: 'PermanentError',
    message: 'database orders: SQLITE_RANGE: column index out of range',
  });
  expect(box.inside()).toEqual(before);
  await sql.close();
  box.close();
});

test.each([
  {
    said: 'a text that is longer than any',
    statement: 'SELECT hex(zeroblob(200000000))',
    says: 'string or blob too big',
  },
  { said: 'bytes', statement: 'SELECT zeroblob(300000000)', says: 'string or blob too big' },
])(
  'a value that nobody could be shown ends the attempt, and is not tried again: $said',
  async ({ statement, says }) => {
    const box = sandbox(['CREATE TABLE items (id INTEGER)']);
    const sql = createSql({ orders: { url: box.url } });
    const key = { key: 'k', workflowId: 'wf', digest: 'd', signal };
    await expect(sql.action.run({ database: 'orders', statement }, key)).rejects.toMatchObject({
      name: 'PermanentError',
      message: `database orders: ${says}`,
    });
    const broken = { database: 'orders', statement: "SELECT CAST(x'ff41' AS TEXT) AS v" };
    expect(await sql.action.run(broken, key)).toEqual({ rowsAffected: 0, rows: [{ v: '\ufffdA' }] });
    await sql.close();
    box.close();
  },
);

test('a preview leaves no file of a write-ahead log', async () => {
  const box = sandbox(['PRAGMA journal_mode = WAL', 'CREATE TABLE items (id INTEGER PRIMARY KEY)']);
  const sql = createSql({ orders: { url: box.url } });
  const before = Object.keys(box.beside());
  for (const statement of [
    'INSERT INTO items VALUES (1)',
    'INSERT INTO nowhere VALUES (1)',
    'INSERT INTO items SELECT 1 UNION ALL SELECT 1 RETURNING id',
  ]) {
    await sql.action.preview?.({ database: 'orders', statement }, { signal }).catch(() => undefined);
    expect(Object.keys(box.beside())).toEqual(before);
  }
  await sql.close();
  box.close();
});

/** The processes that this one has started for SQLite. */
function children(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return (
        parent === String(process.pid) &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sql-sqlite-process')
      );
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

linux('its process knows none of our settings, nobody’s secrets, and holds no database open', async () => {
  process.env['COUNTERSIGN_STORE'] = 'postgres://u:hidden@h/d';
  process.env['PARTNER_TOKEN'] = 'hidden';
  process.env['TZ'] = 'Europe/Lisbon';
  const box = sandbox(['CREATE TABLE items (id INTEGER PRIMARY KEY)']);
  const sql = createSql({ orders: { url: box.url } });
  await sql.action.preview?.({ database: 'orders', statement: 'INSERT INTO items VALUES (1)' }, { signal });
  const [child, ...more] = children();
  expect([child, more]).toEqual([expect.any(String), []]);
  const known = readFileSync(`/proc/${child ?? ''}/environ`, 'utf8')
    .split('\0')
    .filter((line) => line !== '');
  const allowed =
    /^(?:TZ|TMPDIR|SQLITE_TMPDIR|TEMP|TMP|SystemRoot|LD_LIBRARY_PATH|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE)=/;
  expect(known.filter((line) => !allowed.test(line))).toEqual([]);
  expect(known).toContain('TZ=Europe/Lisbon');
  const open = readdirSync(`/proc/${child ?? ''}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${child ?? ''}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  expect(open.filter((name) => name.includes(box.folder))).toEqual([]);
  await sql.close();
  expect(children()).toEqual([]);
  box.close();
});
