/** The action `sql` on real databases: one key is one effect, and a preview leaves no trace. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { createSql, type Sql } from '../../src/actions/sql';
import type { Json } from '../../src/domain/json';
import { hasPostgres, startPostgres } from '../support/postgres';

/** One database under test, whatever it is. */
interface Bench {
  url: string;
  query(text: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** Looked at with libsql: what one of the two engines writes, the other one reads. */
async function sqliteBench(): Promise<Bench> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign sql-'));
  const url = pathToFileURL(path.join(folder, 'orders.db')).href;
  const { createClient } = await import('@libsql/client');
  return {
    url,
    async query(text) {
      const client = createClient({ url, timeout: 5_000 });
      try {
        const { rows, columns } = await client.execute(text);
        return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
      } finally {
        client.close();
      }
    },
    stop() {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}

/** Looked at as a superuser, while the action has a login that may use and make tables, and no more. */
async function postgresBench(): Promise<Bench> {
  const server = await startPostgres();
  await server.query('CREATE ROLE app LOGIN');
  await server.query('GRANT ALL ON SCHEMA public TO app');
  await server.query('ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO app');
  return { ...server, url: server.url.replace('postgres:s3cret', 'app:s3cret') };
}

const benches = [
  { kind: 'sqlite', open: sqliteBench, here: true },
  { kind: 'postgres', open: postgresBench, here: hasPostgres() },
] as const;

const signal = new AbortController().signal;
/** As in a worker, but impatient. */
const limits = {
  preview: { statement: 1_000, lock: 300, total: 1_500 },
  run: { statement: 10_000, lock: 1_000, total: 12_000 },
};
let keys = 0;
const fresh = (): string => `key-${String(++keys)}`;

for (const { kind, open, here } of benches) {
  (here ? describe : describe.skip)(kind, () => {
    let bench: Bench;
    let sql: Sql;
    const $ = (n: number): string => (kind === 'postgres' ? `$${String(n)}` : '?');
    const args = (statement: string, parameters?: Json[]): object => ({
      database: 'orders',
      statement,
      ...(parameters === undefined ? {} : { parameters }),
    });
    const run = (statement: string, key = fresh(), parameters?: Json[], on: Sql = sql) =>
      on.action.run(args(statement, parameters), {
        key,
        workflowId: 'wf',
        digest: 'd',
        signal,
      });
    const preview = (statement: string, on: Sql = sql): Promise<Json> =>
      on.action.preview?.(args(statement), { signal }) ?? Promise.reject(new Error('no preview'));
    const state = async (): Promise<unknown> => [
      await bench.query('SELECT id, note FROM items ORDER BY id'),
      await bench.query('SELECT item FROM parts ORDER BY item'),
      await bench.query('SELECT count(*) AS n FROM log'),
      kind === 'postgres'
        ? await bench.query(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
          )
        : await bench.query('SELECT name FROM sqlite_master ORDER BY 1'),
    ];
    const keysStored = async (key: string): Promise<number> =>
      Number(
        (await bench.query(`SELECT count(*) AS n FROM countersign_effects WHERE key = '${key}'`))[0]?.['n'],
      );

    beforeAll(async () => {
      bench = await open();
      sql = createSql({ orders: { url: bench.url } }, limits);
      await bench.query('CREATE TABLE items (id INTEGER PRIMARY KEY, note TEXT)');
      await bench.query('CREATE TABLE parts (item INTEGER REFERENCES items (id) ON DELETE CASCADE)');
      await bench.query('CREATE TABLE log (what TEXT)');
      await run('SELECT 1');
    }, 30_000);

    beforeEach(async () => {
      await bench.query('DELETE FROM parts');
      await bench.query('DELETE FROM log');
      await bench.query('DELETE FROM items');
      await bench.query("INSERT INTO items VALUES (1, 'one'), (2, 'two'), (3, 'three')");
    });

    afterAll(async () => {
      await sql.close();
      await bench.stop();
    });

    test.each<{
      said: string;
      statement: string;
      parameters?: (dollar: typeof $) => string;
      values?: Json[];
      gives: Json;
    }>([
      { said: 'an insert', statement: "INSERT INTO items VALUES (9, 'nine')", gives: { rowsAffected: 1 } },
      {
        said: 'an update of no row',
        statement: "UPDATE items SET note = '' WHERE id = 99",
        gives: { rowsAffected: 0 },
      },
      {
        said: 'what an update returns',
        statement: "UPDATE items SET note = 'x' WHERE id < 3 RETURNING id, note",
        gives: {
          rowsAffected: 2,
          rows: [
            { id: 1, note: 'x' },
            { id: 2, note: 'x' },
          ],
        },
      },
      {
        said: 'a select, which affects nothing',
        statement: 'SELECT id FROM items ORDER BY id',
        gives: { rowsAffected: 0, rows: [{ id: 1 }, { id: 2 }, { id: 3 }] },
      },
      {
        said: 'a CTE counts what it inserts',
        statement: "WITH n AS (SELECT 7 AS id) INSERT INTO items SELECT id, 'cte' FROM n",
        gives: { rowsAffected: 1 },
      },
      {
        said: 'a new table',
        statement: 'CREATE TABLE IF NOT EXISTS made (a INTEGER)',
        gives: { rowsAffected: 0 },
      },
      {
        said: 'null and text stay what they are',
        statement: "SELECT NULL AS a, 'b' AS b",
        gives: { rowsAffected: 0, rows: [{ a: null, b: 'b' }] },
      },
    ])('run gives $said', async ({ statement, gives }) => {
      expect(await run(statement)).toEqual(gives);
    });

    test('parameters are bound, never pasted', async () => {
      const hostile = "'); DELETE FROM items; --";
      await run(`INSERT INTO items VALUES (${$(1)}, ${$(2)})`, fresh(), [10, hostile]);
      expect(await bench.query('SELECT note FROM items WHERE id = 10')).toEqual([{ note: hostile }]);
      expect(await bench.query('SELECT count(*) AS n FROM items')).toEqual([
        { n: kind === 'postgres' ? '4' : 4 },
      ]);
      expect(await run(`SELECT id FROM items ORDER BY id LIMIT ${$(1)}`, fresh(), [1])).toMatchObject({
        rows: [{ id: 1 }],
      });
      expect(await run(`UPDATE items SET note = ${$(1)}`, fresh(), [null])).toEqual({ rowsAffected: 4 });
    });

    test('one key run twice is one row, and the second answer is the first', async () => {
      const key = fresh();
      const insert = "INSERT INTO items (id, note) SELECT max(id) + 1, 'again' FROM items RETURNING id";
      expect(await run(insert, key)).toEqual({ rowsAffected: 1, rows: [{ id: 4 }] });
      expect(await run(insert, key)).toEqual({ rowsAffected: 1, rows: [{ id: 4 }] });
      expect(await bench.query("SELECT id FROM items WHERE note = 'again'")).toEqual([{ id: 4 }]);
      expect(await run(insert)).toEqual({ rowsAffected: 1, rows: [{ id: 5 }] });
    });

    test('one key run at once, in one worker and in two, is one row', async () => {
      const key = fresh();
      const other = createSql({ orders: { url: bench.url } }, limits);
      const insert = "INSERT INTO items (id, note) SELECT max(id) + 1, 'once' FROM items RETURNING id";
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) => run(insert, key, undefined, n % 2 === 0 ? sql : other)),
      );
      await other.close();
      expect(answers).toEqual(Array(8).fill({ rowsAffected: 1, rows: [{ id: 4 }] }));
      expect(await bench.query("SELECT id FROM items WHERE note = 'once'")).toEqual([{ id: 4 }]);
      expect(await keysStored(key)).toBe(1);
    }, 20_000);

    test('an error after the key was inserted leaves no key, and the key can be used', async () => {
      const key = fresh();
      await expect(run("INSERT INTO items VALUES (8, 'a'), (1, 'again')", key)).rejects.toThrow(/unique/i);
      expect(await bench.query('SELECT id FROM items WHERE id = 8')).toEqual([]);
      expect(await keysStored(key)).toBe(0);
      expect(await run("INSERT INTO items VALUES (8, 'a')", key)).toEqual({ rowsAffected: 1 });
      expect(await keysStored(key)).toBe(1);
    });

    test.each([
      { said: 'syntax', statement: 'SELECT FROM FROM', permanent: true },
      { said: 'a table that is not there', statement: 'DELETE FROM nowhere', permanent: true },
      { said: 'a constraint', statement: "INSERT INTO items VALUES (1, '')", permanent: true },
      { said: 'a wrong type', statement: "INSERT INTO items VALUES ('x', '')", permanent: true },
    ])('not tried again: $said', async ({ statement, permanent }) => {
      await expect(run(statement)).rejects.toMatchObject({
        name: permanent ? 'PermanentError' : 'Error',
        message: expect.stringMatching(/^database orders: /) as string,
      });
    });

    test('at most 100 rows are kept, and it says that there were more', async () => {
      const many = (n: number): string =>
        `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${String(n)}) SELECT i FROM c`;
      const of = (answer: unknown) => answer as { rows: unknown[]; truncated?: true };
      expect(of(await run(many(100)))).toMatchObject({ rows: { length: 100 } });
      expect(of(await run(many(100))).truncated).toBeUndefined();
      const more = of(await run(many(101)));
      expect([more.rows.length, more.rows[0], more.truncated]).toEqual([100, { i: 1 }, true]);
    });

    test.each<{ said: string; statement: string; gives: Json }>([
      { said: 'a delete', statement: 'DELETE FROM items', gives: { rowsAffected: 3 } },
      {
        said: 'an update',
        statement: "UPDATE items SET note = 'x' WHERE id = 1",
        gives: { rowsAffected: 1 },
      },
      {
        said: 'what it would return is not shown',
        statement: 'DELETE FROM items WHERE id = 1 RETURNING note',
        gives: { rowsAffected: 1 },
      },
      {
        said: 'a CTE that reads',
        statement: 'WITH a AS (SELECT 1) SELECT * FROM a',
        gives: { rowsAffected: 0 },
      },
      {
        said: 'a select is not run',
        statement: 'SELECT 1',
        gives: { skipped: 'a SELECT is run once it is approved' },
      },
      {
        said: 'a drop is not tried',
        statement: 'DROP TABLE items',
        gives: { skipped: 'DROP takes locks on whole tables, so it is not tried before it is approved' },
      },
    ])('preview: $said', async ({ statement, gives }) => {
      const before = await state();
      expect(await preview(statement)).toEqual(gives);
      expect(await state()).toEqual(before);
    });

    test('a preview counts the rows of triggers and cascades', async () => {
      await bench.query('INSERT INTO parts VALUES (1), (1), (2)');
      expect(await preview('DELETE FROM items WHERE id = 1')).toEqual({ rowsAffected: 3 });
    });

    const escapes = [
      'COMMIT',
      'END',
      'ROLLBACK',
      'COMMIT; DELETE FROM items',
      'END; DROP TABLE items',
      ';COMMIT',
      'DELETE FROM items; COMMIT',
      'DELETE FROM items;COMMIT;',
      'DELETE FROM items; -- ;\n COMMIT',
      'DELETE FROM items /* ; */ ; COMMIT',
      '/* /* */ ; */ COMMIT',
      '/* /* */ DELETE FROM items; COMMIT; -- */',
      '/* /* */ COMMIT; -- */ DELETE FROM items',
      '-- x\rCOMMIT',
      'DELETE FROM items -- x\r; COMMIT',
      "DELETE FROM items WHERE note <> '\\'; COMMIT; --'",
      "DELETE FROM items WHERE note <> E'\\'; COMMIT; --'",
      "DELETE FROM items WHERE note <> E'a'\n'\\'; COMMIT; --'",
      'DELETE FROM items WHERE note <> $$;$$; COMMIT',
      'DELETE FROM items WHERE note <> $a$;$$; COMMIT; --$a$',
      'DELETE FROM items WHERE note <> $$; COMMIT; --$$',
      "DELETE FROM items WHERE note <> $a('); COMMIT; --'",
      'DELETE FROM items\u0000; COMMIT',
      'DELETE FROM items\u000b; COMMIT',
      'DO $$ BEGIN DELETE FROM items; COMMIT; END $$',
      'CALL wipe()',
      "PREPARE TRANSACTION 'x'",
      "COPY (DELETE FROM items RETURNING 1) TO PROGRAM 'true'",
      "ATTACH 'x.db' AS x",
      "VACUUM INTO 'copy.db'",
      'PRAGMA journal_mode=WAL',
      'SET lock_timeout = 0',
      'SAVEPOINT a',
      'BEGIN',
      'EXPLAIN ANALYZE DELETE FROM items',
      "INSERT OR ROLLBACK INTO items VALUES (1, '')",
      "INSERT OR REPLACE INTO items VALUES (1, '')",
      'WITH d AS (DELETE FROM items RETURNING id) SELECT * FROM d',
      'TRUNCATE items',
      'DROP TABLE items',
      'CREATE TABLE escaped (a INTEGER)',
      'DELETE FROM countersign_effects',
    ];
    test.each(escapes.map((statement) => ({ statement })))(
      'preview leaves no trace: $statement',
      async ({ statement }) => {
        await bench.query("INSERT INTO log VALUES ('kept')");
        const before = await state();
        await preview(statement).catch(() => undefined);
        await preview('DELETE FROM log');
        expect(await state()).toEqual(before);
      },
    );

    test('no input makes a preview leave its transaction', async () => {
      const opening = fc.constantFrom(
        '',
        'DELETE FROM items',
        '/* x */ DELETE FROM log',
        "UPDATE items SET note = 'x'",
        "WITH a AS (SELECT 'x' AS x) INSERT INTO log SELECT x FROM a",
        'DELETE FROM items WHERE note <>',
      );
      const whole = fc.constantFrom(
        "'x'",
        "'it''s'",
        '"note"',
        '/* ; */',
        '-- ;\n',
        '-- x\r',
        '/* /* */ ; */',
        '$$;$$',
        '$a$;$$;$a$',
        "E'\\';'",
        "'\\'",
        ' WHERE id > 0 ',
        ' RETURNING 1 ',
        ';',
      );
      const broken = fc.constantFrom(
        ...[
          "'",
          '"',
          '`',
          '[',
          ']',
          '/*',
          '*/',
          '--',
          '\n',
          '\r',
          '$$',
          '$a$',
          '$a(',
          '\\',
          "E'",
          '(',
          ')',
          '\0',
        ],
        ...[' COMMIT ', '; COMMIT;', ' END ', ' DELETE FROM items ', "; INSERT INTO log VALUES ('x')"],
      );
      const before = JSON.stringify(await state());
      let ran = 0;
      await fc.assert(
        fc.asyncProperty(
          opening,
          fc.array(fc.oneof({ arbitrary: whole, weight: 3 }, { arbitrary: broken, weight: 1 }), {
            maxLength: 5,
          }),
          async (first, rest) => {
            const answer = await preview([first, ...rest].join(' ')).catch(() => undefined);
            if (answer !== undefined) ran++;
          },
        ),
        { numRuns: 300, seed: 7 },
      );
      expect(JSON.stringify(await state())).toBe(before);
      // Many were no SQL at all, yet enough of them went all the way.
      expect(ran).toBeGreaterThan(50);
    }, 30_000);

    test('an endless statement is stopped, and the next one runs', async () => {
      const before = await state();
      const endless =
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) INSERT INTO log SELECT 'x' FROM c WHERE i < 0";
      const began = Date.now();
      await expect(preview(endless)).rejects.toThrow(
        kind === 'postgres' ? /statement timeout/ : /no answer within 1000 ms/,
      );
      expect(Date.now() - began).toBeLessThan(3_000);
      expect(await preview('DELETE FROM items')).toEqual({ rowsAffected: 3 });
      expect(await state()).toEqual(before);
    }, 10_000);

    test('a run that is cancelled ends, and leaves neither row nor key', async () => {
      const cancel = new AbortController();
      const key = fresh();
      const statement =
        kind === 'postgres'
          ? "INSERT INTO log SELECT 'x' FROM pg_sleep(30)"
          : "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) INSERT INTO log SELECT 'x' FROM c WHERE i < 0";
      const running = sql.action.run(args(statement), {
        key,
        workflowId: 'wf',
        digest: 'd',
        signal: cancel.signal,
      });
      setTimeout(() => {
        cancel.abort();
      }, 400);
      await expect(running).rejects.toThrow('database orders: it was cancelled');
      expect(await keysStored(key)).toBe(0);
      expect(await bench.query('SELECT * FROM log')).toEqual([]);
    }, 10_000);

    test('previews can be turned off, and no preview creates a table of keys', async () => {
      const off = createSql({ orders: { url: bench.url, preview: false } });
      expect(await preview('DELETE FROM items', off)).toEqual({
        skipped: 'previews are off for the database orders',
      });
      await off.close();
    });

    test('what has not been through the schema does not get past the guard either', async () => {
      expect(() => run('COMMIT')).toThrow('a statement must begin with');
      await expect(preview('COMMIT')).rejects.toThrow('a statement must begin with');
      expect(() => run.call(undefined, 'SELECT 1', fresh(), undefined, createSql({}))).toThrow(
        'no database is configured',
      );
    });

    if (kind === 'sqlite') {
      test('values that JSON has no number for are text', async () => {
        const statement =
          "SELECT 9007199254740991 AS safe, 9007199254740993 AS big, 1.5 AS half, x'00ff' AS blob, 9e999 AS infinite";
        expect(await run(statement)).toMatchObject({
          rows: [
            {
              safe: 9007199254740991,
              big: '9007199254740993',
              half: 1.5,
              blob: '\\x00ff',
              infinite: 'Infinity',
            },
          ],
        });
      });

      test('a reader in the way of a commit is waited for, then the run is tried again and nothing stays locked', async () => {
        const { createClient } = await import('@libsql/client');
        const client = createClient({ url: bench.url, timeout: 2_000 });
        const reading = await client.transaction('read');
        await reading.execute('SELECT count(*) FROM items');
        const key = fresh();
        const insert = "INSERT INTO log VALUES ('late')";
        await expect(run(insert, key)).rejects.toMatchObject({
          name: 'Error',
          message: 'database orders: SQLITE_BUSY: database is locked',
        });
        await reading.commit();
        client.close();
        const hasty = createClient({ url: bench.url, timeout: 0 }); // where anything is locked it fails
        const writing = await hasty.transaction('write');
        await writing.commit();
        hasty.close();
        expect(await run(insert, key)).toEqual({ rowsAffected: 1 });
        expect(await bench.query('SELECT * FROM log')).toEqual([{ what: 'late' }]);
      });

      test('a database that is not there is not created, and may be there later', async () => {
        const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-none-'));
        const none = createSql({ orders: { url: pathToFileURL(path.join(folder, 'none.db')).href } });
        const gone = {
          name: 'Error',
          message: 'database orders: its file is not there; create the database first, or correct its URL',
        };
        await expect(preview('DELETE FROM items', none)).rejects.toMatchObject(gone);
        await expect(run('DELETE FROM items', fresh(), undefined, none)).rejects.toMatchObject(gone);
        expect(readdirSync(folder)).toEqual([]);
        await none.close();
        rmSync(folder, { recursive: true });
      });
    } else {
      test('values that JSON has no number for are text', async () => {
        const statement = `SELECT 9007199254740993::int8 AS big, 0.10::numeric AS exact, 1.5::float8 AS half, 'NaN'::float8 AS nan, true AS yes, 7::int4 AS seven,
          '\\x00ff'::bytea AS blob, '2026-01-02 03:04:05.123456+00'::timestamptz AS at, '{"a":1}'::jsonb AS doc, ARRAY[1,2] AS list`;
        expect(await run(statement)).toMatchObject({
          rows: [
            {
              big: '9007199254740993',
              exact: '0.10',
              half: 1.5,
              nan: 'NaN',
              yes: true,
              seven: 7,
              blob: '\\x00ff',
              at: '2026-01-02 03:04:05.123456+00',
              doc: { a: 1 },
              list: '{1,2}',
            },
          ],
        });
      });

      test('rows that a CTE deletes are counted, though the statement is a SELECT', async () => {
        expect(
          await preview('WITH d AS (DELETE FROM items RETURNING id) SELECT 1 FROM d WHERE false'),
        ).toEqual({ rowsAffected: 3 });
        expect(
          await run('WITH d AS (DELETE FROM items RETURNING id) SELECT count(*)::int4 AS n FROM d'),
        ).toEqual({ rowsAffected: 3, rows: [{ n: 3 }] });
      });

      test('a session forgets what a statement set, made or locked', async () => {
        await bench.query(`CREATE FUNCTION leave(lock int) RETURNS void LANGUAGE sql AS
          $$ SELECT set_config('bytea_output', 'escape', false), pg_advisory_lock(lock) $$`);
        await run('SELECT leave(42)');
        await run('CREATE TEMP TABLE items (a INTEGER)');
        await preview('WITH l AS (SELECT leave(43)) SELECT * FROM l');
        for (let n = 0; n < 4; n++) {
          const seen = "SELECT count(*)::int4 AS n, '\\x00'::bytea AS blob FROM items";
          expect(await run(seen)).toMatchObject({ rows: [{ n: 3, blob: '\\x00' }] });
        }
        const locks = "SELECT count(*)::int4 AS n FROM pg_locks WHERE locktype = 'advisory'";
        expect(await bench.query(locks)).toEqual([{ n: 0 }]);
      });

      test('a statement that hides the keys from its own transaction is rolled back', async () => {
        await bench.query(`CREATE FUNCTION hide() RETURNS text LANGUAGE sql AS
          $$ SELECT set_config('search_path', 'pg_temp', false) $$`);
        const hiding = "WITH p AS (SELECT hide()) INSERT INTO log SELECT 'x' FROM p";
        await expect(run(hiding)).rejects.toThrow('relation "countersign_effects" does not exist');
        expect(await bench.query('SELECT * FROM log')).toEqual([]);
      });

      test('a lock is waited for briefly by a preview, and tried again by a run', async () => {
        await bench.query('CREATE TABLE IF NOT EXISTS held (a INTEGER)');
        const { Client } = await import('pg');
        const holder = new Client({ connectionString: bench.url });
        await holder.connect();
        await holder.query('BEGIN');
        await holder.query('LOCK TABLE held');
        await expect(preview('DELETE FROM held')).rejects.toMatchObject({
          name: 'Error',
          message: expect.stringContaining('lock timeout') as string,
        });
        await holder.end();
        expect(await preview('DELETE FROM held')).toEqual({ rowsAffected: 0 });
      });

      test('a preview under its own login sees what that login may do', async () => {
        await bench.query('CREATE ROLE looker LOGIN');
        const weak = createSql({
          orders: { url: bench.url, preview: { url: bench.url.replace('app:s3cret', 'looker') } },
        });
        await expect(preview('DELETE FROM items', weak)).rejects.toMatchObject({
          name: 'PermanentError',
          message: expect.stringContaining('permission denied for table items') as string,
        });
        expect(await run('DELETE FROM items', fresh(), undefined, weak)).toEqual({ rowsAffected: 3 });
        await weak.close();
      });

      test.each([
        { said: 'nobody listens', change: (url: string) => url.replace(/:\d+\//, ':1/') },
        { said: 'there is no such database', change: (url: string) => `${url}-none` },
        {
          said: 'there is no such user',
          change: (url: string) => url.replace('app:s3cret', 'nobody:s3cret'),
        },
      ])('tried again, without the password in the message: $said', async ({ change }) => {
        const lost = createSql({ orders: { url: change(bench.url) } });
        const error: unknown = await Promise.resolve(run('SELECT 1', fresh(), undefined, lost)).catch(
          (e: unknown) => e,
        );
        expect(error).toMatchObject({
          name: 'Error',
          message: expect.stringMatching(/^database orders: (?!.*s3cret)/) as string,
        });
        await lost.close();
      });

      test('a server that goes away while it runs is tried again', async () => {
        const running = run("INSERT INTO log SELECT 'x' FROM pg_sleep(20)", 'cut');
        setTimeout(
          () =>
            void bench.query(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'INSERT INTO log%'",
            ),
          500,
        );
        await expect(running).rejects.toMatchObject({ name: 'Error' });
        expect(await keysStored('cut')).toBe(0);
      }, 15_000);
    }
  });
}
