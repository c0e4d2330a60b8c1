/** Workflows of somebody who may write to the namespace: they schedule Countersign's own activities, and start its children, with what they like. */
import { executeChild, scheduleActivity } from '@temporalio/workflow';

export async function schedule(taskQueue: string, activity: string, input: unknown): Promise<unknown> {
  return scheduleActivity(activity, [input], {
    taskQueue,
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
  });
}

/** The same under names of ours. */
export const reconcile = schedule;
export const collectFeedback = schedule;

export async function parent(
  taskQueue: string,
  type: string,
  workflowId: string,
  argument: unknown,
): Promise<unknown> {
  return executeChild(type, { taskQueue, workflowId, args: [argument] });
}
