/** The audit in the embedded database: one table, which takes entries and gives them back, no more. */
import type { Row } from '@libsql/client';
import type { Root } from '../domain/digest';
import { messageOf } from '../domain/message';
import {
  type Appended,
  type AuditRecord,
  type AuditStore,
  type EntryAt,
  headsOf,
  metaText,
  NoTable,
  parted,
  placeOf,
  predecessors,
  recordOf,
  storable,
} from './audit-store';
import { LIBSQL_CONFIGURATIONS, libsqlConfigurations } from './configuration-store';
import { type LibsqlFile, literal, openLibsqlFile } from './libsql-file';
import { fits, VERSION } from './libsql-shape';

const TABLE = `CREATE TABLE IF NOT EXISTS audit_entries (
  workflow_id TEXT NOT NULL,
  first_run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  prev TEXT NOT NULL,
  meta TEXT NOT NULL,
  "commit" TEXT NOT NULL,
  text TEXT,
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
  const opened = await openLibsqlFile(directoryOrUrl, { create, called: 'audit store' });
  const file = naming(opened, `the audit store in ${directoryOrUrl}`);
  const { stored } = await fits(opened, directoryOrUrl, COLUMNS)
    .then(async (shape) => {
      const version = shape.version < VERSION ? [`PRAGMA user_version = ${String(VERSION)}`] : [];
      if (create) await file.write([TABLE, ...APPEND_ONLY, ...LIBSQL_CONFIGURATIONS, ...version]);
      return shape;
    })
    .catch((error: unknown) => {
      file.close();
      throw error;
    });
  const read = async (where: string, args: (string | number)[]): Promise<AuditRecord[]> => {
    const sql = `SELECT ${COLUMNS} FROM audit_entries WHERE ${where} ORDER BY audit_entries.first_run_id, ${NUMBER}, ${stored}`;
    return (await file.read(sql, args)).map((row) => recordOf(columnsOf(row)));
  };
  const one = async ({ workflowId, firstRunId, seq, hash }: Root & EntryAt) => {
    const args = [workflowId, firstRunId, seq, hash];
    return (await read('workflow_id = ? AND first_run_id = ? AND seq = ? AND hash = ?', args))[0];
  };
  const append = async (records: readonly AuditRecord[]): Promise<Appended> => {
    for (const record of records) storable(record);
    if (records.length === 0) return {};
    try {
      await file.write(records.map(insert));
      return {};
    } catch (error) {
      if (!FOLLOWS_NONE.test(messageOf(error))) throw error;
      for (const at of predecessors(records)) if ((await one(at)) === undefined) return { missing: at };
      throw error;
    }
  };
  return {
    append,
    ...libsqlConfigurations(file),
    entries: (workflowId, firstRunId) =>
      firstRunId === undefined
        ? read('workflow_id = ?', [workflowId])
        : read('workflow_id = ? AND first_run_id = ?', [workflowId, firstRunId]),
    entry: ({ workflowId, firstRunId }, { seq, hash }) => one({ workflowId, firstRunId, seq, hash }),
    async *chains() {
      for await (const chain of chainsOf(file, COLUMNS, stored)) yield chain.map(recordOf);
    },
    async *heads() {
      for await (const chain of chainsOf(file, OUTLINE, stored))
        yield headsOf(chain.flatMap((row) => placeOf(row) ?? []));
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

/** The driver reads no integer beyond 2^53: such a one comes as a number that is none of an entry. */
const SEQ =
  "CASE WHEN typeof(seq) = 'integer' AND seq NOT BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(seq AS REAL) ELSE seq END AS seq";
/** Text comes as its bytes, for the driver aborts the process at what is no UTF-8; what is no text comes as 0, and none as none. */
const bytesOf = (column: string) =>
  `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) WHEN 'null' THEN NULL ELSE 0 END AS ${column}`;
const OUTLINE = `${['workflow_id', 'first_run_id'].map(bytesOf).join(', ')}, ${SEQ}, ${['hash', 'prev'].map(bytesOf).join(', ')}`;
const COLUMNS = `${OUTLINE}, ${['meta', '"commit"', 'text'].map(bytesOf).join(', ')}`;
/** Of the table, not of what is selected under the same names. */
const KEY = 'audit_entries.workflow_id, audit_entries.first_run_id';
const NUMBER = 'audit_entries.seq';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function columnsOf(row: Row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      value instanceof ArrayBuffer ? decoded(value) : value,
    ]),
  );
}

/** What is no UTF-8 is no text, as a number is none. */
function decoded(bytes: ArrayBuffer): string | number {
  try {
    return UTF8.decode(bytes);
  } catch {
    return 0;
  }
}

/** Reading says which store it is whose table is gone. */
function naming(file: LibsqlFile, name: string): LibsqlFile {
  return {
    ...file,
    read: (sql, args) =>
      file.read(sql, args).catch((error: unknown) => {
        throw /no such table: audit_entries/.test(messageOf(error)) ? new NoTable(name) : error;
      }),
  };
}

/**
 * Each page is one statement over whole chains: a read transaction over all of them would hold every append up. Tables
 * whose index somebody has dropped are read as well, only more slowly. Rows that belong to no chain, as their place is no
 * text, come last.
 */
async function* chainsOf(
  file: LibsqlFile,
  columns: string,
  stored: string,
): AsyncGenerator<Record<string, unknown>[]> {
  const placed = "typeof(workflow_id) = 'text' AND typeof(first_run_id) = 'text'";
  const chains = (rows: Row[]) =>
    parted(rows.map(columnsOf), (row) => [row['workflow_id'], row['first_run_id']]);
  let beyond = placed;
  for (;;) {
    // By their bytes: what is no UTF-8, or holds a NUL, would not come back as it went.
    const ahead = await file.read(
      `SELECT hex(workflow_id) AS id, hex(first_run_id) AS run, count(*) AS entries FROM audit_entries
        WHERE ${beyond} GROUP BY ${KEY} ORDER BY ${KEY} LIMIT ${String(PAGE.chains)}`,
    );
    if (ahead.length === 0) break;
    while (ahead.length > 0) {
      let last = ahead.shift();
      let entries = Number(last?.['entries']);
      while (ahead[0] !== undefined && entries + Number(ahead[0]['entries']) <= PAGE.entries) {
        last = ahead.shift();
        entries += Number(last?.['entries']);
      }
      const upTo = ['id', 'run'].map((name) => bytes(last?.[name])).join(', ');
      const rows = await file.read(
        `SELECT ${columns} FROM audit_entries WHERE ${beyond} AND (${KEY}) <= (${upTo}) ORDER BY ${KEY}, ${NUMBER}, ${stored}`,
      );
      yield* chains(rows);
      beyond = `${placed} AND (${KEY}) > (${upTo})`;
    }
  }
  const lost = `SELECT ${columns} FROM audit_entries WHERE NOT (${placed}) ORDER BY ${KEY}, ${NUMBER}, ${stored}`;
  yield* chains(await file.read(lost));
}

const bytes = (hex: unknown) => `CAST(x'${typeof hex === 'string' ? hex : ''}' AS TEXT)`;

/** What the database says where what is to be stored follows none that is there. */
const FOLLOWS_NONE = /NOT NULL constraint failed: audit_entries\.workflow_id/;

/** The workflow id is taken from the entry that this one follows, and the column takes no null: where there is none nothing is stored. */
function insert({ workflowId, firstRunId, seq, hash, prev, meta, commit, text }: AuditRecord): string {
  const id = literal(workflowId);
  const run = literal(firstRunId);
  const before = `(SELECT workflow_id FROM audit_entries WHERE workflow_id = ${id} AND first_run_id = ${run}
    AND seq = ${String(seq - 1)} AND hash = ${literal(prev)} LIMIT 1)`;
  const values = [hash, prev, metaText(meta), commit, text ?? ''].map(literal).join(', ');
  return `INSERT INTO audit_entries (workflow_id, first_run_id, seq, hash, prev, meta, "commit", text)
    VALUES (${seq === 1 ? id : before}, ${run}, ${String(seq)}, ${values}) ON CONFLICT DO NOTHING`;
}
