/** What any store of feedback must do. It lies beside the audit, and is none: rows that people look back at, not a chain. */
import { Feedback } from '../domain/feedback';
import { canonical } from '../domain/digest';
import type { Json } from '../domain/json';
import type { KeptLesson, Lesson } from '../domain/lessons';

export interface FeedbackRecord {
  /** The run that is judged. */
  readonly runId: string;
  readonly feedback: Feedback;
  /** When it was taken, ISO 8601 UTC. */
  readonly at: string;
  /** The collection that took it. */
  readonly workflowId: string;
}

export interface FeedbackStore {
  /**
   * Stores all, durably, before it resolves. What a run has under an id already is left as it is: the first one wins.
   * @param judged the output that it is about, of each run that is named; the first one stays
   */
  keep(records: readonly FeedbackRecord[], judged?: Judged): Promise<void>;
  /** In the order that it was taken; of one run, or of all. */
  feedback(runId?: string): Promise<FeedbackRecord[]>;
  /** What was judged; undefined where nobody has said. */
  judged(runId: string): Promise<Judged | undefined>;
  /** Keeps lessons, each once. */
  learn(lessons: readonly KeptLesson[]): Promise<void>;
  /** The newest of each action, so many at most; newest first. */
  lessons(actions: readonly string[], most: number): Promise<Lesson[]>;
  /** @throws Error saying why nothing could be kept now; writes nothing */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface Judged {
  readonly runId: string;
  readonly output: Json;
}

/** A row of the table `feedback`, as either database has it. */
export interface FeedbackRow {
  readonly run_id: string;
  readonly id: string;
  readonly key: string;
  readonly reviewer: string;
  readonly score: number;
  readonly at: string;
  readonly workflow_id: string;
  /** The feedback as it was sent, canonical JSON. The columns beside it are for whoever asks by SQL. */
  readonly feedback: string;
}

export const FEEDBACK_COLUMNS = [
  'run_id',
  'id',
  'key',
  'reviewer',
  'score',
  'at',
  'workflow_id',
  'feedback',
] as const;

export function rowOf({ runId, feedback, at, workflowId }: FeedbackRecord): FeedbackRow {
  const { id, key, reviewer, score } = feedback;
  return {
    run_id: runId,
    id,
    key,
    reviewer,
    score,
    at,
    workflow_id: workflowId,
    feedback: canonical(feedback),
  };
}

/** @throws TypeError where somebody else has changed the row */
export function recordOf(row: Readonly<Record<string, unknown>>): FeedbackRecord {
  const { run_id: runId, at, workflow_id: workflowId, feedback } = row;
  const texts = [runId, at, workflowId, feedback];
  const parsed = Feedback.safeParse(typeof feedback === 'string' ? JSON.parse(feedback) : undefined);
  if (!parsed.success || texts.some((one) => typeof one !== 'string'))
    throw new TypeError('the table feedback holds a row that is no feedback');
  return { runId, feedback: parsed.data, at, workflowId } as FeedbackRecord;
}
