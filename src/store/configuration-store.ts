/** How both stores keep the versions of a worker's files. */
import type { ClientBase } from 'pg';
import { sha256Hex } from '../domain/digest';
import {
  storableText,
  type Configuration,
  type ConfigurationStore,
  type StoredConfiguration,
} from './configurations';
import { type LibsqlFile, literal } from './libsql-file';

const COLUMNS = ['hash', 'kind', 'text', 'at'] as const;

function rowOf(loaded: Configuration): [hash: string, kind: string, text: string, at: string] {
  storableText(loaded);
  const { kind, text, at } = loaded;
  return [sha256Hex(text), kind, text, at];
}

function configurationOf(row: Readonly<Record<string, unknown>>): StoredConfiguration {
  const text = (column: string) => {
    const value = row[column];
    if (value instanceof ArrayBuffer) return Buffer.from(value).toString('utf8');
    return typeof value === 'string' ? value : '';
  };
  const kind = text('kind') as Configuration['kind'];
  return { hash: text('hash'), kind, text: text('text'), at: text('at') };
}

export const LIBSQL_CONFIGURATIONS = [
  `CREATE TABLE IF NOT EXISTS configurations (hash TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (kind, hash))`,
  ...['UPDATE', 'DELETE'].map(
    (
      what,
    ) => `CREATE TRIGGER IF NOT EXISTS configurations_no_${what.toLowerCase()} BEFORE ${what} ON configurations
      BEGIN SELECT raise(ABORT, 'the audit is append-only'); END`,
  ),
];

export function libsqlConfigurations(file: LibsqlFile): ConfigurationStore {
  return {
    async configured(loaded) {
      const row = rowOf(loaded);
      await file.write([
        `INSERT INTO configurations (${COLUMNS.join(', ')}) VALUES (${row.map(literal).join(', ')}) ON CONFLICT DO NOTHING`,
      ]);
    },
    async configurations() {
      const there = await file.read("SELECT 1 FROM sqlite_master WHERE name = 'configurations'");
      if (there.length === 0) return [];
      // As bytes: the driver aborts the process at a text that is no UTF-8.
      const columns = COLUMNS.map((name) => `CAST(${name} AS BLOB) AS ${name}`).join(', ');
      return (await file.read(`SELECT ${columns} FROM configurations ORDER BY at, kind, hash`)).map(
        configurationOf,
      );
    },
  };
}

export const POSTGRES_CONFIGURATIONS = `
CREATE TABLE IF NOT EXISTS configurations (hash text NOT NULL, kind text NOT NULL, text text NOT NULL, at text NOT NULL, PRIMARY KEY (kind, hash));
DROP TRIGGER IF EXISTS audit_append_only ON configurations;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON configurations
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()`;

/** @param work in a transaction that is on the disk when it resolves */
export function postgresConfigurations(
  work: <T>(on: (client: ClientBase) => Promise<T>) => Promise<T>,
): ConfigurationStore {
  return {
    async configured(loaded) {
      const row = rowOf(loaded);
      await work((client) =>
        client.query(
          `INSERT INTO configurations (${COLUMNS.join(', ')}) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
          row,
        ),
      );
    },
    configurations: () =>
      work(async (client) => {
        const { rows } = await client.query<{ there: boolean }>(
          "SELECT to_regclass('configurations') IS NOT NULL AS there",
        );
        if (rows[0]?.there !== true) return [];
        const found = await client.query<Record<string, unknown>>(
          `SELECT ${COLUMNS.join(', ')} FROM configurations ORDER BY at COLLATE "C", kind COLLATE "C", hash COLLATE "C"`,
        );
        return found.rows.map(configurationOf);
      }),
  };
}
