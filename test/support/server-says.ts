/** The Temporal server's word on a run, for activities that are called outside of one: the one thing that a forger cannot bring about. */
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { WORKFLOW_EXECUTION_STATUS_RUNNING: RUNNING } = temporal.api.enums.v1.WorkflowExecutionStatus;

export interface SaidRun {
  readonly workflowId: string;
  readonly firstRunId: string;
  readonly parent?: { readonly workflowId: string; readonly runId: string };
  /** @default true */
  readonly running?: boolean;
  readonly type?: string;
}

/** A client for which the server describes these runs as told, and every other one as it is. */
export function serverSays(client: Client, ...runs: readonly SaidRun[]): Client {
  return describing(client, runs, false);
}

/** The same, and every other run as if it ran still. */
export function serverSaysRunning(client: Client, ...runs: readonly SaidRun[]): Client {
  return describing(client, runs, true);
}

function describing(client: Client, runs: readonly SaidRun[], still: boolean): Client {
  const real = client.workflowService;
  type Describe = typeof real.describeWorkflowExecution;
  const describeWorkflowExecution = (async (request: Parameters<Describe>[0]) => {
    const { workflowId, runId } = request.execution ?? {};
    const run = runs.find((one) => one.workflowId === workflowId && (!runId || one.firstRunId === runId));
    if (run === undefined) {
      const answer = await real.describeWorkflowExecution(request);
      if (still && answer.workflowExecutionInfo != null) answer.workflowExecutionInfo.status = RUNNING;
      return answer;
    }
    const { firstRunId, parent, running = true, type = 'proposeAndExecute' } = run;
    return {
      workflowExecutionInfo: {
        execution: { workflowId, runId: firstRunId },
        firstRunId,
        status: running ? 1 : 2,
        type: { name: type },
        ...(parent === undefined ? {} : { parentExecution: parent }),
      },
    };
  }) as Describe;
  return new Proxy(client, {
    get: (target, name) =>
      name === 'workflowService'
        ? new Proxy(real, {
            get: (service, method) =>
              method === 'describeWorkflowExecution'
                ? describeWorkflowExecution
                : (Reflect.get(service, method) as unknown),
          })
        : (Reflect.get(target, name) as unknown),
  });
}
