/** Decisions as rows that others train and evaluate with: each row stands by itself. */
import { defined } from './defined';
import { successors, wanted, written, type Fate, type Version } from './lessons';

/** Of what people did not take, beside what they took in its place; or of either alone. */
export interface PreferenceRow {
  readonly prompt: string;
  /** What was approved in the end, or answered; null where there was nothing. */
  readonly chosen: string | null;
  /** What was edited away, sent back or rejected; null where it was approved as it was. */
  readonly rejected: string | null;
  /** Why, where somebody said it. */
  readonly comment?: string;
  readonly how: Fate['how'];
  readonly action: string;
  readonly workflowId: string;
  readonly digest: string;
  readonly reviewers: readonly string[];
  readonly at: string;
}

/** Of each version that people decided on. */
export interface EvaluationRow {
  readonly prompt: string;
  readonly output: string;
  /** It was approved as it was. */
  readonly label: boolean;
  /** What it should have been, where people have said so. */
  readonly expected?: string;
  readonly comment?: string;
  readonly how: Fate['how'];
  readonly confidence: number;
  readonly by: string;
  readonly action: string;
  readonly workflowId: string;
  readonly digest: string;
  readonly reviewers: readonly string[];
  readonly at: string;
}

type Judged = Version & { readonly fate: Fate; readonly confidence: number };

/** Proposed by an agent or a caller, not by whoever edited it; and people have decided on it. */
export function judged(versions: readonly Version[], action?: string): Judged[] {
  return versions.filter(
    (one): one is Judged =>
      one.fate !== undefined &&
      one.confidence !== undefined &&
      (action === undefined || one.action === action),
  );
}

/** @param pairs only rows that have both */
export function preferenceRows(
  versions: readonly Version[],
  { action, pairs = false }: { readonly action?: string | undefined; readonly pairs?: boolean } = {},
): PreferenceRow[] {
  const next = successors(versions);
  return judged(versions, action)
    .map((one): PreferenceRow => {
      const { fate } = one;
      const text = written(one.action, one.args);
      const approved = fate.how === 'approved';
      return {
        prompt: one.task,
        chosen: wanted(one, next) ?? null,
        rejected: approved ? null : text,
        ...defined({ comment: commentOf(fate) }),
        ...placeOf(one),
      };
    })
    .filter(({ chosen, rejected }) => !pairs || (chosen !== null && rejected !== null));
}

export function evaluationRows(
  versions: readonly Version[],
  { action }: { readonly action?: string | undefined } = {},
): EvaluationRow[] {
  const next = successors(versions);
  return judged(versions, action).map((one) => {
    const { fate, confidence, by } = one;
    const label = fate.how === 'approved';
    const expected = label ? undefined : wanted(one, next);
    return {
      prompt: one.task,
      output: written(one.action, one.args),
      label,
      ...defined({ expected, comment: commentOf(fate) }),
      confidence,
      by,
      ...placeOf(one),
    };
  });
}

function commentOf(fate: Fate): string | undefined {
  return 'comment' in fate ? fate.comment : undefined;
}

function placeOf({ fate, action, workflowId, digest, at }: Judged) {
  const reviewers = typeof fate.by === 'string' ? [fate.by] : fate.by;
  return { how: fate.how, action, workflowId, digest, reviewers, at };
}
