/** Whether a gate may open now, by the limits on how many may be open at once: read from visibility, and never written. */
import { activityInfo, ApplicationFailure, Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { overLimit, type Share } from '../domain/gate/open-limits';
import { quoted } from '../visibility';
import type { Activities } from './types';

/** Before people, or between two levels of them, or back at the agent. */
const OPEN = `ExecutionStatus = 'Running' AND CountersignState IN ('open', 'waiting', 'proposing')`;
const QUEUED = `ExecutionStatus = 'Running' AND CountersignState = 'queued'`;

/** @throws ApplicationFailure QUEUED, to be tried again, where it should `wait` and has to */
export const place: Activities['place'] = async ({ shares, wait }) => {
  const why = await whyWait(shares);
  if (why === undefined) return { free: true };
  if (wait) throw ApplicationFailure.retryable(why, 'QUEUED');
  return { free: false, why };
};

/**
 * Why the gate of the workflow that asks has to wait; undefined where it need not.
 * @throws ApplicationFailure NOT_SEEN_YET, to be tried again: until visibility shows the workflow itself in the queue it may not show
 * those before it either
 */
async function whyWait(shares: readonly Share[]): Promise<string | undefined> {
  const { client } = Context.current();
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) throw ApplicationFailure.nonRetryable('not called by a workflow');
  const { workflowId, runId } = workflowExecution;
  const itself = await first(
    client,
    `${QUEUED} AND WorkflowId = ${quoted(workflowId)} AND RunId = ${quoted(runId)}`,
  );
  if (itself === undefined)
    throw ApplicationFailure.retryable(
      'visibility does not show this workflow in the queue yet',
      'NOT_SEEN_YET',
    );
  const since = itself.startTime.toISOString();
  for (const share of shares) {
    const whose = `CountersignParties = ${quoted(share.party)}`;
    const [open, ahead] = await Promise.all([
      count(client, `${OPEN} AND ${whose}`),
      count(client, `${QUEUED} AND ${whose} AND StartTime < '${since}'`),
    ]);
    const why = overLimit(share, { open, ahead });
    if (why !== undefined) return why;
  }
  return undefined;
}

async function count({ workflow }: Client, query: string): Promise<number> {
  return (await workflow.count(query)).count;
}

async function first({ workflow }: Client, query: string) {
  for await (const one of workflow.list({ query, pageSize: 1 })) return one;
  return undefined;
}
