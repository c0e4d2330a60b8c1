/** What waits on people, as one visibility query that scales with the cluster; no workflow is asked. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { quoted } from '../visibility';
import { CountersignError, GRPC, grpcOf } from './errors';
import type { Server } from './server';

/** One line of the inbox. */
export interface InboxItem {
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAt: string;
  readonly dueAt?: string;
  readonly risk?: string;
  readonly approvers: readonly string[];
}

/** @throws CountersignError NOT_SET_UP */
export async function* inbox(server: Server, reviewer: string | undefined): AsyncGenerator<InboxItem> {
  const whose =
    reviewer === undefined
      ? ''
      : ` AND (CountersignApprovers = ${quoted(reviewer)} OR CountersignApprovers = '*')`;
  const query = `CountersignState = 'open' AND ExecutionStatus = 'Running'${whose}`;
  for await (const one of found(server, query)) yield itemOf(one);
}

async function* found({ client }: Server, query: string): AsyncGenerator<WorkflowExecutionInfo> {
  try {
    yield* client.workflow.list({ query });
  } catch (error) {
    const { code, message } = grpcOf(error);
    if (code === GRPC.invalidArgument && message.includes('Countersign'))
      throw new CountersignError(
        'NOT_SET_UP',
        'this namespace lacks the search attributes of the inbox; `countersign setup` registers them',
      );
    throw error;
  }
}

function itemOf({ workflowId, runId, startTime, typedSearchAttributes }: WorkflowExecutionInfo): InboxItem {
  const attributes = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value] as const);
  const of = (name: string) => attributes.find(([key]) => key === name)?.[1];
  const due = of('CountersignDueAt');
  const risk = of('CountersignRisk');
  const approvers = of('CountersignApprovers');
  return {
    workflowId,
    runId,
    startedAt: startTime.toISOString(),
    ...(due instanceof Date ? { dueAt: due.toISOString() } : {}),
    ...(typeof risk === 'string' ? { risk } : {}),
    approvers: Array.isArray(approvers) ? approvers.map(String) : [],
  };
}
