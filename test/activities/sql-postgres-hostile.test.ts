/**
 * Statements on PostgreSQL that reach for something beside the tables of the database: nothing outside is read, written,
 * called or changed, neither in the preview nor in the run. Most are refused by their text; that is tried with a
 * superuser's login, so that nothing else stops them. The rest reach the server, and the role that docs/sql.md advises
 * has no right to what they want; it is made here by the page's own statements.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { createSql, type Sql } from '../../src/actions/sql';
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres';

const SECRET = 'the-secret-that-stays-in-its-file';
const signal = new AbortController().signal;
const page = readFileSync(path.resolve(__dirname, '../../docs/sql.md'), 'utf8');
const role = /<!-- test: role -->\s+```sql\n([^]*?)```/.exec(page)?.[1] ?? '';

interface Row {
  readonly said: string;
  /** `$` is the folder, `PORT` a port where somebody listens. */
  readonly statement: string;
  /** Part of the refusal. */
  readonly says: string;
}

const files = 'is not allowed: it reads or writes files of the server';
const verb = 'a statement must begin with one of';
const connects = 'is not allowed: it opens connections';
const asText = 'is not allowed: it runs a statement that is given as text';
const others = 'is not allowed: it ends, stops or changes other sessions, or the server';
const outside = 'is not allowed: it has an effect that is no part of the transaction';
const objects = 'is not allowed: it works on large objects';
const kind = 'is not allowed: it is not about one of TABLE, INDEX, VIEW';

const byTheCheck: Row[] = [
  { said: 'a file written by COPY', statement: "COPY (SELECT 'x') TO '$/out'", says: verb },
  { said: 'a file read by COPY', statement: "COPY notes FROM '$/secret.txt'", says: verb },
  { said: 'a program run by COPY', statement: "COPY notes TO PROGRAM 'touch $/out'", says: verb },
  {
    said: 'a file read',
    statement: "WITH x AS (SELECT pg_read_file('$/secret.txt') AS a) INSERT INTO notes SELECT a FROM x",
    says: `pg_read_file ${files}`,
  },
  {
    said: 'a file read as bytes',
    statement: "UPDATE notes SET note = pg_read_binary_file('$/secret.txt')::text",
    says: `pg_read_binary_file ${files}`,
  },
  { said: 'under a quoted name', statement: `SELECT "pg_read_file"('$/secret.txt')`, says: files },
  {
    said: 'behind a schema',
    statement: `WITH x AS (SELECT pg_catalog . "pg_read_file"('$/secret.txt')) SELECT * FROM x`,
    says: files,
  },
  {
    said: 'in other letters, behind nested comments',
    statement: "WITH x AS (SELECT Pg_ReAd_FiLe /* /* */ ( */\n('$/secret.txt')) SELECT * FROM x",
    says: files,
  },
  {
    said: 'with letters that are escaped',
    statement: `SELECT U&"pg_read_f\\0069le"('$/secret.txt')`,
    says: 'Unicode escapes',
  },
  {
    said: 'with escapes of its own',
    statement: `SELECT u&"pg_read_f!0069le" UESCAPE '!' ('$/secret.txt')`,
    says: 'Unicode escapes',
  },
  {
    said: 'in a column default',
    statement: "CREATE TABLE n (a text DEFAULT pg_read_file('$/secret.txt'))",
    says: files,
  },
  { said: 'in a view', statement: "CREATE VIEW n AS SELECT pg_read_file('$/secret.txt')", says: files },
  {
    said: 'in RETURNING',
    statement: "DELETE FROM notes RETURNING pg_read_file('$/secret.txt')",
    says: files,
  },
  {
    said: 'in an upsert',
    statement:
      "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = pg_read_file('$/secret.txt')",
    says: files,
  },
  {
    said: 'in a merge',
    statement:
      "MERGE INTO orders USING (SELECT 1) AS s ON true WHEN MATCHED THEN UPDATE SET note = pg_read_file('$/secret.txt')",
    says: files,
  },
  { said: 'a folder listed', statement: "SELECT * FROM pg_ls_dir('$') AS a", says: `pg_ls_dir ${files}` },
  {
    said: "the server's logs listed",
    statement: 'WITH x AS (SELECT name FROM pg_ls_waldir()) SELECT * FROM x',
    says: `pg_ls_waldir ${files}`,
  },
  {
    said: 'a file asked for',
    statement: "SELECT size FROM pg_stat_file('$/secret.txt')",
    says: `pg_stat_file ${files}`,
  },
  {
    said: 'who may log in, read',
    statement: 'SELECT * FROM pg_hba_file_rules',
    says: `pg_hba_file_rules ${files}`,
  },
  {
    said: 'settings in files, read',
    statement: 'SELECT sourcefile FROM pg_file_settings',
    says: `pg_file_settings ${files}`,
  },
  {
    said: 'a snapshot written',
    statement: 'WITH x AS (SELECT pg_export_snapshot()) SELECT * FROM x',
    says: `pg_export_snapshot ${files}`,
  },
  {
    said: 'a file written',
    statement: "SELECT pg_file_write('$/out', 'x', false)",
    says: `pg_file_write ${files}`,
  },
  {
    said: 'a file removed',
    statement: "WITH x AS (SELECT pg_file_unlink('$/secret.txt')) SELECT * FROM x",
    says: `pg_file_unlink ${files}`,
  },
  {
    said: 'a file read into a large object',
    statement: "WITH x AS (SELECT lo_import('$/secret.txt')) SELECT * FROM x",
    says: `lo_import ${files}`,
  },
  {
    said: 'a large object written to a file',
    statement: "SELECT lo_export(1, '$/out')",
    says: `lo_export ${files}`,
  },
  {
    said: 'a large object made',
    statement: "WITH x AS (SELECT lo_from_bytea(0, 'x')) SELECT * FROM x",
    says: `lo_from_bytea ${objects}`,
  },
  {
    said: 'a trigger that removes large objects',
    statement: 'CREATE TRIGGER n BEFORE DELETE ON notes FOR EACH ROW EXECUTE FUNCTION lo_manage(note)',
    says: `lo_manage ${objects}`,
  },
  {
    said: 'a connection',
    statement:
      "WITH x AS (SELECT dblink_connect('host=127.0.0.1 port=PORT connect_timeout=2')) SELECT * FROM x",
    says: `dblink_connect ${connects}`,
  },
  {
    said: 'a query elsewhere',
    statement: "INSERT INTO notes SELECT a FROM dblink('host=127.0.0.1 port=PORT', 'SELECT 1') AS t (a text)",
    says: `dblink ${connects}`,
  },
  {
    said: 'a statement elsewhere, by RETURNING',
    statement:
      "DELETE FROM notes RETURNING public.dblink_exec('port=PORT host=127.0.0.1', 'DROP TABLE notes')",
    says: `dblink_exec ${connects}`,
  },
  {
    said: 'a query in a text',
    statement:
      "WITH x AS (SELECT query_to_xml('SELECT pg_read_file(''$/secret.txt'')', true, true, '')) SELECT * FROM x",
    says: `query_to_xml ${asText}`,
  },
  {
    said: 'a query in statistics of words',
    statement: "SELECT word FROM ts_stat('SELECT to_tsvector(pg_read_file(''$/secret.txt''))')",
    says: `ts_stat ${asText}`,
  },
  {
    said: 'a query in a cross table',
    statement:
      "SELECT * FROM crosstab('SELECT ''a'', ''b'', pg_read_file(''$/secret.txt'')') AS t (a text, b text)",
    says: `crosstab ${asText}`,
  },
  {
    said: 'another role taken',
    statement: "WITH x AS (SELECT set_config('role', 'postgres', false)) SELECT * FROM x",
    says: 'set_config is not allowed: it changes settings',
  },
  {
    said: 'a setting changed by a view',
    statement: "UPDATE pg_settings SET setting = '1' WHERE name = 'statement_timeout'",
    says: 'pg_settings is not allowed: it changes settings',
  },
  {
    said: 'passwords read',
    statement: 'SELECT rolpassword FROM pg_catalog.pg_authid',
    says: 'pg_authid is not allowed: it reads the passwords',
  },
  {
    said: 'sessions ended',
    statement: 'WITH x AS (SELECT pg_terminate_backend(pid) FROM pg_stat_activity) SELECT * FROM x',
    says: `pg_terminate_backend ${others}`,
  },
  { said: 'settings loaded', statement: 'SELECT pg_reload_conf()', says: `pg_reload_conf ${others}` },
  {
    said: 'the log switched',
    statement: 'WITH x AS (SELECT pg_switch_wal()) SELECT * FROM x',
    says: `pg_switch_wal ${others}`,
  },
  {
    said: 'a slot made',
    statement: "WITH x AS (SELECT pg_create_physical_replication_slot('n', true)) SELECT * FROM x",
    says: `pg_create_physical_replication_slot ${others}`,
  },
  {
    said: 'a message in the log',
    statement: "WITH x AS (SELECT pg_logical_emit_message(false, 'a', 'b')) SELECT * FROM x",
    says: `pg_logical_emit_message ${others}`,
  },
  {
    said: 'a notification',
    statement: "WITH x AS (SELECT pg_notify('n', 'x')) SELECT * FROM x",
    says: `pg_notify ${outside}`,
  },
  {
    said: 'a lock that stays',
    statement: 'WITH x AS (SELECT pg_advisory_lock(42)) SELECT * FROM x',
    says: 'pg_advisory_lock is not allowed: it takes or lets go locks',
  },
  {
    said: 'collations of the system',
    statement: "SELECT pg_import_system_collations('public')",
    says: 'pg_import_system_collations is not allowed: it runs a program',
  },
  { said: 'a block', statement: "DO $$ BEGIN PERFORM pg_read_file('$/secret.txt'); END $$", says: verb },
  { said: 'a listener', statement: 'LISTEN n', says: verb },
  { said: 'a library', statement: "LOAD '$/evil.so'", says: verb },
  { said: 'a role', statement: 'SET ROLE postgres', says: verb },
  { said: 'an extension', statement: 'CREATE EXTENSION file_fdw', says: `CREATE EXTENSION ${kind}` },
  {
    said: 'a function',
    statement: "CREATE OR REPLACE FUNCTION n() RETURNS text LANGUAGE sql AS 'SELECT 1'",
    says: `CREATE FUNCTION ${kind}`,
  },
  {
    said: 'a language',
    statement: 'CREATE TRUSTED LANGUAGE n HANDLER plpgsql_call_handler',
    says: `CREATE TRUSTED ${kind}`,
  },
  {
    said: 'an aggregate, its function in quotes',
    statement: "CREATE AGGREGATE n (text) (sfunc = 'pg_read_file', stype = text)",
    says: `CREATE AGGREGATE ${kind}`,
  },
  {
    said: 'a program as a table',
    statement: "CREATE FOREIGN TABLE n (a text) SERVER files OPTIONS (program 'touch $/out')",
    says: `CREATE FOREIGN ${kind}`,
  },
  {
    said: 'a rule that notifies',
    statement: 'CREATE RULE n AS ON INSERT TO notes DO ALSO NOTIFY n',
    says: `CREATE RULE ${kind}`,
  },
  {
    said: 'a subscription',
    statement: "CREATE SUBSCRIPTION n CONNECTION 'host=127.0.0.1 port=PORT' PUBLICATION p",
    says: `CREATE SUBSCRIPTION ${kind}`,
  },
  {
    said: 'settings of the server',
    statement: "ALTER SYSTEM SET archive_command = 'touch $/out'",
    says: `ALTER SYSTEM ${kind}`,
  },
  { said: 'rights of a role', statement: 'ALTER ROLE countersign_sql SUPERUSER', says: `ALTER ROLE ${kind}` },
  { said: 'a role dropped', statement: 'DROP /* it */ ROLE countersign_sql', says: `DROP ROLE ${kind}` },
  {
    said: 'keys copied to a table that stands before them',
    statement: 'SELECT * INTO TEMP countersign_effects FROM public.countersign_effects',
    says: 'only a SELECT may name it',
  },
  {
    said: 'keys deleted',
    statement: 'WITH x AS (DELETE FROM public."countersign_effects" RETURNING key) SELECT * FROM x',
    says: 'only a SELECT may name it',
  },
];

const denied = 'permission denied for';
const byTheRole: Row[] = [
  {
    said: 'a file read, behind a name of its own',
    statement: "INSERT INTO orders (note) SELECT sneaky('$/secret.txt')",
    says: `${denied} function pg_read_file [42501]`,
  },
  {
    said: 'a file written, behind a name of its own',
    statement: "WITH x AS (SELECT program('touch $/out')) SELECT * FROM x",
    says: 'must be superuser or have privileges of the pg_execute_server_program role',
  },
  {
    said: "a function with its owner's rights, not granted",
    statement: "UPDATE orders SET note = trusted('$/secret.txt')",
    says: `${denied} function trusted [42501]`,
  },
  {
    said: 'a file as a table, not granted',
    statement: 'INSERT INTO orders (note) SELECT a FROM secret',
    says: `${denied} foreign table secret [42501]`,
  },
  {
    said: 'a table that is not granted',
    statement: 'INSERT INTO orders (note) SELECT note FROM notes',
    says: `${denied} table notes [42501]`,
  },
  {
    said: 'a function rewritten in the catalogue',
    statement: "UPDATE pg_proc SET prosrc = 'x' WHERE proname = 'sneaky'",
    says: `${denied} table pg_proc [42501]`,
  },
  {
    said: 'a language put into the catalogue',
    statement: "INSERT INTO pg_catalog.pg_language (oid, lanname) VALUES (1, 'n')",
    says: `${denied} table pg_language [42501]`,
  },
  {
    said: 'statistics of what others store',
    statement: 'INSERT INTO orders (note) SELECT stavalues1::text FROM pg_statistic',
    says: `${denied} table pg_statistic [42501]`,
  },
  { said: 'a table made', statement: 'CREATE TABLE n (a int)', says: `${denied} schema public [42501]` },
  {
    said: 'a temporary table made',
    statement: 'CREATE TEMP TABLE n (a int)',
    says: 'permission denied to create temporary tables',
  },
  { said: 'a schema made', statement: 'CREATE SCHEMA n', says: `${denied} database orders [42501]` },
  {
    said: 'a trigger made',
    statement:
      'CREATE TRIGGER n BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    says: `${denied} table orders [42501]`,
  },
  { said: 'a table emptied', statement: 'TRUNCATE orders', says: `${denied} table orders [42501]` },
  {
    said: 'a table dropped',
    statement: 'DROP TABLE orders CASCADE',
    says: 'must be owner of table orders [42501]',
  },
  {
    said: 'a table moved',
    statement: 'ALTER TABLE orders SET SCHEMA pg_catalog',
    says: 'must be owner of table orders [42501]',
  },
];

(hasPostgres() ? describe : describe.skip)('postgres', () => {
  let server: Postgres;
  let listener: Server;
  let folder: string;
  let connections = 0;
  let port = 0;
  /** With a superuser's login, and with the advised role's. */
  let mighty: Sql;
  let advised: Sql;

  const inOrders = async (text: string): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: server.url.replace(/postgres$/, 'orders') });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const filled = (statement: string): string =>
    statement
      .replaceAll('$/', `${folder}/`)
      .replaceAll("'$'", `'${folder}'`)
      .replaceAll('PORT', String(port));
  const preview = (sql: Sql, statement: string): Promise<unknown> =>
    Promise.resolve().then(() =>
      sql.action.preview?.({ database: 'orders', statement: filled(statement) }, { signal }),
    );
  const run = (sql: Sql, statement: string, key = 'attack'): Promise<unknown> =>
    Promise.resolve().then(() =>
      sql.action.run(
        { database: 'orders', statement: filled(statement) },
        { key, workflowId: 'wf', digest: 'd', signal },
      ),
    );
  /** Everything that one of them could have changed, inside and outside. */
  const state = async (): Promise<unknown> => ({
    files: readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
    connections,
    inside: await inOrders(`SELECT
      (SELECT json_agg(o) FROM orders o)::text AS orders, (SELECT json_agg(n) FROM notes n)::text AS notes,
      (SELECT json_agg(e.key) FROM countersign_effects e)::text AS effects,
      (SELECT count(*) FROM pg_class) AS relations, (SELECT count(*) FROM pg_proc) AS functions,
      (SELECT count(*) FROM pg_largeobject_metadata) AS objects, (SELECT count(*) FROM pg_namespace) AS schemas,
      (SELECT count(*) FROM pg_extension) AS extensions, (SELECT count(*) FROM pg_language) AS languages,
      (SELECT count(*) FROM pg_trigger) AS triggers, (SELECT count(*) FROM pg_replication_slots) AS slots,
      (SELECT json_agg((rolname, rolsuper)) FROM pg_roles)::text AS roles,
      (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks,
      pg_read_file('postgresql.auto.conf') AS settings, (SELECT count(*) FROM pg_ls_dir('pg_snapshots')) AS snapshots`),
  });

  beforeAll(async () => {
    server = await startPostgres();
    folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-pg-hostile-'));
    // The server's own user may read and write here: what is not written could have been.
    chmodSync(folder, 0o777);
    writeFileSync(path.join(folder, 'secret.txt'), SECRET);
    listener = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    await server.query('CREATE DATABASE orders');
    await inOrders(`
      CREATE TABLE customers (id int PRIMARY KEY); CREATE TABLE orders (id serial PRIMARY KEY, note text, lo_price int, doc jsonb);
      CREATE TABLE notes (note text); INSERT INTO orders (note, lo_price, doc) VALUES ('one', 5, '{"a":[1,2]}'), ('two', 7, NULL);
      INSERT INTO notes VALUES ('a note'); INSERT INTO customers VALUES (1);
      CREATE EXTENSION dblink; CREATE EXTENSION adminpack; CREATE EXTENSION lo; CREATE EXTENSION tablefunc; CREATE EXTENSION file_fdw;
      CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
      CREATE FOREIGN TABLE secret (a text) SERVER files OPTIONS (filename '${folder}/secret.txt');
      CREATE FUNCTION sneaky(name text) RETURNS text LANGUAGE sql AS 'SELECT pg_read_file(name)';
      CREATE FUNCTION program(it text) RETURNS void LANGUAGE plpgsql AS
        'BEGIN EXECUTE format(''COPY (SELECT 1) TO PROGRAM %L'', it); END';
      CREATE FUNCTION trusted(name text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT pg_read_file(name)';
      REVOKE EXECUTE ON FUNCTION trusted FROM PUBLIC`);
    await inOrders(role);
    const at = (login: string): string => `postgres://${login}@127.0.0.1:${String(server.port)}/orders`;
    mighty = createSql({ orders: { url: at('postgres') } });
    advised = createSql({ orders: { url: at('countersign_sql') } });
    await run(advised, 'SELECT 1', 'paid');
  }, 60_000);

  afterAll(async () => {
    await mighty.close();
    await advised.close();
    listener.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  test('without the check, a superuser gets at all of it: what follows could fail', async () => {
    const [read] = await inOrders(filled("SELECT pg_read_file('$/secret.txt') AS it"));
    expect(read).toEqual({ it: SECRET });
    await inOrders(filled("COPY (SELECT 'x') TO PROGRAM 'cat > $/written'"));
    expect(readFileSync(path.join(folder, 'written'), 'utf8')).toBe('x\n');
    await inOrders(filled("SELECT dblink_connect('host=127.0.0.1 port=PORT')")).catch(() => undefined);
    expect(connections).toBe(1);
    expect(await inOrders(filled("SELECT sneaky('$/secret.txt') AS it"))).toEqual([{ it: SECRET }]);
  });

  const refused = async (sql: Sql, { statement, says }: Row): Promise<void> => {
    const before = await state();
    const previewed = await preview(sql, statement).catch((error: unknown) => error);
    expect(await state()).toEqual(before);
    const ran = await run(sql, statement).catch((error: unknown) => error);
    expect(await state()).toEqual(before);
    expect(ran).toMatchObject({
      name: expect.stringMatching(/^(?:PermanentError|TypeError)$/) as string,
      message: expect.stringContaining(says) as string,
    });
    // A SELECT, and what changes the schema, is not tried before it is approved.
    const skipped = typeof previewed === 'object' && previewed !== null && 'skipped' in previewed;
    expect(skipped || String(previewed).includes(says)).toBe(true);
    expect(String(previewed) + String(ran)).not.toContain(SECRET);
  };

  test.each(byTheCheck)('refused to a superuser by its text: $said', (row) => refused(mighty, row));
  test.each(byTheCheck)('refused to the role by its text: $said', (row) => refused(advised, row));
  test.each(byTheRole)('refused to the role by the server: $said', (row) => refused(advised, row));

  test('they are more than forty', () => {
    expect(byTheCheck.length + byTheRole.length).toBeGreaterThanOrEqual(40);
  });

  test('a document of XML reads no file', async () => {
    const statement = `INSERT INTO orders (note) SELECT xmlserialize(DOCUMENT xmlparse(DOCUMENT
      '<!DOCTYPE a [<!ENTITY e SYSTEM "file://$/secret.txt">]><a>&e;</a>') AS text) RETURNING note`;
    const ran = await run(advised, statement, 'xml').catch((error: unknown) => error);
    expect(JSON.stringify(ran) + String(ran)).not.toContain(SECRET);
    await inOrders('DELETE FROM orders WHERE id > 2');
  });

  test.each([
    { login: 'postgres', grant: 'SELECT 1', says: 'the login postgres is a superuser; nothing is tried' },
    {
      login: 'reader',
      grant: 'GRANT pg_read_server_files TO reader',
      says: 'the login reader has the rights of pg_read_server_files; ',
    },
    {
      login: 'writer',
      grant: 'GRANT pg_write_server_files TO writer',
      says: 'the login writer has the rights of pg_write_server_files; ',
    },
    {
      login: 'runner',
      grant: 'GRANT pg_execute_server_program TO runner',
      says: 'the login runner has the rights of pg_execute_server_program; ',
    },
    {
      login: 'heir',
      grant: 'ALTER ROLE heir NOINHERIT; GRANT postgres TO heir',
      says: 'the login heir has the rights of postgres; ',
    },
  ])('nothing is previewed for $login, and the reviewer reads why', async ({ login, grant, says }) => {
    if (login !== 'postgres') await inOrders(`CREATE ROLE ${login} LOGIN; GRANT ALL ON orders TO ${login}`);
    await inOrders(grant);
    const url = `postgres://${login}@127.0.0.1:${String(server.port)}/orders`;
    const sql = createSql({ orders: { url } });
    expect(await preview(sql, "UPDATE orders SET note = sneaky('$/secret.txt')")).toEqual({
      skipped: expect.stringContaining(says) as string,
    });
    await sql.close();
    // Another login for previews alone is the way out.
    const apart = createSql({
      orders: { url, preview: { url: url.replace(`//${login}@`, '//countersign_sql@') } },
    });
    expect(await preview(apart, "UPDATE orders SET note = 'x'")).toEqual({ rowsAffected: 2 });
    await apart.close();
  });

  interface Harmless {
    readonly statement: string;
    readonly gives: unknown;
    readonly previews?: unknown;
  }
  const harmless: Harmless[] = [
    {
      statement: 'SELECT id, lo_price FROM orders WHERE id < 3 ORDER BY lo_price DESC',
      gives: {
        rowsAffected: 0,
        rows: [
          { id: 2, lo_price: 7 },
          { id: 1, lo_price: 5 },
        ],
      },
    },
    {
      statement: "INSERT INTO orders (note) VALUES ('of a serial column') RETURNING note",
      gives: { rowsAffected: 1, rows: [{ note: 'of a serial column' }] },
      previews: { rowsAffected: 1 },
    },
    {
      statement:
        "INSERT INTO orders (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.note || '!' RETURNING note",
      gives: { rowsAffected: 1, rows: [{ note: 'x!' }] },
      previews: { rowsAffected: 1 },
    },
    {
      statement:
        "UPDATE orders SET doc = jsonb_set(doc, '{b}', to_jsonb(now() IS NOT NULL)) WHERE id = 1 RETURNING doc",
      gives: { rowsAffected: 1, rows: [{ doc: { a: [1, 2], b: true } }] },
      previews: { rowsAffected: 1 },
    },
    {
      statement:
        'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5) SELECT sum(i)::int AS v FROM c',
      gives: { rowsAffected: 0, rows: [{ v: 15 }] },
      previews: { rowsAffected: 0 },
    },
    {
      statement: 'SELECT id, sum(lo_price) OVER (ORDER BY id)::int AS v FROM orders WHERE id < 3',
      gives: {
        rowsAffected: 0,
        rows: [
          { id: 1, v: 5 },
          { id: 2, v: 12 },
        ],
      },
    },
    {
      statement: "SELECT to_char(date '2026-01-31' + interval '1 month', 'YYYY-MM-DD') AS v",
      gives: { rowsAffected: 0, rows: [{ v: '2026-02-28' }] },
    },
    {
      statement: "SELECT x.v::int AS v FROM orders, jsonb_array_elements(doc -> 'a') AS x (v) WHERE id = 1",
      gives: { rowsAffected: 0, rows: [{ v: 1 }, { v: 2 }] },
    },
    {
      statement:
        "SELECT string_agg(DISTINCT left(note, 1), '+' ORDER BY left(note, 1)) AS v, pg_typeof(count(*))::text AS t FROM orders WHERE id IN (1, 2)",
      gives: { rowsAffected: 0, rows: [{ v: 'o+t', t: 'bigint' }] },
    },
    {
      statement: "SELECT to_tsvector('english', 'the orders') @@ to_tsquery('order') AS v",
      gives: { rowsAffected: 0, rows: [{ v: true }] },
    },
    {
      statement: "SELECT 'pg_read_file(''x'')' AS v, $$lo_import$$ AS w",
      gives: { rowsAffected: 0, rows: [{ v: "pg_read_file('x')", w: 'lo_import' }] },
    },
    {
      statement:
        'MERGE INTO orders USING customers AS c ON orders.id = c.id WHEN MATCHED THEN UPDATE SET lo_price = 6',
      gives: { rowsAffected: 1 },
      previews: { rowsAffected: 1 },
    },
    {
      statement: 'DELETE FROM orders WHERE id = 2',
      gives: { rowsAffected: 1 },
      previews: { rowsAffected: 1 },
    },
    {
      statement: "INSERT INTO orders (id, note) VALUES (nextval('orders_id_seq') + 100, 'x') RETURNING note",
      gives: { rowsAffected: 1, rows: [{ note: 'x' }] },
      previews: { skipped: 'nextval is not undone by a rollback, so it is not tried before it is approved' },
    },
  ];
  test.each(harmless)('harmless, under the role: $statement', async ({ statement, gives, previews }) => {
    const before = await state();
    const previewed = await preview(advised, statement);
    expect(previewed).toEqual(previews ?? { skipped: 'a SELECT is run once it is approved' });
    expect(await state()).toEqual(before);
    await inOrders('BEGIN; DELETE FROM orders; ALTER SEQUENCE orders_id_seq RESTART WITH 3; COMMIT');
    await inOrders(
      `INSERT INTO orders (id, note, lo_price, doc) VALUES (1, 'one', 5, '{"a":[1,2]}'), (2, 'two', 7, NULL)`,
    );
    expect(await run(advised, statement, statement)).toEqual(gives);
    expect(await run(advised, statement, statement)).toEqual(gives);
  });
});
