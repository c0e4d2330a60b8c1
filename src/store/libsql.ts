/**
 * The embedded audit store: one file, several processes. It uses a rollback journal with full synchronisation, for an
 * entry must be on the disk before an effect starts, and a killed process must leave neither half an append nor a lock.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createClient, type Row, type Value } from '@libsql/client';
import type { AuditRecord, AuditStore } from './audit-store';

const TABLE = `CREATE TABLE IF NOT EXISTS audit_entries (
  workflow_id TEXT NOT NULL,
  first_run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  prev TEXT NOT NULL,
  entry TEXT NOT NULL,
  UNIQUE (workflow_id, first_run_id, seq, hash)
)`;

const INSERT = `INSERT INTO audit_entries (workflow_id, first_run_id, seq, hash, prev, entry)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

/** Milliseconds. The driver waits for a lock on our thread, so it waits briefly, and we wait between its attempts. */
const WAIT = { driver: 100, pause: 50, most: 15_000 } as const;

/**
 * @param directoryOrUrl a directory, created where it is missing, that gets `countersign.db`; or a `file:` or
 * `libsql:` URL
 */
export async function openLibsqlStore(directoryOrUrl: string): Promise<AuditStore> {
  const url = urlOf(directoryOrUrl);
  // One connection, so that what the pragmas set holds for every statement.
  const client = createClient({ url, timeout: WAIT.driver, concurrency: 1 });
  try {
    if (url.startsWith('file:')) {
      await unlocked(() => client.execute('PRAGMA journal_mode=DELETE'));
      await client.execute('PRAGMA synchronous=FULL');
    }
    await unlocked(() => client.execute(TABLE));
  } catch (error) {
    client.close();
    throw error;
  }
  return {
    async append(records) {
      if (records.length === 0) return;
      const statements = records.map((record) => ({ sql: INSERT, args: columnsOf(record) }));
      await unlocked(() => client.batch(statements, 'write'));
    },
    async entries(workflowId, firstRunId) {
      const where = firstRunId === undefined ? 'workflow_id = ?' : 'workflow_id = ? AND first_run_id = ?';
      const { rows } = await unlocked(() =>
        client.execute({
          sql: `SELECT * FROM audit_entries WHERE ${where} ORDER BY first_run_id, seq, rowid`,
          args: firstRunId === undefined ? [workflowId] : [workflowId, firstRunId],
        }),
      );
      return rows.map(recordOf);
    },
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}

function urlOf(directoryOrUrl: string): string {
  if (/^(?:file|libsql):/i.test(directoryOrUrl)) return directoryOrUrl;
  const directory = path.resolve(directoryOrUrl);
  mkdirSync(directory, { recursive: true });
  return pathToFileURL(path.join(directory, 'countersign.db')).href;
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

function columnsOf({ workflowId, firstRunId, seq, hash, prev, entry }: AuditRecord): (string | number)[] {
  return [workflowId, firstRunId, seq, hash, prev, entry];
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
