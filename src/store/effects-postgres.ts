/** Effects in PostgreSQL, beside the audit: the one place where all workers of a task queue see whether an effect was begun. */
import { escapeIdentifier } from 'pg';
import { begunOf, doneOf, doneRow, EFFECT_TABLES, sameKey, workerKeyOf, type EffectStore } from './effects';
import { openPool } from './postgres-pool';

const NAMES = EFFECT_TABLES.join(', ');

const TABLES = `CREATE TABLE IF NOT EXISTS effects_begun (
  effect_key text NOT NULL PRIMARY KEY, workflow_id text NOT NULL, run_id text NOT NULL, at text NOT NULL);
CREATE TABLE IF NOT EXISTS effects_done (effect_key text NOT NULL PRIMARY KEY, receipt text NOT NULL, result text NOT NULL);
CREATE TABLE IF NOT EXISTS worker_keys (
  id text NOT NULL PRIMARY KEY, public text NOT NULL, name text NOT NULL, from_at text NOT NULL);
CREATE OR REPLACE FUNCTION effects_append_only() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'effects are added, and never changed'; END $$;
${EFFECT_TABLES.map(
  (table) => `DROP TRIGGER IF EXISTS effects_append_only ON ${table};
CREATE TRIGGER effects_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
  FOR EACH STATEMENT EXECUTE FUNCTION effects_append_only()`,
).join(';\n')}`;

const THERE = `SELECT bool_and(to_regclass(name) IS NOT NULL) AS there FROM unnest($1::text[]) AS name`;

/** Of those who create the tables at the same time, the others wait: two CREATE at once collide in the catalogue. */
const CREATING = 7_263_018_223;

/** Milliseconds, of the 10 s that the workflow gives the activity `record`. */
const WITHIN = { statement: 5_000, answer: 7_000 } as const;

/**
 * A row is on the server's disk before it is answered, whatever the server's or the role's own setting says, for a begin comes before
 * its effect. remote_apply waits for more than on does.
 */
const insert = (table: string, columns: string, values: number, conflict = '') =>
  `WITH durable AS (SELECT set_config('synchronous_commit', 'on', true)
     WHERE current_setting('synchronous_commit') <> 'remote_apply')
   INSERT INTO ${table} (${columns})
     SELECT ${Array.from({ length: values }, (_, n) => `$${String(n + 1)}::text`).join(', ')} FROM (SELECT count(*) FROM durable) AS once
   ${conflict}`;

/**
 * @param url `postgresql://…`
 * @param create whether missing tables are created, where the role may. @default true
 * @param writer a role that is there: it may read and add, no more
 * @throws Error naming server and database, never the password
 */
export async function openPostgresEffects(
  url: string,
  { create = true, writer }: { readonly create?: boolean; readonly writer?: string | undefined } = {},
): Promise<EffectStore> {
  const { pool, explain } = openPool(url, { of: 'effects', max: 4, mends: MENDS, within: WITHIN });
  const query = async (text: string, values?: unknown[]): Promise<Readonly<Record<string, unknown>>[]> => {
    try {
      return (await pool.query<Record<string, unknown>>(text, values)).rows;
    } catch (error) {
      return explain(error);
    }
  };
  const there = async () => (await query(THERE, [[...EFFECT_TABLES]]))[0]?.['there'] === true;
  const mayCreate = async () =>
    (await query("SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may"))[0]?.[
      'may'
    ] === true;
  try {
    // Looked up first: a role that may use the tables need not be one that may create them. One query is one transaction.
    if (create && !(await there()) && (await mayCreate()))
      await query(`SELECT pg_advisory_xact_lock(${String(CREATING)}); ${TABLES}`);
    if (writer !== undefined) await query(`GRANT SELECT, INSERT ON ${NAMES} TO ${escapeIdentifier(writer)}`);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const row = async (table: string, key: string) =>
    (await query(`SELECT * FROM ${table} WHERE effect_key = $1`, [key]))[0];
  const keys = async () =>
    (await query('SELECT * FROM worker_keys ORDER BY from_at COLLATE "C", id COLLATE "C"')).map(workerKeyOf);
  return {
    async begin({ key, workflowId, runId, at }) {
      const text = insert(
        'effects_begun',
        'effect_key, workflow_id, run_id, at',
        4,
        'ON CONFLICT DO NOTHING RETURNING effect_key',
      );
      return (await query(text, [key, workflowId, runId, at])).length === 1 ? 'begun' : 'again';
    },
    async end({ key, ...done }) {
      const { receipt, result } = doneRow(done);
      const text = insert('effects_done', 'effect_key, receipt, result', 3, 'ON CONFLICT DO NOTHING');
      await query(text, [key, receipt, result]);
    },
    async effect(key) {
      const [begun, done] = [await row('effects_begun', key), await row('effects_done', key)];
      return { ...begunOf(begun), ...doneOf(done) };
    },
    async addWorkerKey(key) {
      const text = insert('worker_keys', 'id, public, name, from_at', 4, 'ON CONFLICT DO NOTHING');
      const find = async () => (await keys()).find(({ id }) => id === key.id);
      if ((await find()) === undefined) await query(text, [key.id, key.public, key.name, key.from]);
      sameKey(await find(), key);
    },
    workerKeys: keys,
    async ready() {
      if (!(await there())) throw new Error('the table effects_begun is not there; run `countersign setup`');
      const [found] = await query(
        `SELECT bool_and(has_table_privilege(name, 'SELECT') AND has_table_privilege(name, 'INSERT')) AS may,
           current_user AS role FROM unnest($1::text[]) AS name`,
        [[...EFFECT_TABLES]],
      );
      const role = String(found?.['role']);
      if (found?.['may'] !== true)
        throw new Error(
          `the role ${role} may not use the tables; as their owner, run: GRANT SELECT, INSERT ON ${NAMES} TO "${role}"`,
        );
    },
    close: () => pool.end(),
  };
}

const MENDS: Readonly<Record<string, string>> = {
  '42P01': 'run `countersign setup`, which creates the tables',
  '42501': `as the owner of the tables, run: GRANT SELECT, INSERT ON ${NAMES} TO the role in COUNTERSIGN_STORE`,
};
