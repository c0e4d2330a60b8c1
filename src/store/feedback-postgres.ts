/** Feedback in PostgreSQL, beside the audit, for workers on several machines. */
import { escapeIdentifier } from 'pg';
import { canonical } from '../domain/digest';
import type { Json } from '../domain/json';
import type { Lesson } from '../domain/lessons';
import { FEEDBACK_COLUMNS, recordOf, rowOf, type FeedbackRow, type FeedbackStore } from './feedback-store';
import { openPool } from './postgres-pool';

const TABLES = `CREATE TABLE IF NOT EXISTS feedback (
  run_id text NOT NULL,
  id text NOT NULL,
  key text NOT NULL,
  reviewer text NOT NULL,
  score double precision NOT NULL,
  at text NOT NULL,
  workflow_id text NOT NULL,
  feedback text NOT NULL,
  PRIMARY KEY (run_id, id)
);
CREATE TABLE IF NOT EXISTS feedback_outputs (run_id text NOT NULL PRIMARY KEY, output text NOT NULL);
CREATE TABLE IF NOT EXISTS lessons (digest text NOT NULL PRIMARY KEY, action text NOT NULL, at text NOT NULL, lesson text NOT NULL);
CREATE INDEX IF NOT EXISTS lessons_newest ON lessons (action, at)`;

const NAMES = ['feedback', 'feedback_outputs', 'lessons'];

const THERE = `SELECT bool_and(to_regclass(name) IS NOT NULL) AS there FROM unnest(ARRAY['${NAMES.join("', '")}']) AS name`;

/** Of those who create the tables at the same time, the others wait: two CREATE at once collide in the catalogue. */
const CREATING = 7_263_018_222;

/** Milliseconds. */
const WITHIN = { statement: 8_000, answer: 10_000 } as const;

/**
 * @param url `postgresql://…`
 * @param create whether missing tables are created, where the role may. @default true
 * @param writer a role that is there: it may read and add, no more
 * @throws Error naming server and database, never the password
 */
export async function openPostgresFeedback(
  url: string,
  { create = true, writer }: { readonly create?: boolean; readonly writer?: string | undefined } = {},
): Promise<FeedbackStore> {
  const { pool, explain } = openPool(url, { of: 'feedback', max: 2, mends: MENDS, within: WITHIN });
  const query = async (text: string, values?: unknown[]): Promise<Readonly<Record<string, unknown>>[]> => {
    try {
      return (await pool.query<Record<string, unknown>>(text, values)).rows;
    } catch (error) {
      return explain(error);
    }
  };
  // A worker's role may be one that only adds: where the tables are missing, each feedback says so until `countersign setup` has run.
  const mayCreate = async () =>
    (await query("SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may"))[0]?.[
      'may'
    ] === true;
  const there = async () => (await query(THERE))[0]?.['there'] === true;
  try {
    // Looked up first: a role that may use the tables need not be one that may create them. One query is one transaction.
    if (create && !(await there()) && (await mayCreate()))
      await query(`SELECT pg_advisory_xact_lock(${String(CREATING)}); ${TABLES}`);
    if (writer !== undefined)
      await query(`GRANT SELECT, INSERT ON ${NAMES.join(', ')} TO ${escapeIdentifier(writer)}`);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    async keep(records, judged) {
      // What is judged first: whoever reads a feedback finds what it is about.
      if (judged !== undefined)
        await query('INSERT INTO feedback_outputs VALUES ($1, $2) ON CONFLICT DO NOTHING', [
          judged.runId,
          canonical(judged.output),
        ]);
      const rows = records.map(rowOf);
      const column = (name: keyof FeedbackRow) => rows.map((row) => row[name]);
      if (rows.length > 0)
        await query(
          `INSERT INTO feedback (${FEEDBACK_COLUMNS.join(', ')})
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::text[], $7::text[], $8::text[])
             ON CONFLICT DO NOTHING`,
          FEEDBACK_COLUMNS.map(column),
        );
    },
    async feedback(runId) {
      const where = runId === undefined ? '' : 'WHERE run_id = $1';
      const order = 'ORDER BY at, run_id COLLATE "C", id COLLATE "C"';
      const rows = await query(
        `SELECT * FROM feedback ${where} ${order}`,
        runId === undefined ? [] : [runId],
      );
      return rows.map(recordOf);
    },
    async judged(runId) {
      const [row] = await query('SELECT output FROM feedback_outputs WHERE run_id = $1', [runId]);
      return row === undefined ? undefined : { runId, output: JSON.parse(String(row['output'])) as Json };
    },
    async learn(lessons) {
      const column = (of: (one: (typeof lessons)[number]) => string) => lessons.map(of);
      if (lessons.length > 0)
        await query(
          `INSERT INTO lessons (digest, action, at, lesson)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING`,
          [
            column(({ digest }) => digest),
            column(({ lesson }) => lesson.action),
            column(({ at }) => at),
            column(({ lesson }) => canonical(lesson)),
          ],
        );
    },
    async lessons(actions, most) {
      const rows = await query(
        `SELECT lesson FROM (SELECT lesson, at, row_number() OVER (PARTITION BY action ORDER BY at DESC, digest) AS nth
           FROM lessons WHERE action = ANY($1)) AS newest WHERE nth <= $2 ORDER BY at DESC`,
        [[...actions], most],
      );
      return rows.map((row) => JSON.parse(String(row['lesson'])) as Lesson);
    },
    async ready() {
      if (!(await there())) throw new Error('the table feedback is not there; run `countersign setup`');
      const [row] = await query(
        `SELECT bool_and(has_table_privilege(name, 'SELECT') AND has_table_privilege(name, 'INSERT')) AS may,
           current_user AS role FROM unnest(ARRAY['${NAMES.join("', '")}']) AS name`,
      );
      const role = String(row?.['role']);
      if (row?.['may'] !== true)
        throw new Error(
          `the role ${role} may not use the tables; as their owner, run: GRANT SELECT, INSERT ON ${NAMES.join(', ')} TO "${role}"`,
        );
    },
    close: () => pool.end(),
  };
}

const MENDS: Readonly<Record<string, string>> = {
  '42P01': 'run `countersign setup`, which creates the tables',
  '42501': `as the owner of the tables, run: GRANT SELECT, INSERT ON ${NAMES.join(', ')} TO the role in COUNTERSIGN_STORE`,
};
