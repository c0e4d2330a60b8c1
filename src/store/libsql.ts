/** The audit in the embedded database: one table, which takes entries and gives them back, no more. */
import type { Row, Value } from '@libsql/client';
import { type AuditRecord, type AuditStore, headsOf, parted, storable } from './audit-store';
import { type LibsqlFile, literal, openLibsqlFile } from './libsql-file';

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

/**
 * @param directoryOrUrl as of `openLibsqlFile`
 * @param create whether a missing file or table is created. @default true
 */
export async function openLibsqlStore(
  directoryOrUrl: string,
  { create = true }: { readonly create?: boolean } = {},
): Promise<AuditStore> {
  const file = await openLibsqlFile(directoryOrUrl, { create, called: 'audit store' });
  try {
    if (create) await file.write([TABLE, ...APPEND_ONLY]);
  } catch (error) {
    file.close();
    throw error;
  }
  const read = async (where: string, args: (string | number)[]): Promise<AuditRecord[]> => {
    const sql = `SELECT * FROM audit_entries WHERE ${where} ORDER BY first_run_id, seq, rowid`;
    return (await file.read(sql, args)).map(recordOf);
  };
  return {
    async append(records) {
      if (records.length > 0) await file.write(records.map(insert));
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
      for await (const chain of chainsOf(file, '*')) yield chain.map(recordOf);
    },
    async *heads() {
      for await (const chain of chainsOf(file, `${OUTLINE}, '' AS entry`)) yield headsOf(chain.map(recordOf));
    },
    async count() {
      const sql = `SELECT count(*) AS chains, coalesce(sum(entries), 0) AS entries FROM
        (SELECT count(*) AS entries FROM audit_entries GROUP BY workflow_id, first_run_id)`;
      const [found] = await file.read(sql);
      return { chains: Number(found?.['chains']), entries: Number(found?.['entries']) };
    },
    // A write transaction that writes nothing: a missing table, a read-only file or a long lock refuse it already.
    ready: () => file.write(['DELETE FROM audit_entries WHERE 0']),
    close() {
      file.close();
      return Promise.resolve();
    },
  };
}

const OUTLINE = 'workflow_id, first_run_id, seq, hash, prev';

/**
 * Each page is one statement over whole chains: a read transaction over all of them would hold every append up. Tables
 * whose index somebody has dropped are read as well, only more slowly.
 */
async function* chainsOf(file: LibsqlFile, columns: string): AsyncGenerator<Row[]> {
  const key = 'workflow_id, first_run_id';
  let after: string[] = [];
  for (;;) {
    const beyond = after.length === 0 ? '' : `WHERE (${key}) > (?, ?)`;
    const ahead = await file.read(
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
      const rows = await file.read(
        `SELECT ${columns} FROM audit_entries WHERE ${from} (${key}) <= (?, ?) ORDER BY ${key}, seq, rowid`,
        [...after, ...upTo],
      );
      yield* parted(rows, (row) => [row['workflow_id'], row['first_run_id']]);
      after = upTo;
    }
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
