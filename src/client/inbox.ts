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

export interface Listed {
  /** Only what this person may decide; the name itself, not an alias. */
  readonly reviewer?: string | undefined;
  /** At most so many, and no more are fetched. @default all */
  readonly limit?: number | undefined;
  /** Only what is due in this time, or what has no deadline. @default all */
  readonly due?: DueWithin | 'never' | undefined;
}

/** Milliseconds since 1970; `from` belongs to it, `before` does not. */
export interface DueWithin {
  readonly from?: number | undefined;
  readonly before?: number | undefined;
}

/** What the server gives in one page. */
const PAGE = 1_000;

/** @throws CountersignError NOT_SET_UP */
export async function* inbox(
  server: Server,
  { reviewer, limit = Infinity, due }: Listed,
): AsyncGenerator<InboxItem> {
  const whose =
    reviewer === undefined
      ? []
      : [`(CountersignApprovers = ${quoted(reviewer)} OR CountersignApprovers = '*')`];
  const query = ["CountersignState = 'open'", "ExecutionStatus = 'Running'", ...whose, ...dueIn(due)].join(
    ' AND ',
  );
  let left = limit;
  if (left <= 0) return;
  for await (const one of found(server, query, Math.min(left, PAGE))) {
    yield itemOf(one);
    // Before the next page is asked for.
    if (--left <= 0) return;
  }
}

function dueIn(due: Listed['due']): string[] {
  if (due === undefined) return [];
  if (due === 'never') return ['CountersignDueAt IS NULL'];
  const at = (time: number) => quoted(new Date(time).toISOString());
  return [
    ...(due.from === undefined ? [] : [`CountersignDueAt >= ${at(due.from)}`]),
    ...(due.before === undefined ? [] : [`CountersignDueAt < ${at(due.before)}`]),
  ];
}

async function* found(
  { client }: Server,
  query: string,
  pageSize: number,
): AsyncGenerator<WorkflowExecutionInfo> {
  try {
    yield* client.workflow.list({ query, pageSize });
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
