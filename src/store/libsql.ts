/**
 * The embedded audit store: one file, several processes. It uses a rollback journal with full synchronisation, for an
 * entry must be on the disk before an effect starts, and a killed process must leave neither half an append nor a lock.
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Client, createClient, type Row, type Value } from '@libsql/client';
import { type AuditRecord, type AuditStore, headsOf, parted, storable } from './audit-store';

const PRAGMAS = 'PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL';

const TABLE = `CREATE TABLE IF NOT EXISTS audit_entries (
  workflow_id TEXT NOT NULL,
  first_run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  prev TEXT NOT NULL,
  entry TEXT NOT NULL,
  UNIQUE (workflow_id, first_run_id, seq, hash)
)`;

/**
 * Whoever may write to the file may drop them. They are against mistakes; against people there are the chain, the
 * checkpoints and Temporal's own heads.
 */
const APPEND_ONLY = ['UPDATE', 'DELETE'].map(
  (
    what,
  ) => `CREATE TRIGGER IF NOT EXISTS audit_entries_no_${what.toLowerCase()} BEFORE ${what} ON audit_entries
    BEGIN SELECT raise(ABORT, 'the audit is append-only'); END`,
);

/** Chains that are asked for at once, and entries that are read at once: whole chains, and one at least. */
const PAGE = { chains: 1_000, entries: 4_000 } as const;

/** Milliseconds. The driver waits for a lock on our thread, so it waits briefly, and we wait between its attempts. */
const WAIT = { driver: 100, pause: 50, most: 15_000 } as const;

/**
 * @param directoryOrUrl a directory, created where it is missing, that gets `countersign.db`; or a `file:` or
 * `libsql:` URL
 * @param create whether a missing file or table is created. @default true
 */
export async function openLibsqlStore(
  directoryOrUrl: string,
  { create = true }: { readonly create?: boolean } = {},
): Promise<AuditStore> {
  const url = urlOf(directoryOrUrl, create);
  const connect = (): Client => createClient({ url, timeout: WAIT.driver, concurrency: 1 });
  const client = connect();
  const write = writer(client);
  try {
    if (create) {
      if (url.startsWith('file:')) await unlocked(() => client.executeMultiple(PRAGMAS));
      await write([TABLE, ...APPEND_ONLY]);
    }
  } catch (error) {
    client.close();
    throw error;
  }
  const select: Select = (sql, args = []) =>
    unlocked(async () => {
      // A statement that met a lock stays in progress until it is collected: its connection is not used again.
      const reader = connect();
      try {
        return (await reader.execute({ sql, args })).rows;
      } finally {
        reader.close();
      }
    });
  const read = async (where: string, args: (string | number)[]): Promise<AuditRecord[]> => {
    const sql = `SELECT * FROM audit_entries WHERE ${where} ORDER BY first_run_id, seq, rowid`;
    return (await select(sql, args)).map(recordOf);
  };
  return {
    async append(records) {
      if (records.length > 0) await write(records.map(insert));
    },
    entries: (workflowId, firstRunId) =>
      firstRunId === undefined
        ? read('workflow_id = ?', [workflowId])
        : read('workflow_id = ? AND first_run_id = ?', [workflowId, firstRunId]),
    async entry({ workflowId, firstRunId }, { seq, hash }) {
      const args = [workflowId, firstRunId, seq, hash];
      return (await read('workflow_id = ? AND first_run_id = ? AND seq = ? AND hash = ?', args))[0];
    },
    async *chains() {
      for await (const chain of chainsOf(select, '*')) yield chain.map(recordOf);
    },
    async *heads() {
      for await (const chain of chainsOf(select, `${OUTLINE}, '' AS entry`))
        yield headsOf(chain.map(recordOf));
    },
    async count() {
      const sql = `SELECT count(*) AS chains, coalesce(sum(entries), 0) AS entries FROM
        (SELECT count(*) AS entries FROM audit_entries GROUP BY workflow_id, first_run_id)`;
      const [found] = await select(sql);
      return { chains: Number(found?.['chains']), entries: Number(found?.['entries']) };
    },
    // A write transaction that writes nothing: a missing table, a read-only file or a long lock refuse it already.
    ready: () => write(['DELETE FROM audit_entries WHERE 0']),
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}

type Select = (sql: string, args?: (string | number)[]) => Promise<Row[]>;

const OUTLINE = 'workflow_id, first_run_id, seq, hash, prev';

/**
 * Each page is one statement over whole chains: a read transaction over all of them would hold every append up. Tables
 * whose index somebody has dropped are read as well, only more slowly.
 */
async function* chainsOf(select: Select, columns: string): AsyncGenerator<Row[]> {
  const key = 'workflow_id, first_run_id';
  let after: string[] = [];
  for (;;) {
    const beyond = after.length === 0 ? '' : `WHERE (${key}) > (?, ?)`;
    const ahead = await select(
      `SELECT ${key}, count(*) AS entries FROM audit_entries ${beyond} GROUP BY ${key} ORDER BY ${key} LIMIT ${String(PAGE.chains)}`,
      after,
    );
    if (ahead.length === 0) return;
    while (ahead.length > 0) {
      let last = ahead.shift();
      let entries = Number(last?.['entries']);
      while (ahead[0] !== undefined && entries + Number(ahead[0]['entries']) <= PAGE.entries) {
        last = ahead.shift();
        entries += Number(last?.['entries']);
      }
      const upTo = [text(last?.['workflow_id']), text(last?.['first_run_id'])];
      const from = after.length === 0 ? '' : `(${key}) > (?, ?) AND`;
      const rows = await select(
        `SELECT ${columns} FROM audit_entries WHERE ${from} (${key}) <= (?, ?) ORDER BY ${key}, seq, rowid`,
        [...after, ...upTo],
      );
      yield* parted(rows, (row) => [row['workflow_id'], row['first_run_id']]);
      after = upTo;
    }
  }
}

/**
 * All statements or none. Sent to a file as one script: a prepared BEGIN or COMMIT that meets a lock would keep it, or
 * keep every later commit from succeeding, until the garbage collector finds the statement.
 */
function writer(client: Client): (statements: readonly string[]) => Promise<void> {
  return (statements) =>
    unlocked(async () => {
      if (client.protocol === 'file')
        await client.executeMultiple(`BEGIN IMMEDIATE;${statements.join(';')};COMMIT`);
      else await client.batch([...statements], 'write');
    });
}

function urlOf(directoryOrUrl: string, create: boolean): string {
  if (/^(?:file|libsql):/i.test(directoryOrUrl)) return directoryOrUrl;
  const directory = path.resolve(directoryOrUrl);
  if (create) mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'countersign.db');
  if (!create && !existsSync(file))
    throw new Error(`there is no audit store at ${file}; name its directory in COUNTERSIGN_DATA`);
  return pathToFileURL(file).href;
}

/** Tries again while another process writes. Every statement here is idempotent, so a repeat does no harm. */
async function unlocked<T>(work: () => Promise<T>): Promise<T> {
  const until = Date.now() + WAIT.most;
  for (let pause: number = WAIT.pause; ; pause = Math.min(pause * 2, 400)) {
    try {
      return await work();
    } catch (error) {
      const { code } = error as { code?: unknown };
      const locked = typeof code === 'string' && /^SQLITE_(?:BUSY|LOCKED)/.test(code);
      if (!locked || Date.now() > until) throw error;
    }
    await sleep(pause);
  }
}

function insert(record: AuditRecord): string {
  storable(record);
  const { workflowId, firstRunId, seq, hash, prev, entry } = record;
  const values = [workflowId, firstRunId, seq, hash, prev, entry].map((value) =>
    typeof value === 'number' ? String(value) : literal(value),
  );
  return `INSERT INTO audit_entries (workflow_id, first_run_id, seq, hash, prev, entry)
    VALUES (${values.join(', ')}) ON CONFLICT DO NOTHING`;
}

/** Text as hexadecimal, which no quote or semicolon in it can end. */
function literal(value: string): string {
  return `CAST(x'${Buffer.from(value, 'utf8').toString('hex')}' AS TEXT)`;
}

function recordOf(row: Row): AuditRecord {
  return {
    workflowId: text(row['workflow_id']),
    firstRunId: text(row['first_run_id']),
    seq: Number(row['seq']),
    hash: text(row['hash']),
    prev: text(row['prev']),
    entry: text(row['entry']),
  };
}

/** Every column but seq is TEXT NOT NULL; anything else is a file that somebody else has changed. */
function text(value: Value | undefined): string {
  if (typeof value !== 'string')
    throw new TypeError('the audit store holds a row that is not an audit entry');
  return value;
}
