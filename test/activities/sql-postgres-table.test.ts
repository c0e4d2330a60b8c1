/**
 * The table of what no statement on PostgreSQL may name, beside a real server with every extension that PostgreSQL
 * brings: a function that acts, that anybody may call and that nobody has looked at is found here.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { POSTGRES_RULES } from '../../src/actions/sql-postgres-table';
import { scan } from '../../src/actions/sql-scan';
import { hasPostgres, startPostgres } from '../support/postgres';

/** Volatile, for anybody to call, and looked at: they have no effect that outlives the transaction. */
const HARMLESS: readonly RegExp[] = [
  // Time, chance, waiting (the time limit ends it), what this session has done.
  /^(?:clock_timestamp|timeofday|random|random_normal|setseed|gen_random_uuid|uuidv[47]|uuid_generate_v.*|pg_sleep.*|currval|lastval|current_query|currtid2)$/,
  /^(?:txid_.*|pg_xact_.*|pg_last_.*|pg_prepared_xact|pg_stat_clear_snapshot|pg_notification_queue_usage|pg_sequence_last_value)$/,
  // Locks of the transaction.
  /^pg_(?:try_)?advisory_xact_lock/,
  // What the server tells of itself: sizes, counters, positions, locks.
  /^pg_stat_get_/,
  /^pg_.*_size$/,
  /^pg_(?:lock_status|blocking_pids|safe_snapshot_blocking_pids|isolation_test_session_is_blocked|get_multixact_members|partition_.*|jit_available|is_.*|current_wal_.*)$/,
  /^pg_(?:database_)?collation_actual_version$/,
  // Called by nothing but the engine: handlers, trigger functions that change their own row, dictionaries.
  /(?:handler|validator|_init|_lexize)$/,
  /^(?:RI_FKey_.*|suppress_redundant_updates_trigger|tsvector_update_trigger.*|unique_key_recheck|amvalidate|pg_extension_config_dump|bernoulli|system.*)$/,
  /^(?:autoinc|check_foreign_key|check_primary_key|insert_username|moddatetime|int_agg_.*)$/,
  // Extensions: pages and rows of the database for superusers, encryption, random numbers, the connection's certificate.
  /^(?:bt_.*|brin.*|gin_.*|gist_.*|hash_.*|heap_.*|fsm_page_contents|get_raw_page|page_.*|tuple_data_split|pgrowlocks|pg_old_snapshot_time_mapping)$/,
  /^(?:pgp_.*|gen_random_bytes|gen_salt|normal_rand|ssl_.*)$/,
  // Statements of the same login, without their values.
  /^pg_stat_statements(?:_info)?$/,
];

const named = (name: string): boolean =>
  POSTGRES_RULES.some(({ names }) =>
    names.some((known) => (known.endsWith('*') ? name.startsWith(known.slice(0, -1)) : name === known)),
  );

(hasPostgres() ? test : test.skip)(
  'every function that acts and that anybody may call is in the table, or was looked at',
  async () => {
    const server = await startPostgres();
    const extensions = await server.query("SELECT name FROM pg_available_extensions WHERE name <> 'plpgsql'");
    for (const { name } of extensions) {
      // Some want another one, or another language, which may not be installed.
      await server.query(`CREATE EXTENSION IF NOT EXISTS "${String(name)}" CASCADE`).catch(() => undefined);
    }
    await server.query('CREATE ROLE anybody LOGIN');
    const functions = await server.query(`SELECT DISTINCT proname AS name FROM pg_proc
    WHERE provolatile = 'v' AND has_function_privilege('anybody', oid, 'EXECUTE') ORDER BY 1`);
    await server.stop();
    const names = functions.map(({ name }) => String(name));
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => !named(name) && !HARMLESS.some((known) => known.test(name)))).toEqual([]);
    // Neither list is for show.
    for (const name of ['pg_notify', 'pg_advisory_lock', 'lo_creat', 'set_config', 'nextval', 'pg_sleep'])
      expect(names).toContain(name);
  },
  60_000,
);

test.each(
  POSTGRES_RULES.flatMap((rule) => rule.names.map((name) => ({ ...rule, name: name.replace('*', '') }))),
)('found wherever it stands: $name', ({ name, does, after }) => {
  for (const written of [name, name.toUpperCase(), `"${name}"`, `pg_catalog./* */"${name}"`, `x.${name}`]) {
    for (const statement of [
      `SELECT ${written}('x')`,
      `WITH a AS (SELECT 1 FROM ${written}('x')) DELETE FROM t`,
      `INSERT INTO t VALUES (1) RETURNING (SELECT ${written} ('x'))`,
      `CREATE TABLE n (a text DEFAULT ${written}('x'))`,
      `SELECT nextval('s'), ${written}`,
    ]) {
      const found = scan(statement, 'postgres');
      if (after === 'approval')
        expect(found).toMatchObject({ ok: true, lasting: expect.any(String) as string });
      else expect(found).toEqual({ ok: false, message: expect.stringContaining(does) as string });
    }
  }
  // In a text, or as part of another name, it means nothing.
  expect(scan(`SELECT '${name}', $$${name}$$, my_${name} FROM t -- ${name}`, 'postgres')).toEqual({
    ok: true,
    verb: 'SELECT',
  });
});

test('docs/sql.md has the same table', () => {
  const page = readFileSync(path.resolve(__dirname, '../../docs/sql.md'), 'utf8');
  const [, section = ''] = page.split('## PostgreSQL');
  const rows = [...section.matchAll(/^- ([^:]+?)(?: \((not previewed)[^)]*\))?: `([^`]+)`$/gm)].map(
    ([, does, mild, names = '']) => ({
      does,
      after: mild === undefined ? 'never' : 'approval',
      names: names.split(' '),
    }),
  );
  expect(rows).toEqual(POSTGRES_RULES);
});
