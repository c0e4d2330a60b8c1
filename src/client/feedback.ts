/** How feedback is given: to a collection that runs, or by starting one for the run that is meant. */
import { randomUUID } from 'node:crypto';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import {
  parseCollectFeedback,
  parseFeedback,
  type CollectFeedback,
  type Feedback,
  type FeedbackReceipt,
  type FeedbackResult,
} from '../domain/feedback';
import { isUuid } from '../domain/feedback-id';
import { guard, type Json } from '../domain/json';
import type { Result } from '../domain/packet';
import { WORKFLOW } from '../domain/workflow-types';
import { feedbackQuery, feedbackReceiptQuery, feedbackSignal } from '../workflows/messages';
import { CountersignError, isNotYet } from './errors';
import type { Server } from './server';

/** What `collectFeedback` is started with; `v` is filled in. */
export type CollectInput = Omit<CollectFeedback, 'v'>;
/** A feedback as a caller makes it: `v` and, where it is left out, a new random `id` are filled in. */
export type FeedbackInput = Omit<Feedback, 'v' | 'id'> & { readonly id?: string };

/** The run that is judged, and where feedback on it is taken. */
export interface Judged {
  readonly runId: string;
  readonly output: Json;
  readonly workflowId: string;
}

/** Whatever is given: a collection's workflow id, the id of any other workflow, or a run's. */
export interface JudgedBy {
  /** The run, where the workflow's own first one is not the one that is judged: LangSmith's. */
  readonly runId?: string | undefined;
}

export function collectionOf(runId: string): string {
  return `feedback-${runId}`;
}

/**
 * A collection that runs is asked itself. Of any other workflow its first run is judged, and what it ended with; what is no workflow here is
 * a run's id.
 * @throws CountersignError NOT_FOUND where it is neither a workflow nor a UUID
 */
export async function judgedIn(server: Server, id: string, { runId }: JudgedBy): Promise<Judged> {
  if (runId !== undefined && runId === id) return { runId, output: null, workflowId: collectionOf(runId) };
  const described = await server.describe(id).catch((error: unknown) => {
    if (error instanceof CountersignError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
  if (described === undefined) {
    if (isUuid(id)) return { runId: id, output: null, workflowId: collectionOf(id) };
    throw new CountersignError(
      'NOT_FOUND',
      `there is no workflow ${id} here, and it is no run’s UUID; to judge a run of another name give it as the run, too`,
    );
  }
  if (described.type === WORKFLOW.collectFeedback) return again(server, described);
  const first = described.raw.workflowExecutionInfo?.firstRunId || described.runId;
  const judged = runId ?? first;
  return { runId: judged, output: await endOf(server, described), workflowId: collectionOf(judged) };
}

/** What it was started with; once it is over, another collection is begun. */
async function again(server: Server, { workflowId, status }: WorkflowExecutionDescription): Promise<Judged> {
  const parsed = parseCollectFeedback(await server.argument(workflowId));
  if (!parsed.ok)
    throw new CountersignError('WRONG_TYPE', `${workflowId} was not started as a collection is`);
  const { runId, output } = parsed.start;
  return { runId, output, workflowId: status.name === 'RUNNING' ? workflowId : collectionOf(runId) };
}

/** How it ended, as far as it fits into an argument. */
async function endOf(
  server: Server,
  { workflowId, status, runId }: WorkflowExecutionDescription,
): Promise<Json> {
  if (status.name !== 'COMPLETED') return null;
  const ended: unknown = await server.result(workflowId, undefined, runId);
  const { outcome, result, proposal } = (ended ?? {}) as Partial<Result>;
  const output = typeof outcome === 'string' ? { outcome, result, proposal } : ended;
  const plain = JSON.parse(JSON.stringify(output ?? null)) as Json;
  return guard({ output: plain }) === undefined ? plain : null;
}

/** @throws CountersignError INVALID_INPUT */
export function wholeFeedback(given: FeedbackInput): Feedback {
  const parsed = parseFeedback({
    v: 1,
    id: randomUUID(),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  });
  if (parsed.ok) return parsed.feedback;
  throw new CountersignError('INVALID_INPUT', parsed.problem);
}

/**
 * Durable from the moment this resolves: the signal starts a collection of that run where none runs.
 * @param window how long it stays open then. @default as of `collectFeedback`
 */
export async function given(
  server: Server,
  taskQueue: string,
  { runId, output, workflowId }: Judged,
  feedback: Feedback,
  window?: string,
): Promise<void> {
  if (workflowId !== collectionOf(runId)) {
    try {
      await server.handle(workflowId).signal(feedbackSignal, feedback);
      return;
    } catch (error) {
      throw await server.explained(workflowId, error);
    }
  }
  const argument = { v: 1, runId, output, ...(window === undefined ? {} : { window }) };
  const parsed = parseCollectFeedback(argument);
  if (!parsed.ok) throw new CountersignError('INVALID_INPUT', parsed.problem);
  await server.client.workflow.signalWithStart(WORKFLOW.collectFeedback, {
    taskQueue,
    workflowId,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [argument],
    signal: feedbackSignal,
    signalArgs: [feedback],
    staticSummary: `feedback on ${runId}`.slice(0, 100),
  });
}

/** The receipt of one feedback id; undefined where no worker has given it within `timeout` milliseconds. */
export async function feedbackAdmitted(
  server: Server,
  workflowId: string,
  id: string,
  timeout: number,
): Promise<FeedbackReceipt | undefined> {
  const until = Date.now() + timeout;
  for (let wait = 20; Date.now() < until; wait = Math.min(wait * 2, 500)) {
    try {
      const found = await server.ask(workflowId, () =>
        server.handle(workflowId).query(feedbackReceiptQuery, id),
      );
      if (found.status !== 'unknown') return found;
    } catch (error) {
      if (!isNotYet(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return undefined;
}

/** What has come so far, or came. A worker answers. */
export function feedbackSoFar(server: Server, workflowId: string): Promise<FeedbackResult> {
  return server.ask(workflowId, () => server.handle(workflowId).query(feedbackQuery));
}
