/** A Temporal server that remembers executions, and no worker but the packets that it is given: for what the client makes of them. */
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { defaultDataConverter, defaultPayloadConverter, TerminatedFailure } from '@temporalio/common';
import { Countersign, CountersignError, type Packet } from '../../src/client';

export interface Execution {
  readonly workflowId: string;
  readonly type: string;
  /** @default "run-1" */
  readonly runId?: string;
  /** @default "COMPLETED" where it is closed, else "RUNNING" */
  readonly status?: WorkflowExecutionStatusName;
  readonly parent?: string;
  /** Seconds after nine. */
  readonly from: number;
  readonly to?: number;
  readonly result?: unknown;
  /** Of whoever terminated it. */
  readonly reason?: string;
  readonly argument?: unknown;
}

const NINE = Date.parse('2026-03-02T09:00:00.000Z');
export const after = (seconds: number) => new Date(NINE + seconds * 1_000).toISOString();

/** The last run of an id is the newest. Without packets there is no worker. */
export function fakeExecutions(executions: readonly Execution[], packets?: Record<string, Partial<Packet>>) {
  const asked: string[] = [];
  const runs = (workflowId: string) => executions.filter((one) => one.workflowId === workflowId);
  const found = (workflowId: string, runId?: string): Execution => {
    const one = runs(workflowId)
      .filter((run) => runId === undefined || idOf(run) === runId)
      .at(-1);
    if (one === undefined) throw new WorkflowNotFoundError('not found', workflowId, runId);
    return one;
  };
  const workflow = {
    getHandle: (workflowId: string, runId?: string) => ({
      describe: async () => infoOf(found(workflowId, runId)),
      async result() {
        const { status, reason = 'Workflow execution terminated', result } = found(workflowId, runId);
        if (status === 'TERMINATED')
          throw new WorkflowFailedError(reason, new TerminatedFailure(reason), 'NON_RETRYABLE_FAILURE');
        return result;
      },
      async query() {
        asked.push(workflowId);
        if (packets === undefined) throw new CountersignError('NO_WORKER', 'no worker answers');
        found(workflowId);
        return { workflowId, v: 1, ...packets[workflowId] };
      },
    }),
    async *list({ query }: { query: string }) {
      const [, workflowId = ''] = /^WorkflowId = '(.*)'$/.exec(query) ?? [];
      yield* [...runs(workflowId)].reverse().map(infoOf); // as visibility has it: newest first
    },
  };
  const client = {
    workflow,
    options: {
      namespace: 'default',
      loadedDataConverter: { ...defaultDataConverter, payloadConverter: defaultPayloadConverter },
    },
    withDeadline: (_: number, work: () => unknown) => work(),
    workflowService: {
      async getWorkflowExecutionHistory({ execution }: { execution: { workflowId: string } }) {
        const payloads = [defaultPayloadConverter.toPayload(found(execution.workflowId).argument ?? null)];
        return {
          history: { events: [{ workflowExecutionStartedEventAttributes: { input: { payloads } } }] },
        };
      },
    },
  };
  return { countersign: new Countersign({ client: client as unknown as Client }), asked };
}

const idOf = ({ runId = 'run-1' }: Execution) => runId;

function infoOf(execution: Execution) {
  const { workflowId, type, from, to, parent } = execution;
  const name = execution.status ?? (to === undefined ? 'RUNNING' : 'COMPLETED');
  return {
    workflowId,
    runId: idOf(execution),
    type,
    status: { name },
    startTime: new Date(after(from)),
    ...(to === undefined ? {} : { closeTime: new Date(after(to)) }),
    ...(parent === undefined ? {} : { parentExecution: { workflowId: parent, runId: 'run-1' } }),
    raw: {},
  };
}
