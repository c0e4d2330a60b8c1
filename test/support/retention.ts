/** The end of retention, brought about: a server deletes one run, and has its history no more. */
import type { Root } from '../../src/domain/digest';
import { until } from './app';
import type { WorkflowEnv } from './workflow-env';

/** For the server: a workflow is deleted once its queues are past the workflow's end, which is soon then. */
export const FORGETS_SOON: Readonly<Record<string, string>> = Object.fromEntries(
  ['transferProcessor', 'visibilityProcessor', 'timerProcessor'].map((queue) => [
    `history.${queue}UpdateAckInterval`,
    '200ms',
  ]),
);

/** @param run by the id of that very run, whether it is the first one or not */
export async function forgotten(
  { client, connection }: Pick<WorkflowEnv, 'client' | 'connection'>,
  { workflowId, firstRunId: runId }: Root,
): Promise<void> {
  const workflowExecution = { workflowId, runId };
  await connection.workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution });
  const gone = () =>
    client.workflow
      .getHandle(workflowId, runId)
      .describe()
      .then(
        () => false,
        () => true,
      );
  await until(gone, (is) => is, 60_000);
}
