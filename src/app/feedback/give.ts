/** Feedback on a run: one that a person gives, or all that people decided at its gate; and what became of each. */
import type { Feedback, FeedbackInput, FeedbackReceipt, Judged, Result } from '../../client';
import { canonical } from '../../domain/digest';
import { AppError } from '../errors';
import type { Gates, Ports } from '../ports';

export interface FeedbackOn {
  /** Of a workflow, a collection of feedback, or a run. */
  readonly id: string;
  /** The run that is judged, where it is not the workflow's own. */
  readonly runId?: string | undefined;
  /** What is said; `decided`: what people decided at the gate. */
  readonly says: FeedbackInput | 'decided';
  /** How long a collection that is started now stays open, a duration. */
  readonly window?: string | undefined;
  /** Milliseconds to wait for each receipt. */
  readonly within: number;
}

export interface Given {
  readonly judged: Judged;
  /** `delivered`: it is durable, and no worker has answered yet. */
  readonly receipt: FeedbackReceipt | { readonly id: string; readonly status: 'delivered' };
}

/**
 * Gives one after the other, and each receipt as it comes.
 * @throws AppError NOTHING_DECIDED; CountersignError INVALID_INPUT naming each key, NOT_FOUND, STILL_OPEN
 */
export async function* giveFeedback(
  { gates }: Pick<Ports, 'gates'>,
  { id, runId, says, window, within }: FeedbackOn,
): AsyncGenerator<Given> {
  const inputs = says === 'decided' ? lessonsOf(await ended(gates, id)) : [says];
  const judged = await gates.judged(id, { runId });
  for (const input of inputs) {
    const sent = await gates.feedback(judged, input, { window });
    const { workflowId } = judged;
    const first = await gates.feedbackAdmitted(workflowId, sent.id, within);
    const receipt = input.id === undefined ? first : first && (await own(gates, workflowId, sent, first));
    yield { judged, receipt: receipt ?? { id: sent.id, status: 'delivered' } };
  }
}

/** Milliseconds that an end is waited for, which should be there. */
const AT_ITS_END = 5_000;

/** Of what has no gate there is nothing: it ends with whatever it likes. */
async function ended(gates: Gates, id: string): Promise<Partial<Result>> {
  const result: unknown = await gates.result(id, { within: AT_ITS_END });
  const { decisions } = (result ?? {}) as Partial<Result>;
  return Array.isArray(decisions) ? { decisions } : {};
}

/** What people decided on what was proposed: as it was, or not. A repeat of it has the same ids. */
export function lessonsOf({ decisions = [] }: Partial<Pick<Result, 'decisions'>>): FeedbackInput[] {
  const lessons = decisions.flatMap(({ id, verdict, reviewer, comment, args, answer }): FeedbackInput[] => {
    if (!['approve', 'edit', 'reject', 'revise', 'respond'].includes(verdict)) return [];
    const instead = verdict === 'edit' ? args : verdict === 'respond' ? answer : undefined;
    return [
      {
        id: `decided ${id}`.slice(0, 200).trimEnd(),
        reviewer,
        key: 'approved-as-proposed',
        score: verdict === 'approve' ? 1 : 0,
        ...(comment === undefined ? {} : { comment }),
        ...(instead === undefined ? {} : { correction: instead }),
      },
    ];
  });
  if (lessons.length > 0) return lessons;
  throw new AppError('NOTHING_DECIDED', 'nobody has approved, edited or rejected it');
}

/** A reused id must not be answered with the first feedback's receipt as its own. */
async function own(
  gates: Gates,
  workflowId: string,
  sent: Feedback,
  receipt: FeedbackReceipt,
): Promise<FeedbackReceipt> {
  const taken = (await gates.feedbackSoFar(workflowId)).feedback.find(({ id }) => id === sent.id);
  if (taken === undefined || canonical(taken) === canonical(sent)) return receipt;
  const message = 'another feedback has this id; make a new one for each';
  return { id: sent.id, status: 'refused', code: 'ID_REUSED', message };
}
