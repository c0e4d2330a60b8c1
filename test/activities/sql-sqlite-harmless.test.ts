/**
 * What people do with a database still works behind the list of what is allowed: sixty statements with their results,
 * on a database that libsql has made, each previewed as well where a preview is tried.
 */
import { createSql, type Sql } from '../../src/actions/sql';
import type { Json } from '../../src/domain/json';
import { type Sandbox, sandbox } from '../support/sandbox';

const schema = [
  'CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, country TEXT)',
  `CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, customer INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    cents INTEGER NOT NULL CHECK (cents >= 0), placed TEXT NOT NULL DEFAULT (date('2026-01-01')), doc TEXT,
    euros REAL AS (cents / 100.0))`,
  'CREATE TABLE log (what TEXT)',
  "CREATE TRIGGER noted AFTER UPDATE ON orders BEGIN INSERT INTO log VALUES (printf('%d', new.id)); END",
  'CREATE VIEW spent AS SELECT c.name, sum(o.cents) AS cents FROM customers AS c JOIN orders AS o ON o.customer = c.id GROUP BY c.id',
  'CREATE INDEX by_name ON customers (lower(name))',
  'CREATE VIRTUAL TABLE docs USING fts5(body)',
  'CREATE VIRTUAL TABLE docs4 USING fts4(body)',
  'CREATE VIRTUAL TABLE areas USING rtree(id, low, high)',
  `INSERT INTO customers VALUES (1, 'Ana', 'PT'), (2, 'Bo', 'SE'), (3, 'Cy', NULL)`,
  `INSERT INTO orders (id, customer, cents, placed, doc) VALUES
    (1, 1, 1000, '2026-01-31', '{"lines":[{"sku":"a","n":2},{"sku":"b","n":1}],"gift":true}'),
    (2, 1, 250, '2026-02-28', '{"lines":[]}'), (3, 2, 4000, '2026-03-01', NULL)`,
  "INSERT INTO docs VALUES ('hello world'), ('good bye')",
  "INSERT INTO docs4 VALUES ('hello world'), ('good bye')",
  'INSERT INTO areas VALUES (1, 0, 10), (2, 20, 30)',
  'ANALYZE',
];

interface Row {
  readonly statement: string;
  readonly parameters?: Json[];
  /** The rows; without them the statement returns none. */
  readonly rows?: Json[];
  readonly affects?: number;
}

const one = (value: Json): Json[] => [{ v: value }];

const reading: Row[] = [
  {
    statement:
      'SELECT c.name, o.cents FROM customers AS c JOIN orders AS o ON o.customer = c.id WHERE o.cents > 500 ORDER BY 1',
    rows: [
      { name: 'Ana', cents: 1000 },
      { name: 'Bo', cents: 4000 },
    ],
  },
  {
    statement:
      'SELECT c.name FROM customers AS c LEFT JOIN orders AS o ON o.customer = c.id WHERE o.id IS NULL',
    rows: [{ name: 'Cy' }],
  },
  {
    statement:
      'SELECT o.id FROM customers AS c RIGHT JOIN orders AS o ON o.customer = c.id AND c.id = 2 WHERE c.id IS NULL ORDER BY 1',
    rows: [{ id: 1 }, { id: 2 }],
  },
  {
    statement:
      'SELECT a.name AS a, b.name AS b FROM customers AS a CROSS JOIN customers AS b WHERE a.id < b.id AND b.id < 3',
    rows: [{ a: 'Ana', b: 'Bo' }],
  },
  { statement: 'SELECT count(*) AS v FROM customers NATURAL JOIN customers AS b', rows: one(2) },
  {
    statement:
      'SELECT name FROM customers WHERE id IN (SELECT customer FROM orders GROUP BY customer HAVING count(*) > 1)',
    rows: [{ name: 'Ana' }],
  },
  {
    statement:
      'SELECT name FROM customers AS c WHERE NOT EXISTS (SELECT 1 FROM orders WHERE customer = c.id)',
    rows: [{ name: 'Cy' }],
  },
  { statement: 'SELECT 1 AS v FROM customers LIMIT 1 OFFSET 2', rows: one(1) },
  {
    statement:
      "SELECT name AS v FROM customers UNION SELECT 'Di' EXCEPT SELECT 'Bo' INTERSECT SELECT name FROM customers ORDER BY 1",
    rows: [{ v: 'Ana' }, { v: 'Cy' }],
  },
  {
    statement: 'SELECT * FROM spent ORDER BY name',
    rows: [
      { name: 'Ana', cents: 1250 },
      { name: 'Bo', cents: 4000 },
    ],
  },
  { statement: 'SELECT count(*) AS v FROM spent', rows: one(2) },
  { statement: 'SELECT euros AS v FROM orders WHERE id = 2', rows: one(2.5) },
  { statement: "SELECT name AS v FROM customers WHERE lower(name) = 'ana'", rows: one('Ana') },
  {
    statement:
      "SELECT name AS v FROM 'customers' WHERE [id] = 1 AND `country` = 'PT' AND \"name\" LIKE 'a%' AND name GLOB 'A*'",
    rows: one('Ana'),
  },
  {
    statement: 'SELECT name AS v FROM customers WHERE id = ?2 AND country = ?1',
    parameters: ['PT', 1],
    rows: one('Ana'),
  },
  {
    statement: 'SELECT ? AS a, ? AS b, ? AS c, ? AS d, typeof(?) AS e',
    parameters: [null, true, 'x', 1.5, 7],
    rows: [{ a: null, b: 1, c: 'x', d: 1.5, e: 'integer' }],
  },
  {
    statement: "SELECT name AS v FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    rows: one('by_name'),
  },
  { statement: 'SELECT count(*) AS v FROM sqlite_schema WHERE 0', rows: one(0) },
  {
    statement: "SELECT group_concat(name) AS v FROM pragma_table_info('customers')",
    rows: one('id,name,country'),
  },
  { statement: `SELECT "table" AS v FROM pragma_foreign_key_list('orders')`, rows: one('customers') },
  { statement: "SELECT key AS v FROM countersign_effects WHERE key = 'paid'", rows: one('paid') },
];

const computing: Row[] = [
  { statement: "SELECT date('2026-01-31', '+1 month') AS v", rows: one('2026-03-03') },
  {
    statement: "SELECT strftime('%Y-W%W', '2026-11-30') || ' ' || time('12:00', '-90 minutes') AS v",
    rows: one('2026-W48 10:30:00'),
  },
  {
    statement:
      "SELECT unixepoch('2026-01-01') AS a, julianday('2000-01-01 12:00') AS b, timediff('2026-03-01', '2026-02-28') AS c",
    rows: [{ a: 1767225600, b: 2451545, c: '+0000-00-01 00:00:00.000' }],
  },
  {
    statement: 'SELECT length(current_timestamp) + length(current_date) + length(current_time) AS v',
    rows: one(37),
  },
  {
    statement:
      "SELECT placed AS v FROM orders WHERE datetime(placed) BETWEEN '2026-02' AND '2026-02-28 24:00'",
    rows: one('2026-02-28'),
  },
  {
    statement:
      "SELECT doc ->> '$.lines[0].sku' AS a, doc -> 'gift' AS b, json_array_length(doc, '$.lines') AS c FROM orders WHERE id = 1",
    rows: [{ a: 'a', b: 'true', c: 2 }],
  },
  {
    statement:
      "SELECT j.value ->> 'sku' AS sku, j.value ->> 'n' AS n FROM orders, json_each(doc, '$.lines') AS j WHERE orders.id = 1",
    rows: [
      { sku: 'a', n: 2 },
      { sku: 'b', n: 1 },
    ],
  },
  { statement: "SELECT count(*) AS v FROM json_each('[1, 2, 3]')", rows: one(3) },
  { statement: 'SELECT fullkey AS v FROM json_tree(\'{"a":{"b":7}}\') WHERE atom = 7', rows: one('$.a.b') },
  {
    statement: 'SELECT json_group_object(name, id) AS v FROM customers',
    rows: one('{"Ana":1,"Bo":2,"Cy":3}'),
  },
  {
    statement:
      "SELECT json(jsonb_set('{\"a\":1}', '$.b', json_array(1, json_object('c', json_quote('d'))))) AS v",
    rows: one('{"a":1,"b":[1,{"c":"d"}]}'),
  },
  {
    statement:
      "SELECT json_patch('{\"a\":1,\"b\":2}', '{\"b\":null}') AS a, json_valid('{') AS b, json_type('[]') AS c",
    rows: [{ a: '{"a":1}', b: 0, c: 'array' }],
  },
  {
    statement:
      'SELECT id, row_number() OVER w AS n, sum(cents) OVER w AS total, lag(cents, 1, 0) OVER w AS before FROM orders WINDOW w AS (ORDER BY id)',
    rows: [
      { id: 1, n: 1, total: 1000, before: 0 },
      { id: 2, n: 2, total: 1250, before: 1000 },
      { id: 3, n: 3, total: 5250, before: 250 },
    ],
  },
  {
    statement:
      'SELECT id, rank() OVER (PARTITION BY customer ORDER BY cents DESC) AS v FROM orders ORDER BY id',
    rows: [
      { id: 1, v: 1 },
      { id: 2, v: 2 },
      { id: 3, v: 1 },
    ],
  },
  {
    statement:
      'SELECT id, avg(cents) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS v, ntile(2) OVER (ORDER BY id) AS t FROM orders',
    rows: [
      { id: 1, v: 1000, t: 1 },
      { id: 2, v: 625, t: 1 },
      { id: 3, v: 2125, t: 2 },
    ],
  },
  {
    statement:
      'SELECT first_value(name) OVER w AS a, nth_value(name, 2) OVER w AS b, last_value(name) OVER w AS c FROM customers WINDOW w AS (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) LIMIT 1',
    rows: [{ a: 'Ana', b: 'Bo', c: 'Cy' }],
  },
  {
    statement:
      'SELECT sum(cents) FILTER (WHERE cents < 2000) AS a, total(cents) AS b, max(cents) - min(cents) AS c, median(cents) AS d FROM orders',
    rows: [{ a: 1250, b: 5250, c: 3750, d: 1000 }],
  },
  {
    statement: "SELECT string_agg(name, '+' ORDER BY name DESC) AS v FROM customers",
    rows: one('Cy+Bo+Ana'),
  },
  {
    statement:
      'SELECT round(sqrt(2), 4) AS a, pow(2, 10) AS b, mod(7, 3) AS c, floor(-1.5) AS d, ceil(1.2) AS e, round(pi(), 2) AS f, log2(8) AS g',
    rows: [{ a: 1.4142, b: 1024, c: 1, d: -2, e: 2, f: 3.14, g: 3 }],
  },
  {
    statement:
      "SELECT upper(substr('countersign', 1, 7)) || '-' || replace(trim('  x '), 'x', 'y') || instr('abc', 'c') AS v",
    rows: one('COUNTER-y3'),
  },
  {
    statement:
      "SELECT printf('%05.1f|%s', 3.14159, hex('a')) AS a, format('%d%%', 7) AS b, quote('it''s') AS c, unicode('é') AS d, char(233) AS e",
    rows: [{ a: '003.1|61', b: '7%', c: "'it''s'", d: 233, e: 'é' }],
  },
  {
    statement:
      "SELECT concat_ws('/', 'a', NULL, 'b') AS a, coalesce(NULL, 2) AS b, iif(1 > 2, 'x', 'y') AS c, nullif(1, 1) AS d, sign(-3) AS e, octet_length('é') AS f",
    rows: [{ a: 'a/b', b: 2, c: 'y', d: null, e: -1, f: 2 }],
  },
  {
    statement: 'SELECT length(randomblob(16)) AS a, typeof(random()) AS b, zeroblob(2) AS c',
    rows: [{ a: 16, b: 'integer', c: '\\x0000' }],
  },
  {
    statement:
      "SELECT CASE country WHEN 'PT' THEN 'south' ELSE 'north' END AS v, CAST('7' AS INTEGER) + 1 AS n FROM customers LIMIT 1",
    rows: [{ v: 'south', n: 8 }],
  },
  {
    statement:
      'WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c WHERE i < 5) SELECT sum(i) AS v FROM c',
    rows: one(15),
  },
  {
    statement:
      'WITH RECURSIVE f(a, b) AS (SELECT 0, 1 UNION SELECT b, a + b FROM f LIMIT 10) SELECT max(a) AS v FROM f',
    rows: one(34),
  },
  {
    statement:
      'WITH big AS MATERIALIZED (SELECT * FROM orders WHERE cents > 500), n AS (SELECT count(*) AS v FROM big) SELECT v FROM n',
    rows: one(2),
  },
  { statement: 'WITH x AS (SELECT 1) SELECT count(*) AS v FROM x', rows: one(1) },
  {
    statement:
      "SELECT body, highlight(docs, 0, '<', '>') AS v FROM docs WHERE docs MATCH 'hello' ORDER BY bm25(docs)",
    rows: [{ body: 'hello world', v: '<hello> world' }],
  },
  { statement: "SELECT body AS v FROM docs4 WHERE body MATCH 'bye'", rows: one('good bye') },
  { statement: 'SELECT id AS v FROM areas WHERE low <= 5 AND high >= 5', rows: one(1) },
];

const writing: Row[] = [
  { statement: "INSERT INTO customers (name) VALUES ('Di'), ('Ed')", affects: 2 },
  {
    statement: 'INSERT INTO customers (name, country) VALUES (?, ?) RETURNING id, upper(name) AS name',
    parameters: ['Di', 'DK'],
    affects: 1,
    rows: [{ id: 4, name: 'DI' }],
  },
  {
    statement:
      "INSERT INTO customers (id, name) VALUES (1, 'Ann') ON CONFLICT (id) DO UPDATE SET name = excluded.name || '!' WHERE customers.id = 1 RETURNING name AS v",
    affects: 1,
    rows: one('Ann!'),
  },
  { statement: "INSERT INTO customers (id, name) VALUES (1, 'Ann') ON CONFLICT DO NOTHING", affects: 0 },
  { statement: "REPLACE INTO customers VALUES (3, 'Cyd', 'CY')", affects: 1 },
  { statement: 'INSERT OR IGNORE INTO customers (name) SELECT name FROM customers', affects: 0 },
  {
    statement: 'INSERT INTO orders (customer, cents) VALUES (2, 1) RETURNING id, placed',
    affects: 1,
    rows: [{ id: 4, placed: '2026-01-01' }],
  },
  { statement: 'INSERT INTO log DEFAULT VALUES', affects: 1 },
  {
    statement:
      'WITH old AS (SELECT id FROM orders WHERE placed < ?) DELETE FROM orders WHERE id IN (SELECT id FROM old)',
    parameters: ['2026-02-15'],
    affects: 1,
  },
  // Each update is noted by a trigger.
  {
    statement:
      "UPDATE orders SET doc = json_set(coalesce(doc, '{}'), '$.seen', json('true')) WHERE id = 3 RETURNING doc AS v",
    affects: 2,
    rows: one('{"seen":true}'),
  },
  {
    statement:
      'UPDATE orders SET cents = cents + s.extra FROM (SELECT 1 AS customer, 5 AS extra) AS s WHERE s.customer = orders.customer',
    affects: 4,
  },
  {
    statement: 'UPDATE customers SET (name, country) = (SELECT upper(name), lower(country)) WHERE id = 1',
    affects: 1,
  },
  // The order of a customer goes with her.
  { statement: 'DELETE FROM customers WHERE id = 2', affects: 2 },
  { statement: 'DELETE FROM orders WHERE id = 1 RETURNING cents AS v', affects: 1, rows: one(1000) },
  { statement: 'UPDATE sqlite_sequence SET seq = 100', affects: 1 },
];

const changing: Row[] = [
  // Full-text tables and R-trees write to tables of their own, which are counted, too.
  { statement: "INSERT INTO docs VALUES ('new words')" },
  { statement: "DELETE FROM docs WHERE docs MATCH 'hello'" },
  { statement: "UPDATE docs4 SET body = 'x' WHERE docid = 1" },
  { statement: 'INSERT INTO areas VALUES (3, 40, 50)' },
  {
    statement:
      'CREATE TABLE IF NOT EXISTS made (id INTEGER PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP, n INTEGER CHECK (abs(n) < 10), m AS (n + 1) STORED)',
  },
  { statement: 'CREATE TABLE copied AS SELECT id, name FROM customers' },
  { statement: 'CREATE UNIQUE INDEX made ON orders (customer, cents) WHERE cents > 0' },
  { statement: 'CREATE VIEW rich AS SELECT * FROM spent WHERE cents > 1000' },
  { statement: "ALTER TABLE customers ADD COLUMN mail TEXT NOT NULL DEFAULT ''" },
  { statement: 'ALTER TABLE customers ADD COLUMN age INTEGER CHECK (age > 0)', rows: [] },
  { statement: 'ALTER TABLE customers RENAME COLUMN country TO land' },
  { statement: 'ALTER TABLE customers DROP COLUMN country' },
  { statement: 'ALTER TABLE customers RENAME TO clients' },
  { statement: 'DROP VIEW spent' },
  { statement: 'DROP INDEX by_name' },
  { statement: 'DROP TRIGGER noted' },
  { statement: 'DROP TABLE orders' },
  { statement: 'DROP TABLE docs' },
  { statement: 'DROP TABLE docs4' },
];

const signal = new AbortController().signal;
const PREVIEWED = /^(?:INSERT|REPLACE|UPDATE|DELETE|WITH)/;
let box: Sandbox;
let sql: Sql;

beforeAll(() => {
  box = sandbox(schema);
  sql = createSql({ orders: { url: box.url } });
});

beforeEach(async () => {
  box.restore();
  await run({ statement: 'SELECT 1' }, 'paid');
});

afterAll(async () => {
  await sql.close();
  box.close();
});

const args = ({ statement, parameters }: Row): object => ({
  database: 'orders',
  statement,
  ...(parameters === undefined ? {} : { parameters }),
});
const run = async (row: Row, key: string): Promise<unknown> =>
  sql.action.run(args(row), { key, workflowId: 'wf', digest: 'd', signal });

for (const [kind, rows] of Object.entries({ reading, computing, writing, changing })) {
  test.each(rows)(`${kind}: $statement`, async (row) => {
    const before = box.inside();
    const previewed = await sql.action.preview?.(args(row), { signal });
    expect(box.inside()).toEqual(before);
    if (PREVIEWED.test(row.statement)) {
      expect(previewed).toEqual({
        rowsAffected: row.affects ?? (kind === 'changing' ? expect.any(Number) : 0),
      });
    } else expect(previewed).toEqual({ skipped: expect.any(String) as string });
    const result = await run(row, 'this one');
    expect(result).toEqual({
      rowsAffected: row.affects ?? (kind === 'changing' ? expect.any(Number) : 0),
      ...(row.rows === undefined ? {} : { rows: row.rows }),
    });
    expect(await run(row, 'this one')).toEqual(result);
    if (kind === 'changing' || (row.affects ?? 0) > 0) expect(box.inside()).not.toEqual(before);
  });
}

test('they are more than sixty', () => {
  expect([reading, computing, writing, changing].flat().length).toBeGreaterThanOrEqual(60);
});
