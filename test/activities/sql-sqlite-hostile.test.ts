/**
 * Statements on SQLite that reach for something beside the tables of the database: nothing outside is read or written
 * and nothing inside changes, neither in the preview, before anybody has approved, nor in the run, after.
 */
import { createSql, type Sql } from '../../src/actions/sql';
import { type Sandbox, sandbox, SECRET } from '../support/sandbox';

/** `$` is the folder. What libsql has stored here may name its file functions: it is all in the database's schema. */
const schema = [
  'CREATE TABLE items (id INTEGER PRIMARY KEY, note TEXT)',
  "INSERT INTO items VALUES (1, 'one'), (2, 'two')",
  'CREATE VIRTUAL TABLE docs USING fts5(body)',
  "INSERT INTO docs VALUES ('hello world')",
  'CREATE VIRTUAL TABLE areas USING rtree(id, low, high)',
  "CREATE VIEW leak AS SELECT CAST(readfile('$/secret.txt') AS TEXT) AS it",
  "CREATE VIEW loader AS SELECT load_extension('$/evil') AS it",
  'CREATE TABLE bait (a)',
  "CREATE TRIGGER spring AFTER INSERT ON bait BEGIN SELECT writefile('$/reviewers.yaml', 'mallory'); END",
  'CREATE TABLE trap (a)',
  'CREATE TRIGGER thief AFTER INSERT ON trap BEGIN DELETE FROM countersign_effects; END',
  "CREATE TABLE defaulted (a, b DEFAULT (readfile('$/secret.txt')))",
  `CREATE TABLE countersign_effects (key TEXT PRIMARY KEY NOT NULL, workflow_id TEXT NOT NULL,
    digest TEXT NOT NULL, result TEXT, at TEXT NOT NULL DEFAULT 'then')`,
  `INSERT INTO countersign_effects (key, workflow_id, digest, result) VALUES ('paid', 'wf', 'd', '{"rowsAffected":1}')`,
  'ANALYZE',
];

interface Row {
  readonly said: string;
  readonly statement: string;
  /** Part of the refusal. */
  readonly says: string;
}

const none = 'no such function: ';
const noTable = 'no such table: ';
const call = 'it calls the function ';
const reads = 'it reads ';
const verb = 'a statement must begin with one of';
const LOAD = `${call}load_extension, which is not on the list`;
const keys = 'it changes countersign_effects, which holds the idempotency keys';
const named = 'only a SELECT may name it';

const fileFunctions: Row[] = [
  {
    said: 'a file read',
    statement: "WITH x(a) AS (SELECT readfile('$/secret.txt')) SELECT a FROM x",
    says: `${none}readfile`,
  },
  {
    said: 'a file read into a row',
    statement: "INSERT INTO items SELECT 9, readfile('$/secret.txt')",
    says: `${none}readfile`,
  },
  {
    said: 'a file read by an update',
    statement: "UPDATE items SET note = CAST(readfile('$/secret.txt') AS TEXT)",
    says: `${none}readfile`,
  },
  {
    said: 'a file written by a select',
    statement: "SELECT writefile('$/reviewers.yaml', 'mallory')",
    says: `${none}writefile`,
  },
  {
    said: 'a link made',
    statement: "WITH x AS (SELECT writefile('$/link', '/etc/passwd', 41471)) SELECT * FROM x",
    says: `${none}writefile`,
  },
  {
    said: 'a folder listed',
    statement: "WITH f AS (SELECT name, data FROM fsdir('$')) SELECT * FROM f",
    says: `${noTable}fsdir`,
  },
  { said: 'file modes told', statement: 'SELECT lsmode(33188)', says: `${none}lsmode` },
  {
    said: 'an editor started',
    statement: "UPDATE items SET note = edit(note, 'touch $/edited')",
    says: `${none}edit`,
  },
  { said: 'an archive written', statement: "SELECT writefile('$/a.zip', zipfile('a', 'b'))", says: none },
  {
    said: 'an archive read',
    statement: "WITH z AS (SELECT * FROM zipfile('$/other.db')) SELECT * FROM z",
    says: `${noTable}zipfile`,
  },
  {
    said: 'a file read by another extension',
    statement: "SELECT fileio_read('$/secret.txt')",
    says: `${none}fileio_read`,
  },
  { said: 'text run as SQL', statement: "SELECT eval('DELETE FROM items')", says: `${none}eval` },
  {
    said: 'a query in a hash',
    statement: "SELECT sha3_query('SELECT readfile(''$/secret.txt'')')",
    says: `${none}sha3_query`,
  },
  { said: "the engine's log written", statement: "SELECT sqlite_log(1, 'x')", says: `${call}sqlite_log` },
  {
    said: 'a tokenizer given by address',
    statement: "SELECT fts3_tokenizer('simple', x'0000000000000000')",
    says: `${call}fts3_tokenizer`,
  },
  {
    said: 'a function that runs statements of its own',
    statement: "WITH r AS (SELECT rtreecheck('areas')) SELECT * FROM r",
    says: `${call}rtreecheck`,
  },
];

const hidden: Row[] = [
  { said: 'an extension loaded', statement: "SELECT load_extension('$/evil')", says: LOAD },
  {
    said: 'with an entry point',
    statement: "WITH x AS (SELECT load_extension('$/evil', 'init')) SELECT * FROM x",
    says: LOAD,
  },
  { said: 'quoted', statement: `WITH x AS (SELECT "load_extension"('$/evil')) SELECT * FROM x`, says: LOAD },
  { said: 'in brackets', statement: "SELECT [load_extension]('$/evil')", says: LOAD },
  { said: 'in back ticks', statement: "SELECT `load_extension`('$/evil')", says: LOAD },
  {
    said: 'in other letters, behind a comment',
    statement: "WITH x AS (SELECT LoAd_ExTeNsIoN/* it */\n(--\n'$/evil')) SELECT * FROM x",
    says: LOAD,
  },
  {
    said: 'in a condition',
    statement: "DELETE FROM items WHERE id IN (SELECT load_extension('$/evil'))",
    says: LOAD,
  },
  { said: 'in an order', statement: "SELECT id FROM items ORDER BY load_extension('$/evil')", says: LOAD },
  {
    said: 'in a join that is never reached',
    statement: "SELECT 1 FROM items LEFT JOIN items AS b ON 0 AND load_extension('$/evil')",
    says: LOAD,
  },
  {
    said: 'in an upsert',
    statement:
      "INSERT INTO items VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = load_extension('$/evil')",
    says: LOAD,
  },
  { said: 'in RETURNING', statement: "DELETE FROM items RETURNING load_extension('$/evil')", says: LOAD },
  {
    said: 'in a filter',
    statement: "SELECT sum(id) FILTER (WHERE load_extension('$/evil')) OVER () FROM items",
    says: LOAD,
  },
  {
    said: 'in the source of an update',
    statement: "UPDATE items SET note = s.a FROM (SELECT load_extension('$/evil') AS a) AS s",
    says: LOAD,
  },
  { said: 'in a check', statement: 'CREATE TABLE n (a CHECK (load_extension(a)))', says: 'load_extension' },
  {
    said: 'in a generated column',
    statement: 'CREATE TABLE n (a, b AS (load_extension(a)))',
    says: 'load_extension',
  },
  {
    said: 'in an index',
    statement: 'CREATE INDEX n ON items (load_extension(note))',
    says: 'load_extension',
  },
  {
    said: 'in the rows of a new table',
    statement: "CREATE TABLE n AS SELECT load_extension('$/evil') AS a",
    says: LOAD,
  },
  {
    said: 'in a view that is there',
    statement: 'WITH x AS (SELECT it FROM loader) SELECT * FROM x',
    says: 'unsafe use of load_extension()',
  },
];

const stored: Row[] = [
  { said: 'a view that reads a file', statement: 'SELECT it FROM leak', says: `${none}readfile` },
  {
    said: 'the same, before approval',
    statement: 'WITH x AS (SELECT it FROM leak) SELECT * FROM x',
    says: `${none}readfile`,
  },
  {
    said: 'a trigger that writes a file',
    statement: 'INSERT INTO bait VALUES (1)',
    says: `${none}writefile`,
  },
  {
    said: 'a default that reads a file',
    statement: 'INSERT INTO defaulted (a) VALUES (1)',
    says: 'readfile',
  },
  { said: 'a trigger that takes the keys', statement: 'INSERT INTO trap VALUES (1)', says: keys },
];

const virtual: Row[] = [
  {
    said: 'a file as a table',
    statement: "CREATE VIRTUAL TABLE n USING csv(filename='$/secret.txt')",
    says: 'CREATE VIRTUAL TABLE',
  },
  {
    said: 'pages as a table',
    statement: 'CREATE VIRTUAL TABLE n USING dbstat',
    says: 'CREATE VIRTUAL TABLE',
  },
  {
    said: 'a full-text table',
    statement: 'CREATE VIRTUAL TABLE n USING fts5(a)',
    says: 'CREATE VIRTUAL TABLE',
  },
  {
    said: 'the pages that every database has',
    statement: 'WITH x AS (SELECT name FROM dbstat) SELECT * FROM x',
    says: `${reads}dbstat`,
  },
  {
    said: 'the same, with no column, quoted',
    statement: 'WITH x AS (SELECT count(*) FROM "DBSTAT") SELECT * FROM x',
    says: `${reads}DBSTAT`,
  },
  {
    said: 'the same, under the cover of a table of that name',
    statement: 'CREATE TABLE dbstat AS SELECT * FROM dbstat',
    says: `${reads}dbstat`,
  },
  {
    said: 'pages written',
    statement: "INSERT INTO sqlite_dbpage VALUES (1, x'00')",
    says: `${noTable}sqlite_dbpage`,
  },
  {
    said: 'statements of the connection',
    statement: 'SELECT * FROM sqlite_stmt',
    says: `${noTable}sqlite_stmt`,
  },
  {
    said: 'a series',
    statement: 'WITH s AS (SELECT value FROM generate_series(1, 3)) SELECT * FROM s',
    says: `${noTable}generate_series`,
  },
  {
    said: 'a tokenizer as a table',
    statement: "SELECT * FROM fts3tokenize('simple', 'a b')",
    says: 'fts3tokenize',
  },
  {
    said: 'what stands behind a full-text table',
    statement: "INSERT INTO docs_data VALUES (1, x'00')",
    says: 'docs_data may not be modified',
  },
  {
    said: 'the settings of a full-text table',
    statement: "UPDATE docs_config SET v = 'x'",
    says: 'docs_config may not be modified',
  },
];

const pragmas: Row[] = [
  { said: 'the schema made writable', statement: 'PRAGMA writable_schema = ON', says: verb },
  { said: 'temporary files moved', statement: "PRAGMA temp_store_directory = '$/keys'", says: verb },
  { said: 'data files moved', statement: "PRAGMA data_store_directory = '$/keys'", says: verb },
  {
    said: 'paths told, as a table',
    statement: 'WITH x AS (SELECT file FROM pragma_database_list) SELECT * FROM x',
    says: `${reads}pragma_database_list`,
  },
  {
    said: 'with no column',
    statement: 'SELECT count(*) FROM [Pragma_Database_List]',
    says: `${reads}Pragma_Database_List`,
  },
  {
    said: 'modules told',
    statement: 'WITH x AS (SELECT name FROM pragma_module_list) SELECT * FROM x',
    says: `${reads}pragma_module_list`,
  },
  {
    said: 'functions told',
    statement: 'SELECT name FROM pragma_function_list',
    says: `${reads}pragma_function_list`,
  },
  {
    said: 'a check of every page',
    statement: 'WITH x AS (SELECT * FROM pragma_integrity_check) SELECT * FROM x',
    says: `${reads}pragma_integrity_check`,
  },
  {
    said: 'the journal turned off, as a table',
    statement: "SELECT * FROM pragma_journal_mode('OFF')",
    says: 'pragma_journal_mode',
  },
];

const elsewhere: Row[] = [
  { said: 'another database', statement: "ATTACH '$/other.db' AS other", says: verb },
  {
    said: 'a table of another database',
    statement: 'WITH x AS (SELECT it FROM other.secrets) SELECT * FROM x',
    says: `${noTable}other.secrets`,
  },
  { said: 'a copy written', statement: "VACUUM INTO '$/copy.db'", says: verb },
  { said: 'a temporary table', statement: 'CREATE TEMP TABLE n (a)', says: 'sqlite_temp_master' },
  { said: 'a temporary view', statement: 'CREATE TEMP VIEW n AS SELECT 1', says: 'sqlite_temp_master' },
  {
    said: 'the temporary schema',
    statement: 'WITH x AS (SELECT name FROM temp.sqlite_master) SELECT * FROM x',
    says: `${reads}sqlite_temp_master`,
  },
  {
    said: 'a trigger',
    statement: "CREATE TRIGGER n AFTER INSERT ON items BEGIN SELECT load_extension('$/evil'); END",
    says: 'only one statement',
  },
  {
    said: 'a row of the schema written',
    statement: "INSERT INTO sqlite_master VALUES ('table', 'n', 'n', 2, 'CREATE TABLE n (a)')",
    says: 'sqlite_master',
  },
  {
    said: 'the schema rewritten',
    statement: "UPDATE sqlite_schema SET sql = 'CREATE TABLE items (a)' WHERE name = 'items'",
    says: 'sqlite_master',
  },
  {
    said: 'the schema emptied',
    statement:
      "WITH x AS (SELECT 'items' AS a) DELETE FROM main.sqlite_master WHERE name IN (SELECT a FROM x)",
    says: 'sqlite_master',
  },
  {
    said: 'statistics forged',
    statement: "UPDATE sqlite_stat1 SET stat = '1 1 1'",
    says: 'it writes to sqlite_stat1',
  },
];

const effects: Row[] = [
  {
    said: 'keys deleted, under a name in single quotes',
    statement: "DELETE FROM 'countersign_effects'",
    says: keys,
  },
  {
    said: 'a key forged',
    statement:
      "INSERT INTO 'countersign_effects' (key, workflow_id, digest, result) VALUES ('k', 'w', 'd', '1')",
    says: keys,
  },
  {
    said: 'a key replaced',
    statement: "REPLACE INTO main.'countersign_effects' (key, workflow_id, digest) VALUES ('paid', 'w', 'd')",
    says: keys,
  },
  {
    said: 'a result changed',
    statement: "UPDATE OR IGNORE 'Countersign_Effects' SET result = '2'",
    says: keys,
  },
  { said: 'in back ticks', statement: 'UPDATE `countersign_effects` SET result = 1', says: named },
  {
    said: 'in brackets, behind a CTE',
    statement: "WITH x AS (SELECT 1) INSERT INTO [countersign_effects] (key) SELECT 'k' FROM x",
    says: named,
  },
  { said: 'the table dropped', statement: "DROP TABLE 'countersign_effects'", says: keys },
  { said: 'the table renamed', statement: "ALTER TABLE 'countersign_effects' RENAME TO gone", says: keys },
  {
    said: 'another table put in its place',
    statement: "ALTER TABLE items RENAME TO 'countersign_effects'",
    says: 'already another table',
  },
  {
    said: 'an index that refuses the next key',
    statement: "CREATE UNIQUE INDEX n ON 'countersign_effects' (digest)",
    says: keys,
  },
  {
    said: 'a temporary table before it',
    statement: "CREATE TEMP TABLE 'countersign_effects' (key)",
    says: 'sqlite_temp_master',
  },
];

const all = { fileFunctions, hidden, stored, virtual, pragmas, elsewhere, effects };
const signal = new AbortController().signal;
let box: Sandbox;
let sql: Sql;

const filled = (statement: string): string => statement.replaceAll('$', box.folder);
const preview = (statement: string): Promise<unknown> =>
  Promise.resolve(sql.action.preview?.({ database: 'orders', statement: filled(statement) }, { signal }));
const run = async (statement: string, key = 'attack'): Promise<unknown> =>
  sql.action.run(
    { database: 'orders', statement: filled(statement) },
    { key, workflowId: 'wf', digest: 'd', signal },
  );
const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

beforeAll(() => {
  box = sandbox(schema);
  sql = createSql({ orders: { url: box.url } });
});

afterAll(async () => {
  await sql.close();
  box.close();
});

test('a statement that would write the directory of reviewers writes nothing: not when it is previewed, not when it is approved', async () => {
  const attack = "WITH x(a) AS (SELECT writefile('$/reviewers.yaml', 'people: [mallory]')) SELECT a FROM x";
  const before = box.beside();
  const answers = [await preview(attack).catch(said), await run(attack).catch(said)];
  expect(box.beside()).toEqual(before);
  expect(answers).toEqual(Array(2).fill(expect.stringContaining('no such function: writefile')));
});

for (const [kind, rows] of Object.entries(all)) {
  test.each(rows)(`${kind}: $said`, async ({ statement, says }) => {
    const before = { beside: box.beside(), inside: box.inside() };
    const previewed = await preview(statement).catch(said);
    expect({ beside: box.beside(), inside: box.inside() }).toEqual(before);
    const ran = await run(statement).catch((error: unknown) => ({ refused: error }));
    expect({ beside: box.beside(), inside: box.inside() }).toEqual(before);
    expect(ran).toEqual({
      refused: expect.objectContaining({
        name: expect.stringMatching(/^(?:PermanentError|TypeError)$/) as string,
        message: expect.stringContaining(says) as string,
      }),
    });
    // A SELECT, and what changes the schema, is not tried before it is approved.
    const skipped = JSON.stringify(previewed).includes('"skipped"');
    expect(skipped || String(previewed).includes(says)).toBe(true);
    expect(JSON.stringify([previewed, said((ran as { refused: unknown }).refused)])).not.toContain(SECRET);
    expect(box.bytes().includes(SECRET)).toBe(false);
  });
}

test('they are more than sixty', () => {
  expect(Object.values(all).flat().length).toBeGreaterThanOrEqual(60);
});
