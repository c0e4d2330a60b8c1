/** A folder as an attacker would like to find it: an SQLite database, and beside it what no statement may touch. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';

/** Nowhere in the database, in no result and in no message. */
export const SECRET = 'the-secret-that-stays-in-its-file';

export interface Sandbox {
  readonly folder: string;
  readonly url: string;
  /** Everything beside the database, by name and hash. */
  beside(): Record<string, string>;
  /** Each table, row for row, and the schema. */
  inside(): unknown;
  /** The database's bytes. */
  bytes(): Buffer;
  /** Makes the database what it was at first. */
  restore(): void;
  close(): void;
}

/** @param schema run by libsql, which has the file functions: what an earlier engine may have left in a database */
export function sandbox(schema: readonly string[]): Sandbox {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-sandbox-'));
  writeFileSync(path.join(folder, 'secret.txt'), SECRET);
  writeFileSync(path.join(folder, 'reviewers.yaml'), 'people:\n  - name: ana\n');
  mkdirSync(path.join(folder, 'keys'));
  const other = new Database(path.join(folder, 'other.db'));
  other.exec(`CREATE TABLE secrets (it TEXT); INSERT INTO secrets VALUES ('${SECRET}')`);
  other.close();
  const file = path.join(folder, 'orders.db');
  const made = new Database(file);
  for (const statement of schema) made.exec(statement.replaceAll('$', folder));
  made.close();
  const pristine = readFileSync(file);
  const files = (): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .map((entry) => path.join(entry.parentPath, entry.name) + (entry.isDirectory() ? path.sep : ''))
      .filter((name) => name !== file)
      .sort();
  return {
    folder,
    url: pathToFileURL(file).href,
    beside: () =>
      Object.fromEntries(files().map((name) => [name, name.endsWith(path.sep) ? '' : hash(name)])),
    inside() {
      const database = new Database(file, { readonly: true });
      const all = (query: string): unknown[] => database.prepare(query).all();
      const tables = all("SELECT * FROM sqlite_master WHERE type = 'table' ORDER BY name") as {
        name: string;
      }[];
      const rows = tables.map(({ name }) => [name, all(`SELECT * FROM "${name}"`)]);
      const schemaNow = all('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name');
      database.close();
      return { rows, schema: schemaNow };
    },
    bytes: () => readFileSync(file),
    restore() {
      writeFileSync(file, pristine);
    },
    close() {
      rmSync(folder, { recursive: true });
    },
  };
}

function hash(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
