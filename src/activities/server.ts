/**
 * What the server says of the workflow that asks. Run ids, parents and statuses in a request are a claim; the activity's own info comes
 * from the server with the task, and these functions ask the server for the rest of it.
 */
import { activityInfo, ApplicationFailure, Context } from '@temporalio/activity';
import { temporal } from '@temporalio/proto';
import type { Root } from '../domain/digest';

/** One run of one workflow. */
export interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** A run as the server has it. */
export interface Described extends Run {
  /** Its chain of runs: a retry, a cron run, a continuation and a reset have the first run's id. */
  readonly root: Root;
  readonly running: boolean;
  readonly type: string;
  readonly taskQueue: string;
  /** Who started it as a child. */
  readonly parent?: Run;
}

type Info = temporal.api.workflow.v1.IWorkflowExecutionInfo;

/** A worker that runs for months has seen many runs. */
const KEPT = 2_000;
const firstRuns = new Map<string, string>();

/** The run that calls this activity. @throws ApplicationFailure NOT_ITS_WORKFLOW where none does */
export function thisRun(): Run {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined)
    throw ApplicationFailure.nonRetryable(
      'it is called by no workflow; it belongs to Countersign’s own workflows',
      'NOT_ITS_WORKFLOW',
    );
  return workflowExecution;
}

/** The workflow that calls this activity, by the id of its first run. The server is asked once a run: it never changes. */
export async function firstRunOf(): Promise<Root> {
  const { workflowId, runId } = thisRun();
  const firstRunId = firstRuns.get(keyOf({ workflowId, runId }));
  return firstRunId === undefined ? (await describeSelf()).root : { workflowId, firstRunId };
}

/** The run that calls this activity, as the server has it now. */
export function describeSelf(): Promise<Described> {
  return describe(thisRun());
}

/** @throws ApplicationFailure NO_FIRST_RUN where the server does not say which chain of runs it belongs to */
export async function describe({ workflowId, runId }: Run): Promise<Described> {
  const { workflowService, options } = Context.current().client;
  const { workflowExecutionInfo: info } = await workflowService.describeWorkflowExecution({
    namespace: options.namespace,
    execution: { workflowId, runId },
  });
  const firstRunId = info?.firstRunId;
  if (!firstRunId)
    throw ApplicationFailure.retryable(
      'the Temporal server does not say which run was the first one; it is too old for Countersign',
      'NO_FIRST_RUN',
    );
  keep({ workflowId, runId }, firstRunId);
  return {
    workflowId,
    runId,
    root: { workflowId, firstRunId },
    running: isRunning(info),
    type: info.type?.name ?? '',
    taskQueue: info.taskQueue ?? '',
    ...parentOf(info),
  };
}

function isRunning({ status }: Info): boolean {
  return status === temporal.api.enums.v1.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
}

function parentOf({ parentExecution }: Info): { readonly parent?: Run } {
  const { workflowId, runId } = parentExecution ?? {};
  if (!workflowId || !runId) return {};
  return { parent: { workflowId, runId } };
}

function keep(run: Run, firstRunId: string): void {
  firstRuns.set(keyOf(run), firstRunId);
  const [oldest] = firstRuns.keys();
  if (firstRuns.size > KEPT && oldest !== undefined) firstRuns.delete(oldest);
}

function keyOf({ workflowId, runId }: Run): string {
  return JSON.stringify([Context.current().info.namespace, workflowId, runId]);
}
