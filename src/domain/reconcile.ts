/**
 * Temporal's account of a workflow beside the store's: what Temporal knows of how it ended, and the store does not, is recorded;
 * forks are explained; what does not match is raised. Pure: both accounts come in as values.
 */
import { z } from 'zod';
import { forked, type Fact, type StoredEntry } from './audit';
import { checkChain } from './chain';
import { defined } from './defined';
import { problems } from './gate/decision';
import { Duration } from './duration';
import { guard } from './json';
import type { AuditHead } from './packet';
import type { Parsed } from './start';

/** Of `reconcile`. */
export const ReconcileStart = z.strictObject({
  v: z.literal(1),
  /** What was closed since then is looked at. @default where the run before ended, or a day ago */
  since: z.iso.datetime().optional(),
  /** What was closed so shortly ago is left to the next run: visibility comes a moment later. */
  settle: Duration.default('1 minute'),
});
export type ReconcileStart = z.infer<typeof ReconcileStart>;

/** Never throws. */
export function parseReconcile(argument: unknown): Parsed<ReconcileStart> {
  const unfit = guard(argument);
  if (unfit !== undefined) return { ok: false, problem: unfit };
  const parsed = z.safeParse(ReconcileStart, argument);
  return parsed.success ? { ok: true, start: parsed.data } : { ok: false, problem: problems(parsed.error) };
}

/** The result of `reconcile`. */
export interface Reconciled {
  readonly v: 1;
  /** ISO 8601 UTC: closed from then, until then. */
  readonly since: string;
  readonly until: string;
  readonly checked: number;
  /** What no code could record: terminated, timed out. */
  readonly ended: number;
  readonly explained: number;
  /** In words, the first hundred of them. */
  readonly mismatches: readonly string[];
  readonly audit: AuditHead;
}

/** What Temporal says of a workflow whose last run is closed. */
export interface Account {
  readonly workflowId: string;
  readonly firstRunId: string;
  readonly runId: string;
  /** COMPLETED, TERMINATED, FAILED, TIMED_OUT or CANCELLED. */
  readonly status: string;
  /** ISO 8601 UTC. */
  readonly closedAt: string;
  /** Of its end, where somebody gave one. */
  readonly reason?: string;
  /** Where its own result says that its chain ended. */
  readonly head?: AuditHead;
  /** Its own code has said how it ends, or would have. */
  readonly ours: boolean;
}

/** What may have made two entries at one number. */
export interface Interruptions {
  readonly resets: number;
  /** Workflow tasks that failed or timed out. */
  readonly tasks: number;
}

/** Facts to be recorded of one workflow; none where both accounts agree. */
export function compared(
  account: Account,
  entries: readonly StoredEntry[],
  interrupted: Interruptions,
): Fact[] {
  const { workflowId, firstRunId, head, ours } = account;
  const of = { workflowId, firstRunId };
  const mismatch = (problem: string): Fact => ({ type: 'mismatch', of, problem });
  const rows = entries.map((entry) => ({ ...of, ...entry }));
  const [fault] = checkChain(of, rows, []).faults;
  if (fault !== undefined) return [mismatch(fault.message)];
  return [
    ...forks(account, entries, interrupted),
    ...(head === undefined ? (ours ? [untold(account)] : []) : atHead(head, entries).map(mismatch)),
  ];
}

/** Whether it has to be looked into why: more than one entry at a number. */
export function hasForks(entries: readonly StoredEntry[]): boolean {
  return forked(entries).branches.length > 0;
}

function forks(
  { workflowId, firstRunId }: Account,
  entries: readonly StoredEntry[],
  { resets, tasks }: Interruptions,
): Fact[] {
  const { branches } = forked(entries);
  if (branches.length === 0) return [];
  const of = { workflowId, firstRunId };
  const at = [...new Set(branches.map(({ seq }) => seq))].sort((one, other) => one - other).slice(0, 100);
  const by = resets > 0 ? 'reset' : tasks > 0 ? 'interrupted task' : undefined;
  if (by !== undefined) return [{ type: 'fork-explained', of, at, by }];
  const where = at.map(String).join(', ');
  return [
    {
      type: 'mismatch',
      of,
      problem: `two entries at number ${where}, and nothing in Temporal that explains it`,
    },
  ];
}

/** Our own code ends with a result that names the record, unless it is cut off: whoever completes a workflow by hand need not. */
function untold(account: Account): Fact {
  const { workflowId, firstRunId, status } = account;
  if (status !== 'COMPLETED') return ended(account);
  return {
    type: 'mismatch',
    of: { workflowId, firstRunId },
    problem: 'its result names no record: another hand than our own code has completed it',
  };
}

/** No code of the workflow could say so. */
function ended({ workflowId, firstRunId, runId, status, closedAt, reason }: Account): Fact {
  const of = { workflowId, firstRunId };
  return { type: 'found-ended', of, runId, status, closedAt, ...defined({ reason }) };
}

function atHead({ entries: count, head }: AuditHead, entries: readonly StoredEntry[]): string[] {
  if (entries.some(({ seq, hash }) => seq === count && hash === head)) return [];
  const most = entries.reduce((last, { seq }) => Math.max(last, seq), 0);
  return most < count
    ? [`the workflow's result tells of ${String(count)} entries, the store has ${String(most)}`]
    : [`entry ${String(count)} is not the one that the workflow's result names`];
}
