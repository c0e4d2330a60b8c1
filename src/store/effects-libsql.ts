/** Effects in the embedded database, in the same file as the audit. It keeps an effect to once as far as its workers share the file. */
import {
  begunOf,
  doneOf,
  doneRow,
  EFFECT_TABLES,
  sameKey,
  workerKeyOf,
  type EffectStore,
  type StoredWorkerKey,
} from './effects';
import { literal, openLibsqlFile } from './libsql-file';

const TABLES = [
  `CREATE TABLE IF NOT EXISTS effects_begun (
    effect_key TEXT NOT NULL PRIMARY KEY, workflow_id TEXT NOT NULL, run_id TEXT NOT NULL, at TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS effects_done (
    effect_key TEXT NOT NULL PRIMARY KEY, receipt TEXT NOT NULL, result TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS worker_keys (
    id TEXT NOT NULL PRIMARY KEY, public TEXT NOT NULL, name TEXT NOT NULL, from_at TEXT NOT NULL)`,
];

/** Against mistakes, as the audit has them. */
const APPEND_ONLY = EFFECT_TABLES.flatMap((table) =>
  ['UPDATE', 'DELETE'].map(
    (what) => `CREATE TRIGGER IF NOT EXISTS ${table}_no_${what.toLowerCase()} BEFORE ${what} ON ${table}
      BEGIN SELECT raise(ABORT, 'effects are added, and never changed'); END`,
  ),
);

/**
 * @param directoryOrUrl as of `openLibsqlFile`
 * @param create whether what is missing is created. @default true
 */
export async function openLibsqlEffects(
  directoryOrUrl: string,
  { create = true }: { readonly create?: boolean } = {},
): Promise<EffectStore> {
  const file = await openLibsqlFile(directoryOrUrl, { create, called: 'store of effects' });
  try {
    if (create) await file.write([...TABLES, ...APPEND_ONLY]);
  } catch (error) {
    file.close();
    throw error;
  }
  const row = async (table: string, key: string) =>
    (await file.read(`SELECT * FROM ${table} WHERE effect_key = ?`, [key]))[0];
  const keys = async (): Promise<StoredWorkerKey[]> =>
    (await file.read('SELECT * FROM worker_keys ORDER BY from_at, id')).map(workerKeyOf);
  return {
    async begin({ key, workflowId, runId, at }) {
      const values = [key, workflowId, runId, at].map(literal).join(', ');
      try {
        // Without ON CONFLICT: that it is there already is the answer.
        await file.write([
          `INSERT INTO effects_begun (effect_key, workflow_id, run_id, at) VALUES (${values})`,
        ]);
        return 'begun';
      } catch (error) {
        if ((await row('effects_begun', key)) !== undefined) return 'again';
        throw error;
      }
    },
    async end({ key, ...done }) {
      const { receipt, result } = doneRow(done);
      const values = [key, receipt, result].map(literal).join(', ');
      await file.write([
        `INSERT INTO effects_done (effect_key, receipt, result) VALUES (${values}) ON CONFLICT DO NOTHING`,
      ]);
    },
    async effect(key) {
      const [begun, done] = [await row('effects_begun', key), await row('effects_done', key)];
      return { ...begunOf(begun), ...doneOf(done) };
    },
    async addWorkerKey(key) {
      const find = async () => (await keys()).find(({ id }) => id === key.id);
      if ((await find()) === undefined) {
        const values = [key.id, key.public, key.name, key.from].map(literal).join(', ');
        await file.write([
          `INSERT INTO worker_keys (id, public, name, from_at) VALUES (${values}) ON CONFLICT DO NOTHING`,
        ]);
      }
      sameKey(await find(), key);
    },
    workerKeys: keys,
    ready: () => file.write(EFFECT_TABLES.map((table) => `DELETE FROM ${table} WHERE 0`)),
    close() {
      file.close();
      return Promise.resolve();
    },
  };
}
