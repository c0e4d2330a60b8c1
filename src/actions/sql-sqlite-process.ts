/**
 * The process in which SQLite statements run (see sql-sqlite.ts), one at a time, each on a connection of its own, so
 * that no setting reaches the next one. It ends with the process that started it, even in the middle of a statement.
 */
import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Json } from '../domain/json';
import { PermanentError } from './action';
import { type Effect, jsonOf, type Parameter, Rows, type SqlResult, type Statement } from './sql-database';
import { EFFECTS_TABLE } from './sql-scan';
import { guardOf, type Names } from './sql-sqlite-authorizer';

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

/** Where a row is fetched the driver leaves the code out; these are SQLite's own words for the transient ones. */
const WORDS: readonly (readonly [message: RegExp, code: string])[] = [
  [/^database is locked/, 'SQLITE_BUSY'],
  [/^database (?:schema|table) is locked/, 'SQLITE_LOCKED'],
  [/^out of memory/, 'SQLITE_NOMEM'],
  [/^disk I\/O error/, 'SQLITE_IOERR'],
  [/^database or disk is full/, 'SQLITE_FULL'],
  [/^unable to open database file/, 'SQLITE_CANTOPEN'],
  [/^locking protocol/, 'SQLITE_PROTOCOL'],
  [/^interrupted/, 'SQLITE_INTERRUPT'],
  [/^database schema has changed/, 'SQLITE_SCHEMA'],
];

function answer({ url, statement, effect, lock }: Request): Reply {
  try {
    const database = openFile(url, lock);
    try {
      database.exec('BEGIN IMMEDIATE');
      const result = effect === undefined ? perform(database, statement) : once(database, statement, effect);
      return { ok: true, result };
    } finally {
      // The driver closes a connection when its statements are garbage: until then a lock would stay.
      if (database.isTransaction) database.exec('ROLLBACK');
      database.close();
    }
  } catch (error) {
    const { message } = error as { message?: unknown };
    const text = String(message);
    const code = codeOf(error, text);
    if (code === undefined) return { ok: false, permanent: isOfValues(error), message: text };
    return { ok: false, permanent: !TRANSIENT.test(code), message: `${code}: ${text}` };
  }
}

function codeOf(error: unknown, message: string): string | undefined {
  const { code, sqliteCodeName: name } = error as { code?: unknown; sqliteCodeName?: unknown };
  if (typeof name === 'string') return name;
  return code === 'ERR_SQLITE_ERROR' ? WORDS.find(([words]) => words.test(message))?.[1] : undefined;
}

/** What the driver throws for a value that it cannot bind or return, and we for a statement that is refused. */
function isOfValues(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    error instanceof PermanentError ||
    error instanceof RangeError ||
    (typeof code === 'string' && code.startsWith('ERR_'))
  );
}

/** Bytes of a row, or of a value on its way. */
const LONGEST = 256 * 1024 * 1024;

/** It opens what is there alone: a new, empty file would be a trace of a preview, and a puzzle after a typo. */
export function openFile(url: string, lock: number): DatabaseSyncInstance {
  const file = fileURLToPath(new URL(url));
  if (!existsSync(file)) {
    throw new Error('its file is not there; create the database first, or correct its URL');
  }
  const database = new DatabaseSync(new URL(`${pathToFileURL(file).href}?mode=rw`), {
    timeout: lock,
    // No other file, by ATTACH or by VACUUM INTO, whatever the authorizer says; no value that is no string to Node.js.
    limits: { attach: 0, length: LONGEST },
    // The schema is not to be written past SQLite's own rules, nor the tables behind a full-text table.
    defensive: true,
    allowExtension: false,
    enableForeignKeyConstraints: true,
  });
  // FULL is the engine's default with a rollback journal, and not with a write-ahead log: there a power cut would take
  // back what was told to be done. What the schema itself calls is limited to functions that are harmless anywhere.
  database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF');
  return database;
}

/** The key and its effect, in one transaction. Another writer is waited for, so a key that is there is done. */
function once(
  database: DatabaseSyncInstance,
  statement: Statement,
  { key, workflowId, digest }: Effect,
): SqlResult {
  database.exec(
    `CREATE TABLE IF NOT EXISTS main.${EFFECTS_TABLE} (key TEXT PRIMARY KEY NOT NULL, workflow_id TEXT NOT NULL,
      digest TEXT NOT NULL, result TEXT, at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))`,
  );
  const [done] = database.prepare(`SELECT result FROM main.${EFFECTS_TABLE} WHERE key = ?`).all(key) as {
    result: string;
  }[];
  if (done !== undefined) return JSON.parse(done.result) as SqlResult;
  database
    .prepare(`INSERT INTO main.${EFFECTS_TABLE} (key, workflow_id, digest) VALUES (?, ?, ?)`)
    .run(key, workflowId, digest);
  const result = perform(database, statement);
  const kept = database
    .prepare(`UPDATE main.${EFFECTS_TABLE} SET result = ? WHERE key = ?`)
    .run(JSON.stringify(result), key);
  if (kept.changes !== 1) {
    throw new PermanentError('the statement removed its own idempotency key; nothing was committed');
  }
  database.exec('COMMIT');
  return result;
}

function perform(database: DatabaseSyncInstance, { text, verb, parameters }: Statement): SqlResult {
  const guard = guardOf(verb, namesOf(database));
  const before = changes(database);
  const rows = new Rows();
  let columns: string[];
  database.setAuthorizer(guard.check);
  try {
    const prepared = database.prepare(text, { readBigInts: true, returnArrays: true });
    columns = prepared.columns().map(({ name }) => name);
    // To the end, also where no more rows are kept: each may be a change.
    for (const row of prepared.iterate(...parameters.map(bound))) {
      if (!rows.truncated) rows.add(objectOf(columns, row as unknown[]));
    }
  } catch (error) {
    const refusal = guard.refusal();
    throw refusal === undefined ? error : new PermanentError(`the statement is refused: ${refusal}`);
  } finally {
    database.setAuthorizer(null);
  }
  return rows.result(changes(database) - before, columns.length > 0);
}

function objectOf(columns: readonly string[], row: readonly unknown[]): Record<string, Json> {
  return Object.fromEntries<Json>(columns.map((column, index) => [column, jsonOf(row[index])]));
}

/** In the statement's own transaction, so that nothing is made in between. */
function namesOf(database: DatabaseSyncInstance): Names {
  const of = (query: string): Set<string> =>
    new Set((database.prepare(query).all() as { name: string }[]).map(({ name }) => name.toLowerCase()));
  return {
    tables: of("SELECT name FROM main.sqlite_master WHERE type IN ('table', 'view')"),
    modules: of('SELECT name FROM pragma_module_list'),
  };
}

/** What triggers and cascades change is counted too; the driver's own count is 0 for every RETURNING. */
function changes(database: DatabaseSyncInstance): number {
  const [row] = database.prepare('SELECT total_changes() AS n').all() as { n: number }[];
  return Number(row?.n);
}

/** A JavaScript number binds as REAL, which LIMIT and untyped columns would show. */
function bound(parameter: Parameter): string | number | bigint | null {
  if (typeof parameter === 'boolean') return parameter ? 1n : 0n;
  return typeof parameter === 'number' && Number.isSafeInteger(parameter) ? BigInt(parameter) : parameter;
}

/**
 * Statements are garbage now, and with them the connection goes: without it, its files (the write-ahead log's, too)
 * would stay open until the next collection, whenever that is. Finalizers run in a turn of their own.
 */
async function collected(): Promise<void> {
  await nextTurn();
  (globalThis as { gc?: () => void }).gc?.();
  await nextTurn();
}

function serve(): void {
  // Ctrl-C reaches the whole process group; the statement in hand is finished, and the parent decides when to end.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (request: Request) => {
    const reply = answer(request);
    void collected().then(() => process.send?.(reply));
  });
  // A statement blocks this thread: another one sees that the parent is gone.
  const watch = `const parent = ${String(process.ppid)};
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);`;
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}

if (process.send !== undefined && require.main === module) serve();
