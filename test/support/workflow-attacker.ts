/** A workflow of somebody who may write to the namespace: it schedules Countersign's own activities, with what it likes. */
import { scheduleActivity } from '@temporalio/workflow';

export async function schedule(taskQueue: string, activity: string, input: unknown): Promise<unknown> {
  return scheduleActivity(activity, [input], {
    taskQueue,
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
  });
}
