/** Temporal's account and the store's, compared now or on a schedule. */
import { randomUUID } from 'node:crypto';
import { ScheduleNotFoundError, WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Reconciled } from '../domain/reconcile';
import { WORKFLOW } from '../domain/workflow-types';
import { CountersignError } from './errors';

export type { Reconciled };

/** The schedule's id: one a namespace and task queue. */
const scheduleOf = (taskQueue: string) => `${taskQueue}-reconcile`;

/**
 * Compares now, and waits for the report. What does not match is in its `mismatches`, not thrown.
 * @param since ISO 8601 UTC: what was closed since then. @default a day ago
 * @throws CountersignError WORKFLOW_FAILED
 */
export async function reconciled(client: Client, taskQueue: string, since?: string): Promise<Reconciled> {
  try {
    const result: unknown = await client.workflow.execute(WORKFLOW.reconcile, {
      taskQueue,
      workflowId: `reconcile-${randomUUID()}`,
      args: [{ v: 1, settle: '5 seconds', ...(since === undefined ? {} : { since }) }],
    });
    return result as Reconciled;
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    if (cause instanceof ApplicationFailure && cause.type === 'AUDIT_MISMATCH')
      return cause.details?.[0] as Reconciled;
    if (cause !== undefined) throw new CountersignError('WORKFLOW_FAILED', cause.message);
    throw error;
  }
}

/** Compares every so often from now on, each time what was closed since the time before. Saying it again changes the interval. */
export async function reconciledEvery(
  client: Client,
  taskQueue: string,
  milliseconds: number,
): Promise<string> {
  const scheduleId = scheduleOf(taskQueue);
  const spec = { intervals: [{ every: milliseconds }] };
  const action = {
    type: 'startWorkflow' as const,
    workflowType: WORKFLOW.reconcile,
    workflowId: scheduleId,
    taskQueue,
    args: [{ v: 1 }],
  };
  // One that takes longer than the interval is waited for; one that failed for a mismatch does not stop the next.
  const policies = { overlap: 'SKIP' as const };
  try {
    await client.schedule.getHandle(scheduleId).update((was) => ({ ...was, spec, action, policies }));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    await client.schedule.create({ scheduleId, spec, action, policies });
  }
  return scheduleId;
}

/** Whether there was a schedule. */
export async function notReconciled(client: Client, taskQueue: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(scheduleOf(taskQueue)).delete();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}
