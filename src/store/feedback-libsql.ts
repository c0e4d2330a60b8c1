/** Feedback in the embedded database, in the same file as the audit. */
import {
  FEEDBACK_COLUMNS,
  recordOf,
  rowOf,
  type FeedbackRecord,
  type FeedbackStore,
  type Judged,
} from './feedback-store';
import { canonical } from '../domain/digest';
import type { Json } from '../domain/json';
import type { KeptLesson, Lesson } from '../domain/lessons';
import { literal, openLibsqlFile } from './libsql-file';

const TABLES = [
  `CREATE TABLE IF NOT EXISTS feedback (
    run_id TEXT NOT NULL,
    id TEXT NOT NULL,
    key TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    score REAL NOT NULL,
    at TEXT NOT NULL,
    workflow_id TEXT NOT NULL,
    feedback TEXT NOT NULL,
    PRIMARY KEY (run_id, id)
  )`,
  'CREATE TABLE IF NOT EXISTS feedback_outputs (run_id TEXT NOT NULL PRIMARY KEY, output TEXT NOT NULL)',
  'CREATE TABLE IF NOT EXISTS lessons (digest TEXT NOT NULL PRIMARY KEY, action TEXT NOT NULL, at TEXT NOT NULL, lesson TEXT NOT NULL)',
  'CREATE INDEX IF NOT EXISTS lessons_newest ON lessons (action, at)',
];

/**
 * @param directoryOrUrl as of `openLibsqlFile`
 * @param create whether what is missing is created. @default true
 */
export async function openLibsqlFeedback(
  directoryOrUrl: string,
  { create = true }: { readonly create?: boolean } = {},
): Promise<FeedbackStore> {
  const file = await openLibsqlFile(directoryOrUrl, { create });
  try {
    if (create) await file.write(TABLES);
  } catch (error) {
    file.close();
    throw error;
  }
  const read = async (where: string, args: string[]) => {
    const rows = await file.read(`SELECT * FROM feedback ${where} ORDER BY at, run_id, id`, args);
    return rows.map((row) => recordOf(row as Readonly<Record<string, unknown>>));
  };
  return {
    async keep(records, judged) {
      const statements = [...(judged === undefined ? [] : [output(judged)]), ...records.map(insert)];
      if (statements.length > 0) await file.write(statements);
    },
    feedback: (runId) => (runId === undefined ? read('', []) : read('WHERE run_id = ?', [runId])),
    async judged(runId) {
      const [row] = await file.read('SELECT output FROM feedback_outputs WHERE run_id = ?', [runId]);
      return row === undefined ? undefined : { runId, output: JSON.parse(row['output'] as string) as Json };
    },
    async learn(lessons) {
      if (lessons.length > 0) await file.write(lessons.map(insertLesson));
    },
    async lessons(actions, most) {
      const marks = actions.map(() => '?').join(', ');
      const rows = await file.read(
        `SELECT lesson FROM (SELECT lesson, at, row_number() OVER (PARTITION BY action ORDER BY at DESC, digest) AS nth
           FROM lessons WHERE action IN (${marks})) WHERE nth <= ? ORDER BY at DESC`,
        [...actions, most],
      );
      return rows.map((row) => JSON.parse(row['lesson'] as string) as Lesson);
    },
    ready: () =>
      file.write([
        'DELETE FROM feedback WHERE 0',
        'DELETE FROM feedback_outputs WHERE 0',
        'DELETE FROM lessons WHERE 0',
      ]),
    close() {
      file.close();
      return Promise.resolve();
    },
  };
}

function insert(record: FeedbackRecord): string {
  const values = Object.values(rowOf(record)).map((value: string | number) =>
    typeof value === 'number' ? String(value) : literal(value),
  );
  return `INSERT INTO feedback (${FEEDBACK_COLUMNS.join(', ')}) VALUES (${values.join(', ')}) ON CONFLICT DO NOTHING`;
}

function insertLesson({ digest, at, lesson }: KeptLesson): string {
  const values = [digest, lesson.action, at, canonical(lesson)].map(literal).join(', ');
  return `INSERT INTO lessons (digest, action, at, lesson) VALUES (${values}) ON CONFLICT DO NOTHING`;
}

function output({ runId, output: judged }: Judged): string {
  return `INSERT INTO feedback_outputs (run_id, output) VALUES (${literal(runId)}, ${literal(canonical(judged))}) ON CONFLICT DO NOTHING`;
}
