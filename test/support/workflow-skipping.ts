/**
 * Time that passes when nothing is in flight, workflow by workflow. The server's feature is experimental and this SDK
 * has it as raw messages only, so that all of it stays in this file.
 */
import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import ms from 'ms';

const SERVER_FLAGS = ['--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'];
export { SERVER_FLAGS as TIME_SKIPPING_FLAGS };

/** Every workflow that is started over this connection skips time. */
export function skipTime(connection: Connection): void {
  const service = connection.workflowService;
  const start = service.startWorkflowExecution.bind(service);
  const skipping = (request: Parameters<typeof start>[0]) =>
    start({ ...request, timeSkippingConfig: { enabled: true } });
  Object.assign(service, { startWorkflowExecution: skipping });
}

/** Skips so much time of a workflow that was started in real time, and no more; resolves when it is there. */
export async function forward(
  connection: Connection,
  workflowId: string,
  duration: ms.StringValue,
): Promise<void> {
  const before = await skipped(connection, workflowId);
  await connection.workflowService.updateWorkflowExecutionOptions({
    namespace: 'default',
    workflowExecution: { workflowId },
    workflowExecutionOptions: {
      timeSkippingConfig: {
        enabled: true,
        fastForwardConfig: { id: `forward-${randomUUID()}`, duration: msToTs(ms(duration)) },
      },
    },
    updateMask: { paths: ['time_skipping_config'] },
  });
  for (const latest = Date.now() + 15_000; (await skipped(connection, workflowId)) <= before;)
    if (Date.now() > latest) throw new Error(`${duration} did not pass in ${workflowId}`);
    else await new Promise((resolve) => setTimeout(resolve, 30));
}

/** How often the workflow's clock has jumped. */
async function skipped(connection: Connection, workflowId: string): Promise<number> {
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    namespace: 'default',
    execution: { workflowId },
  });
  const events = history?.events ?? [];
  return events.filter((event) => event.workflowExecutionTimeSkippingTransitionedEventAttributes).length;
}
