/**
 * PostgreSQL behind the `sql` action. Every statement goes by the extended query protocol, in which the server itself
 * refuses a second statement, and a connection forgets its session (settings, temporary tables, advisory locks) after
 * each use, so that nothing a statement leaves behind reaches the next one.
 */
import { type ClientBase, Pool, type PoolClient, Query, type QueryResult } from 'pg';
import type { JsonObject } from '../domain/json';
import { PermanentError } from './action';
import {
  type Effect,
  jsonOf,
  type Limits,
  type Previewed,
  redactor,
  Rows,
  type SqlDatabase,
  type SqlLimits,
  type SqlResult,
  type Statement,
} from './sql-database';
import { EFFECTS_TABLE } from './sql-scan';

export function openPostgres(name: string, url: string, limits: SqlLimits): SqlDatabase {
  const pool = new Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 10_000,
    allowExitOnIdle: true,
    application_name: 'countersign',
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  const explain = explainer(name, redactor(url));
  let table: Promise<void> | undefined;
  const ready = (): Promise<void> => {
    table ??= createTable(pool).catch((error: unknown) => {
      table = undefined;
      throw error;
    });
    return table;
  };
  return {
    preview: (statement, signal) =>
      transaction(pool, limits.preview, signal, async (client) => {
        const previewed = await tried(client, statement);
        await client.query('ROLLBACK');
        return previewed;
      }).catch(explain),
    run: (statement, effect, signal) =>
      ready()
        .then(() => transaction(pool, limits.run, signal, (client) => once(client, statement, effect)))
        .catch(explain),
    close: () => pool.end(),
  };
}

const ADVICE =
  'nothing is tried under such a login before it is approved. docs/sql.md has a role to use instead, for previews alone as { url, preview: { url } }';

async function tried(client: ClientBase, statement: Statement): Promise<Previewed> {
  const power = await powerOf(client);
  if (power !== undefined) return { skipped: `${power}; ${ADVICE}` };
  const { rowsAffected } = await perform(client, statement);
  return { rowsAffected };
}

/**
 * Why this login is too mighty for a statement that nobody has approved: a superuser, and whoever may become one or use
 * the server's files and programs, is not kept inside the database by anything that a name could be told by.
 */
async function powerOf(client: ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ login: string; role: string }>(
    `SELECT session_user AS login, rolname AS role FROM pg_catalog.pg_roles
      WHERE (rolsuper OR rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'))
        AND pg_catalog.pg_has_role(session_user, oid, 'MEMBER') ORDER BY rolname <> session_user, rolname LIMIT 1`,
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  return found.login === found.role
    ? `the login ${found.login} is a superuser`
    : `the login ${found.login} has the rights of ${found.role}`;
}

type Work<T> = (client: ClientBase) => Promise<T>;

/** Opens a transaction, works, and gives the connection back clean, or not at all. */
async function transaction<T>(pool: Pool, limits: Limits, signal: AbortSignal, work: Work<T>): Promise<T> {
  signal.throwIfAborted();
  const client = await pool.connect();
  const stop = cutOff(client, limits.total, signal);
  try {
    await client.query('BEGIN');
    await client.query(
      `SET LOCAL statement_timeout = ${String(limits.statement)}; SET LOCAL lock_timeout = ${String(limits.lock)}; ` +
        `SET LOCAL idle_in_transaction_session_timeout = ${String(limits.total)}; ` +
        'SET LOCAL standard_conforming_strings = on',
    );
    const result = await work(client);
    await client.query('DISCARD ALL');
    stop();
    client.release();
    return result;
  } catch (error) {
    const cut = stop();
    // Closing the connection is the surest rollback there is.
    client.release(true);
    throw cut ?? error;
  }
}

/** Ends the connection when the caller gives up or the time is over; the answer says whether it did. */
function cutOff(client: PoolClient, total: number, signal: AbortSignal): () => Error | undefined {
  let cut: Error | undefined;
  // The pool listens only to idle connections.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  const end = (why: string) => (): void => {
    cut = new Error(why);
    // With a query under way this closes the socket at once, and the query fails.
    void client.end().catch(ignore);
  };
  const aborted = end('it was cancelled');
  const timer = setTimeout(end(`there was no answer within ${String(total)} ms`), total);
  signal.addEventListener('abort', aborted, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
    if (cut === undefined) client.off('error', ignore);
    return cut;
  };
}

/** The key and its effect, in one transaction. A key that is being used by another attempt is waited for. */
async function once(client: ClientBase, statement: Statement, effect: Effect): Promise<SqlResult> {
  const taken = await client.query(
    `INSERT INTO ${EFFECTS_TABLE} (key, workflow_id, digest) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`,
    [effect.key, effect.workflowId, effect.digest],
  );
  if (taken.rowCount === 0) {
    const stored = await client.query<{ result: string }>(
      `SELECT result FROM ${EFFECTS_TABLE} WHERE key = $1`,
      [effect.key],
    );
    await client.query('ROLLBACK');
    const [row] = stored.rows;
    if (row === undefined) throw new Error('the key of this effect was taken and is gone again');
    return JSON.parse(row.result) as SqlResult;
  }
  const result = await perform(client, statement);
  const kept = await client.query(`UPDATE ${EFFECTS_TABLE} SET result = $2 WHERE key = $1`, [
    effect.key,
    JSON.stringify(result),
  ]);
  if (kept.rowCount !== 1) {
    throw new PermanentError('the statement removed its own idempotency key; nothing was committed');
  }
  const committed = await client.query('COMMIT');
  if (committed.command !== 'COMMIT') throw new Error('the database rolled the transaction back');
  return result;
}

/** Rows are counted and the first of them kept as they arrive, so that a large result costs no memory. */
async function perform(client: ClientBase, { text, verb, parameters }: Statement): Promise<SqlResult> {
  const before = await changed(client);
  const rows = new Rows();
  const done = await new Promise<QueryResult>((resolve, reject) => {
    const config = { text, values: [...parameters], queryMode: 'extended', types: { getTypeParser } };
    const query = new Query<JsonObject>(config);
    query.on('row', (row) => {
      rows.add(row);
    });
    query.on('end', resolve);
    query.on('error', reject);
    client.query(query);
  });
  const counted = (await changed(client)) - before;
  // The tag of a SELECT counts rows read, and the statistics see no foreign table: the larger of the two is the truth.
  const tagged = done.command === 'SELECT' || verb === 'SELECT' ? 0 : (done.rowCount ?? 0);
  return rows.result(Math.max(counted, tagged), done.fields.length > 0);
}

/** Rows that this transaction has changed so far, in any table, by whatever statement, trigger or cascade. */
async function changed(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ n: string }>(
    `SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text AS n
       FROM pg_catalog.pg_stat_xact_user_tables WHERE relname <> $1`,
    [EFFECTS_TABLE],
  );
  return Number(rows[0]?.n ?? 0);
}

const BOOL = 16;
const SMALL_NUMBERS: readonly number[] = [21, 23, 26, 700, 701];
const JSONS: readonly number[] = [114, 3802];

/** Everything as PostgreSQL writes it (no digit of a numeric, bigint or timestamp is lost), but for what JSON has. */
function getTypeParser(type: number): (text: string) => unknown {
  if (type === BOOL) return (text) => text === 't';
  if (SMALL_NUMBERS.includes(type)) return (text) => jsonOf(Number(text));
  if (JSONS.includes(type)) return (text) => JSON.parse(text) as unknown;
  return (text) => text;
}

/** Looked up first: a role that may use the table need not be one that may create it. */
async function createTable(pool: Pool): Promise<void> {
  const found = await pool.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    EFFECTS_TABLE,
  ]);
  if (found.rows[0]?.there === true) return;
  const create = `CREATE TABLE IF NOT EXISTS ${EFFECTS_TABLE} (key text PRIMARY KEY, workflow_id text NOT NULL,
    digest text NOT NULL, result text, at timestamptz NOT NULL DEFAULT now())`;
  // Two workers that start at once collide in the catalogue; the second finds the table there.
  await pool.query(create).catch(() => pool.query(create));
}

/**
 * The transient SQLSTATEs: connection, authentication and a missing database (an operator mends these), rollback,
 * resources, locks, cancellation and timeouts, shutdown, system errors. A code that is not here is the statement's fault.
 */
const TRANSIENT = /^(?:08|28|3D|40|53|55P03|57|58|25P03)/;

function explainer(name: string, redact: (text: string) => string): (error: unknown) => never {
  return (error) => {
    const { code, message, detail } = error as { code?: unknown; message?: string; detail?: string };
    // Node's own codes (ECONNREFUSED, EPIPE) come with an errno or a syscall; a SQLSTATE is five characters, one a digit.
    const state = typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
    const text = redact(
      `database ${name}: ${message || String(code)}${detail ? ` (${detail})` : ''}${state ? ` [${state}]` : ''}`,
    );
    const permanent = error instanceof PermanentError || (state !== undefined && !TRANSIENT.test(state));
    throw permanent ? new PermanentError(text) : new Error(text);
  };
}
