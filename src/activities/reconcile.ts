/** One page of closed workflows, each beside what the store has of it. Reads alone: what is found is recorded by who asked. */
import { Context, heartbeat } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { Fact } from '../domain/audit';
import type { AuditHead } from '../domain/packet';
import { compared, hasForks, type Account, type Interruptions } from '../domain/reconcile';
import { INNER_TYPES, REQUESTED_TYPES } from '../domain/workflow-types';
import type { AuditStore } from '../store/audit-store';
import { quoted } from '../visibility';
import type { Activities } from './types';

/** Workflows of one call. */
const PAGE = 100;
/** Runs of one workflow id that are looked through for what interrupted them. */
const RUNS = 20;
/** Ended by their own code, or they would have been. */
const OURS = [...REQUESTED_TYPES, ...INNER_TYPES];

/** Codes of runs that have opened nothing. */
const REFUSED = ['RUN_REPEATED', 'NOT_CONTINUED_BY_US'];

type Request = Parameters<Activities['reconcile']>[0];

export async function reconcile(
  store: AuditStore,
  { since, until, page }: Request,
): Promise<Awaited<ReturnType<Activities['reconcile']>>> {
  const { client } = Context.current();
  const { taskQueue } = Context.current().info;
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    pageSize: PAGE,
    query: `TaskQueue = ${quoted(taskQueue)} AND ExecutionStatus != 'Running' AND CloseTime >= '${since}' AND CloseTime < '${until}'`,
    ...(page === undefined ? {} : { nextPageToken: Buffer.from(page, 'base64') }),
  });
  const facts: Fact[] = [];
  let checked = 0;
  for (const { execution } of executions) {
    heartbeat();
    const account = await accountOf(client, execution?.workflowId ?? '', execution?.runId ?? '');
    if (account === undefined) continue;
    const entries = await store.entries(account.workflowId, account.firstRunId);
    // Of somebody's own workflows, those alone that had a gate; a run that was refused has recorded nothing.
    if (entries.length === 0 && (!account.ours || account.refused)) continue;
    checked += 1;
    const interrupted = hasForks(entries) ? await interruptions(client, account) : { resets: 0, tasks: 0 };
    facts.push(...compared(account, entries, interrupted));
  }
  const next = nextPageToken.length > 0 ? { page: Buffer.from(nextPageToken).toString('base64') } : {};
  return { checked, facts, ...next };
}

/** `refused`: as a run that is not ours, or that repeats one. */
type Found = Account & { readonly refused: boolean };

/** Undefined where a later run goes on with it, or where it never began: its argument did not fit. */
async function accountOf(client: Client, workflowId: string, runId: string): Promise<Found | undefined> {
  try {
    const run = await client.workflow.getHandle(workflowId, runId).describe();
    const last = await client.workflow.getHandle(workflowId).describe();
    const firstRunId = run.raw.workflowExecutionInfo?.firstRunId ?? runId;
    const goesOn =
      (last.raw.workflowExecutionInfo?.firstRunId ?? last.runId) === firstRunId && last.runId !== runId;
    const status = run.status.name;
    if (goesOn || status === 'RUNNING' || status === 'CONTINUED_AS_NEW') return undefined;
    const end = status === 'COMPLETED' ? undefined : await endOf(client, workflowId, runId);
    if (end?.code === 'INVALID_INPUT') return undefined;
    const head = status === 'COMPLETED' ? await headOf(client, workflowId, runId) : undefined;
    return {
      workflowId,
      firstRunId,
      runId,
      status,
      closedAt: (run.closeTime ?? new Date(0)).toISOString(),
      ...(end?.reason === undefined ? {} : { reason: end.reason }),
      ...(head === undefined ? {} : { head }),
      refused: REFUSED.includes(end?.code ?? ''),
      ours: OURS.includes(run.type),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined; // its retention is over
    throw error;
  }
}

async function headOf(client: Client, workflowId: string, runId: string): Promise<AuditHead | undefined> {
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  const result = (await handle.result()) as { audit?: Partial<AuditHead> } | null | undefined;
  const { entries, head } = result?.audit ?? {};
  return typeof entries === 'number' && typeof head === 'string' ? { entries, head } : undefined;
}

/** Why it was ended, as whoever ended it said. */
async function endOf(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<{ readonly reason?: string; readonly code: string }> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    historyEventFilterType:
      temporal.api.enums.v1.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
  });
  const last = history?.events?.at(-1);
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  const reason = last?.workflowExecutionTerminatedEventAttributes?.reason ?? failure?.message;
  return {
    ...(reason ? { reason: reason.slice(0, 1_000) } : {}),
    code: failure?.applicationFailureInfo?.type ?? '',
  };
}

/** Over all runs of the chain: a reset, or a task that was begun again, may have stored what a later one did not come to. */
async function interruptions(client: Client, { workflowId, firstRunId }: Account): Promise<Interruptions> {
  const { RESET_WORKFLOW } = {
    RESET_WORKFLOW: temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
  };
  let resets = 0;
  let tasks = 0;
  let runs = 0;
  for await (const { runId } of client.workflow.list({
    query: `WorkflowId = ${quoted(workflowId)}`,
  })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const first = (await handle.describe()).raw.workflowExecutionInfo?.firstRunId;
    if (first !== firstRunId) continue;
    const { events } = await handle.fetchHistory();
    for (const {
      workflowTaskFailedEventAttributes: failed,
      workflowTaskTimedOutEventAttributes: late,
    } of events ?? []) {
      if (failed?.cause === RESET_WORKFLOW) resets += 1;
      else if (failed != null || late != null) tasks += 1;
    }
    runs += 1;
    if (runs >= RUNS) break;
  }
  return { resets, tasks };
}
