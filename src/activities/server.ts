/**
 * What the server says of the workflow that asks. Run ids, parents and statuses in a request are a claim; the activity's own info comes
 * from the server with the task, and these functions ask the server for the rest of it.
 */
import { activityInfo, ApplicationFailure, Context } from '@temporalio/activity';
import { temporal } from '@temporalio/proto';
import type { Root } from '../domain/digest';

const { WorkflowExecutionStatus, ContinueAsNewInitiator } = temporal.api.enums.v1;

/** One run of one workflow. */
export interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** How a run began. */
export interface Start extends Run {
  /** Its chain of runs: a retry, a cron run, a continuation and a reset have the first run's id. */
  readonly root: Root;
  readonly type: string;
  readonly taskQueue: string;
  /** Milliseconds since 1970; of a reset run, when the run that was reset began. */
  readonly startedAt: number;
  /** 1, and more in a retry. */
  readonly attempt: number;
  readonly cron: boolean;
  /** The run that it goes on from, and whether that one's own code has said so. */
  readonly continues?: { readonly runId: string; readonly byItself: boolean };
  /** The run's id before it was reset; else its own. */
  readonly originalRunId: string;
  /** Who started it as a child. */
  readonly parent?: Run;
}

/** A run as the server has it now. */
export interface Described extends Run {
  readonly root: Root;
  readonly running: boolean;
  /** It ended by going on in another run. */
  readonly continuedAsNew: boolean;
  readonly type: string;
  readonly taskQueue: string;
  /** Who started it as a child. */
  readonly parent?: Run;
}

/** A worker that runs for months has seen many runs. */
const KEPT = 2_000;
const starts = new Map<string, Start>();

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
  return (await startOf(thisRun())).root;
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
  const { status } = info ?? {};
  return {
    workflowId,
    // Where the latest one is asked for, the server says which that is.
    runId: info?.execution?.runId || runId,
    root: { workflowId, firstRunId: named(info?.firstRunId) },
    running: status === WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING,
    continuedAsNew: status === WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW,
    type: info?.type?.name ?? '',
    taskQueue: info?.taskQueue ?? '',
    ...parentIn(info?.parentExecution),
  };
}

/**
 * The run's first event, which never changes: the server is asked once a run.
 * @throws ApplicationFailure NO_FIRST_RUN where the server does not say which chain of runs it belongs to
 */
export async function startOf({ workflowId, runId }: Run): Promise<Start> {
  const { workflowService, options } = Context.current().client;
  const key = JSON.stringify([options.namespace, workflowId, runId]);
  const known = starts.get(key);
  if (known !== undefined) return known;
  const { history } = await workflowService.getWorkflowExecutionHistory({
    namespace: options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const [first] = history?.events ?? [];
  const start = startIn({ workflowId, runId }, first);
  starts.set(key, start);
  const [oldest] = starts.keys();
  if (starts.size > KEPT && oldest !== undefined) starts.delete(oldest);
  return start;
}

/** The server has it no more, its retention is over, or never had it. */
export function isGone(error: unknown): boolean {
  const NOT_FOUND = 5;
  return (error as { code?: unknown } | null)?.code === NOT_FOUND;
}

type Event = temporal.api.history.v1.IHistoryEvent;

function startIn({ workflowId, runId }: Run, event: Event | undefined): Start {
  const began = event?.workflowExecutionStartedEventAttributes;
  const { continuedExecutionRunId, initiator } = began ?? {};
  const byItself = initiator === ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_WORKFLOW;
  return {
    workflowId,
    runId,
    root: { workflowId, firstRunId: named(began?.firstExecutionRunId) },
    type: began?.workflowType?.name ?? '',
    taskQueue: began?.taskQueue?.name ?? '',
    startedAt:
      Number(event?.eventTime?.seconds ?? 0) * 1_000 + Math.floor((event?.eventTime?.nanos ?? 0) / 1e6),
    attempt: began?.attempt ?? 0,
    cron: Boolean(began?.cronSchedule),
    ...(continuedExecutionRunId ? { continues: { runId: continuedExecutionRunId, byItself } } : {}),
    originalRunId: began?.originalExecutionRunId || runId,
    ...parentIn(began?.parentWorkflowExecution),
  };
}

function named(firstRunId: string | null | undefined): string {
  if (firstRunId) return firstRunId;
  throw ApplicationFailure.retryable(
    'the Temporal server does not say which run was the first one; it is too old for Countersign',
    'NO_FIRST_RUN',
  );
}

function parentIn(run: temporal.api.common.v1.IWorkflowExecution | null | undefined): { parent?: Run } {
  const { workflowId, runId } = run ?? {};
  return workflowId && runId ? { parent: { workflowId, runId } } : {};
}
