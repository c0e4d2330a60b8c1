/**
 * The process in which libsql statements run (see sql-libsql.ts), one at a time, each on a connection of its own, so
 * that no temporary table or setting reaches the next one. It ends with the process that started it, even in the
 * middle of a statement.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Client, createClient, type InValue, type Transaction } from '@libsql/client';
import type { Json } from '../domain/json';
import { type Effect, jsonOf, type Parameter, Rows, type SqlResult, type Statement } from './sql-database';
import { EFFECTS_TABLE } from './sql-scan';

export interface Request {
  readonly url: string;
  readonly statement: Statement;
  /** Without one it is a preview. */
  readonly effect?: Effect | undefined;
  /** Milliseconds to wait for another writer. */
  readonly lock: number;
}

export type Reply =
  | { readonly ok: true; readonly result: SqlResult }
  | { readonly ok: false; readonly permanent: boolean; readonly message: string };

/** Worth another attempt: locks, I/O, a full disk, a file that cannot be opened. The rest is the statement's fault. */
const TRANSIENT = /^SQLITE_(?:BUSY|LOCKED|NOMEM|IOERR|FULL|CANTOPEN|PROTOCOL|INTERRUPT|ABORT|SCHEMA)/;
const PERMANENT = /^(?:SQLITE_|SQL_|ARGS_)/;

async function answer({ url, statement, effect, lock }: Request): Promise<Reply> {
  let client: Client | undefined;
  try {
    if (missingFile(url))
      throw new Error('its file is not there; create the database first, or correct its URL');
    client = createClient({ url, intMode: 'bigint', timeout: lock, concurrency: 1 });
    const result =
      effect === undefined ? await preview(client, statement) : await once(client, statement, effect);
    return { ok: true, result };
  } catch (error) {
    const code = codeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, permanent: PERMANENT.test(code) && !TRANSIENT.test(code), message };
  } finally {
    client?.close();
  }
}

/** The driver's own code; it throws a RangeError for a value that it cannot bind or return. */
function codeOf(error: unknown): string {
  if (error instanceof RangeError) return 'ARGS_INVALID';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Opening a file that is not there would create an empty one: a trace of a preview, and a puzzle after a typo. */
function missingFile(url: string): boolean {
  return /^file:/i.test(url) && !existsSync(fileURLToPath(new URL(url)));
}

async function preview(client: Client, statement: Statement): Promise<SqlResult> {
  const transaction = await client.transaction('write');
  try {
    return await perform(transaction, statement);
  } finally {
    transaction.close();
  }
}

/** The key and its effect, in one transaction. Another writer is waited for, so a key that is there is done. */
async function once(
  client: Client,
  statement: Statement,
  { key, workflowId, digest }: Effect,
): Promise<SqlResult> {
  const transaction = await client.transaction('write');
  try {
    await transaction.execute(
      `CREATE TABLE IF NOT EXISTS main.${EFFECTS_TABLE} (key TEXT PRIMARY KEY NOT NULL, workflow_id TEXT NOT NULL,
        digest TEXT NOT NULL, result TEXT, at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))`,
    );
    const stored = await transaction.execute({
      sql: `SELECT result FROM main.${EFFECTS_TABLE} WHERE key = ?`,
      args: [key],
    });
    const [done] = stored.rows;
    if (done !== undefined) return JSON.parse(done['result'] as string) as SqlResult;
    await transaction.execute({
      sql: `INSERT INTO main.${EFFECTS_TABLE} (key, workflow_id, digest) VALUES (?, ?, ?)`,
      args: [key, workflowId, digest],
    });
    const result = await perform(transaction, statement);
    const kept = await transaction.execute({
      sql: `UPDATE main.${EFFECTS_TABLE} SET result = ? WHERE key = ?`,
      args: [JSON.stringify(result), key],
    });
    if (kept.rowsAffected !== 1) {
      throw new RangeError('the statement removed its own idempotency key; nothing was committed');
    }
    await transaction.commit();
    return result;
  } finally {
    // Rolls back what is not committed.
    transaction.close();
  }
}

async function perform(transaction: Transaction, { text, parameters }: Statement): Promise<SqlResult> {
  const before = await changes(transaction);
  const { columns, rows: found } = await transaction.execute({ sql: text, args: parameters.map(bound) });
  const after = await changes(transaction);
  const rows = new Rows();
  for (const row of found) {
    const pairs = columns.map((column, index): [string, Json] => [column, jsonOf(row[index])]);
    rows.add(Object.fromEntries<Json>(pairs));
  }
  return rows.result(after - before, columns.length > 0);
}

/** What triggers and cascades change is counted too; the driver's own count is 0 for every RETURNING. */
async function changes(transaction: Transaction): Promise<number> {
  const { rows } = await transaction.execute('SELECT total_changes() AS n');
  return Number(rows[0]?.['n']);
}

/** A JavaScript number binds as REAL, which LIMIT and untyped columns would show. */
function bound(parameter: Parameter): InValue {
  return typeof parameter === 'number' && Number.isSafeInteger(parameter) ? BigInt(parameter) : parameter;
}

function serve(): void {
  // Ctrl-C reaches the whole process group; the statement in hand is finished, and the parent decides when to end.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (request: Request) => {
    void answer(request).then((reply) => process.send?.(reply));
  });
  // A statement blocks this thread: another one sees that the parent is gone.
  const watch = `const parent = ${String(process.ppid)};
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);`;
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}

if (process.send !== undefined && require.main === module) serve();
