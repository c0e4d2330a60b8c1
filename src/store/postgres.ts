/**
 * The audit in PostgreSQL, for workers on several machines. Each append is one transaction that is on the server's disk
 * when it is answered, whatever the server's or the role's own setting says, for an entry comes before its effect.
 */
import type { ClientBase, Pool, PoolClient } from 'pg';
import {
  type Appended,
  type AuditRecord,
  type AuditStore,
  headsOf,
  metaText,
  NoTable,
  parted,
  placeOf,
  predecessors,
  recordOf,
  storable,
} from './audit-store';
import { postgresConfigurations } from './configuration-store';
import { openPool, postgresName } from './postgres-pool';
import { CREATE, grantWriter, migrate, TABLE, version } from './postgres-schema';

/** Milliseconds. All of it, once connected, within the 10 s that the workflow gives the activity `record`. */
const WITHIN = { lock: 3_000, statement: 5_000, total: 8_000 } as const;

const SETTINGS =
  `SET LOCAL statement_timeout = ${String(WITHIN.statement)}; SET LOCAL lock_timeout = ${String(WITHIN.lock)}; ` +
  `SET LOCAL idle_in_transaction_session_timeout = ${String(WITHIN.total)}; ` +
  // remote_apply waits for more than on does; anything else for less.
  "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') <> 'remote_apply'";

const OUTLINE = 'workflow_id, first_run_id, seq, hash, prev';
const COLUMNS = `${OUTLINE}, meta, "commit", text`;

/** Rows at once where all are read. */
const PAGE = 2_000;

/**
 * @param url `postgresql://…`
 * @param create whether tables are created and altered where they are not of this version. @default true
 * @param writer a role that is made and may only add: `grantWriter`
 * @throws Error naming server and database, and what to do
 */
export async function openPostgresStore(
  url: string,
  { create = true, writer }: { readonly create?: boolean; readonly writer?: string | undefined } = {},
): Promise<AuditStore> {
  const { pool, explain: told } = openPool(url, { of: 'audit', max: 8, mends: MENDS });
  const explain = (error: unknown): never => {
    if ((error as { code?: unknown }).code === '42P01')
      throw new NoTable(`the audit store, ${postgresName(url)},`);
    return told(error);
  };
  const work = <T>(on: (client: ClientBase) => Promise<T>): Promise<T> =>
    transaction(pool, on).catch(explain);
  try {
    if (create) await work(migrate);
    else await work(version);
    if (writer !== undefined) await work((client) => grantWriter(client, writer));
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    async append(records) {
      for (const record of records) storable(record);
      return records.length === 0 ? {} : work((client) => insert(client, records));
    },
    ...postgresConfigurations(work),
    entries: (workflowId, firstRunId) =>
      work((client) =>
        firstRunId === undefined
          ? read(client, 'workflow_id = $1', [workflowId])
          : read(client, 'workflow_id = $1 AND first_run_id = $2', [workflowId, firstRunId]),
      ),
    async entry({ workflowId, firstRunId }, { seq, hash }) {
      const where = 'workflow_id = $1 AND first_run_id = $2 AND seq = $3 AND hash = $4';
      return (await work((client) => read(client, where, [workflowId, firstRunId, seq, hash])))[0];
    },
    async *chains() {
      for await (const chain of chainsOf(pool, COLUMNS, explain)) yield chain.map(recordOf);
    },
    async *heads() {
      for await (const chain of chainsOf(pool, OUTLINE, explain))
        yield headsOf(chain.flatMap((row) => placeOf(row) ?? []));
    },
    count: () => work(count),
    ready: () => work(writable),
    close: () => pool.end(),
  };
}

/** Opens a transaction, works, commits. What goes wrong closes the connection, the surest rollback there is. */
async function transaction<T>(pool: Pool, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const late = cutOff(client);
  try {
    await client.query(`BEGIN; ${SETTINGS}`);
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('the database rolled the transaction back');
    late.stop();
    client.release();
    return result;
  } catch (error) {
    late.stop();
    client.release(true);
    throw late.passed() ? new Error(`there was no answer within ${String(WITHIN.total / 1000)} s`) : error;
  }
}

/** A server that vanished answers nothing, not even an error: only our own clock ends the wait. */
function cutOff(client: PoolClient): { stop(): void; passed(): boolean } {
  let passed = false;
  const ignore = (): void => undefined;
  // The pool listens only to idle connections.
  client.on('error', ignore);
  const timer = setTimeout(() => {
    passed = true;
    void client.end().catch(ignore);
  }, WITHIN.total);
  return {
    passed: () => passed,
    stop() {
      clearTimeout(timer);
      if (!passed) client.off('error', ignore);
    },
  };
}

async function writable(client: ClientBase): Promise<void> {
  if ((await version(client)) === 0)
    throw new Error(`the table ${TABLE} is not there; run \`countersign setup\``);
  const { rows } = await client.query<{ may: boolean; role: string; standby: string }>(
    `SELECT has_table_privilege($1, 'SELECT') AND has_table_privilege($1, 'INSERT') AS may,
       current_user AS role, current_setting('transaction_read_only') AS standby`,
    [TABLE],
  );
  const { may, role = '', standby } = rows[0] ?? {};
  if (may !== true)
    throw new Error(
      `the role ${role} may not use the table; as its owner, run: GRANT SELECT, INSERT ON ${TABLE} TO "${role}"`,
    );
  await client.query(`SELECT ${COLUMNS} FROM ${TABLE} LIMIT 0`);
  if (standby === 'on') throw new Error('the server takes no writes (a standby?); name the primary');
}

/** In one statement, which stores nothing where what one of them follows is not there. */
async function insert(client: ClientBase, records: readonly AuditRecord[]): Promise<Appended> {
  const needed = predecessors(records);
  const of = <Item>(items: readonly Item[], ...columns: ((item: Item) => unknown)[]) =>
    columns.map((column) => items.map(column));
  const { rows } = await client.query<{ nth: string }>(
    `WITH missing AS (
       SELECT nth FROM unnest($9::text[], $10::text[], $11::bigint[], $12::text[])
         WITH ORDINALITY AS needed (workflow_id, first_run_id, seq, hash, nth)
       WHERE NOT EXISTS (SELECT FROM ${TABLE} AS there
         WHERE (there.workflow_id, there.first_run_id, there.seq, there.hash) =
           (needed.workflow_id, needed.first_run_id, needed.seq, needed.hash))),
     added AS (
       INSERT INTO ${TABLE} (${COLUMNS})
         SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
         WHERE NOT EXISTS (SELECT FROM missing)
         ON CONFLICT DO NOTHING)
     SELECT nth FROM missing ORDER BY nth LIMIT 1`,
    [
      ...of(
        records,
        ({ workflowId }) => workflowId,
        ({ firstRunId }) => firstRunId,
        ({ seq }) => seq,
        ({ hash }) => hash,
        ({ prev }) => prev,
        ({ meta }) => metaText(meta),
        ({ commit }) => commit,
        ({ text }) => text,
      ),
      ...of(
        needed,
        ({ workflowId }) => workflowId,
        ({ firstRunId }) => firstRunId,
        ({ seq }) => seq,
        ({ hash }) => hash,
      ),
    ],
  );
  const missing = needed[Number(rows[0]?.nth) - 1];
  return missing === undefined ? {} : { missing };
}

/** `seq` as text, for it is a bigint; of a table that somebody has altered, anything. */
type Row = Readonly<Record<string, unknown>>;

async function read(
  client: ClientBase,
  where: string,
  values: readonly (string | number)[],
): Promise<AuditRecord[]> {
  // Bytewise, as the embedded store orders: a database's own collation may do otherwise.
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM ${TABLE} WHERE ${where} ORDER BY first_run_id COLLATE "C", seq, hash COLLATE "C"`,
    [...values],
  );
  return rows.map(recordOf);
}

/** One snapshot, read with a cursor: it holds nobody up, and is never all in memory. */
async function* chainsOf(
  pool: Pool,
  columns: string,
  explain: (error: unknown) => never,
): AsyncGenerator<Row[]> {
  const client = await pool.connect().catch(explain);
  const ignore = (): void => undefined;
  client.on('error', ignore);
  let whole = false;
  try {
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '10min';
       SET LOCAL idle_in_transaction_session_timeout = '10min';
       DECLARE everything NO SCROLL CURSOR FOR SELECT ${columns} FROM ${TABLE}
         ORDER BY workflow_id COLLATE "C", first_run_id COLLATE "C", seq, hash COLLATE "C"`,
    );
    let rest: Row[] = [];
    for (;;) {
      const { rows } = await client.query<Row>(`FETCH ${String(PAGE)} FROM everything`);
      if (rows.length === 0) break;
      const chains = [...parted([...rest, ...rows], (row) => [row['workflow_id'], row['first_run_id']])];
      rest = chains.pop() ?? [];
      yield* chains;
    }
    if (rest.length > 0) yield rest;
    await client.query('COMMIT');
    whole = true;
  } catch (error) {
    explain(error);
  } finally {
    client.off('error', ignore);
    client.release(!whole);
  }
}

async function count(client: ClientBase): Promise<{ chains: number; entries: number }> {
  const { rows } = await client.query<{ chains: string; entries: string }>(
    `SELECT count(*) AS chains, coalesce(sum(entries), 0) AS entries FROM
       (SELECT count(*) AS entries FROM ${TABLE} GROUP BY workflow_id, first_run_id) AS each_chain`,
  );
  return { chains: Number(rows[0]?.chains), entries: Number(rows[0]?.entries) };
}

const MENDS: Readonly<Record<string, string>> = {
  '28P01': 'check the user and the password in COUNTERSIGN_STORE',
  '28000': 'check the user in COUNTERSIGN_STORE, and what pg_hba.conf admits',
  '3D000': 'create the database, or name another in COUNTERSIGN_STORE',
  '42501': `let the role create the table, or create it for the role: ${CREATE}`,
  '42703': "the table is not Countersign's: name another database in COUNTERSIGN_STORE",
  ECONNREFUSED: 'start the server, or name another in COUNTERSIGN_STORE',
  ENOTFOUND: 'check the host in COUNTERSIGN_STORE',
};
