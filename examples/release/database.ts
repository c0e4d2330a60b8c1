/**
 * What the release is about: the shop's orders, which version runs where, and where traffic goes. RELEASE_DB names the file.
 *
 *   npx tsx examples/release/database.ts      makes it
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';

export const file = path.resolve(process.env['RELEASE_DB'] ?? path.join(__dirname, 'release.db'));

const SCHEMA = `
  CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL);
  INSERT INTO orders VALUES (1, 'kettle'), (2, 'desk lamp');
  -- The key is the approval's: however often one approval is carried out, there is one row.
  CREATE TABLE deployments (
    key TEXT PRIMARY KEY, region TEXT NOT NULL, version TEXT NOT NULL, orders_had TEXT NOT NULL);
  INSERT INTO deployments VALUES ('before', 'eu-west', '2.3.9', 'id, item');
  CREATE TABLE traffic (region TEXT PRIMARY KEY, version TEXT NOT NULL);
  INSERT INTO traffic VALUES ('eu-west', '2.3.9');`;

export function openDatabase(): Database.Database {
  const there = existsSync(file);
  const database = new Database(file, { timeout: 5_000 });
  if (!there) database.exec(SCHEMA);
  return database;
}

/** The names of the columns that `orders` has now. */
export function columnsOfOrders(database: Database.Database): string {
  const columns = database.prepare("SELECT name FROM pragma_table_info('orders')").all() as {
    name: string;
  }[];
  return columns.map(({ name }) => name).join(', ');
}

if (require.main === module) openDatabase().close();
