/**
 * Somebody who may write to the namespace, and has no worker: he takes workflow tasks by hand, and has a workflow go on as another one
 * with arguments of his own making.
 */
import { defaultPayloadConverter, toPayloads } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { append, openChain } from '../../src/domain/audit';
import { evidenceHash, evidenceOf } from '../../src/domain/gate/evidence';
import { effectKey, type Root } from '../../src/domain/digest';
import { openGate, type ApprovedGate, type Gate } from '../../src/domain/gate';
import { Policy } from '../../src/domain/policy';
import type { Carried } from '../../src/workflows/gate/context';
import { SEED } from './forged';
import { SHIP, type WorkflowEnv } from './workflow-env';

type Command = temporal.api.command.v1.ICommand;

export interface Task {
  readonly root: Root;
  goOnAs(type: string, taskQueue: string, args: readonly unknown[]): Promise<void>;
  /** With commands of one's own; the next task comes at once, for whoever polls then. */
  answer(...commands: readonly Command[]): Promise<void>;
}

const {
  COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION: GO_ON,
  COMMAND_TYPE_RECORD_MARKER: MARK,
  COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK: SCHEDULE,
  COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION: COMPLETE,
  COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION: START,
} = temporal.api.enums.v1.CommandType;

const payloads = (...values: readonly unknown[]) => ({
  payloads: toPayloads(defaultPayloadConverter, ...values) ?? [],
});

/** As the SDK notes the answer of a local activity, which a genuine worker believes at replay. @param seq 1 for the workflow's first */
export function marker(seq: number, activity: string, answer?: unknown): Command {
  const now = Date.now();
  const time = { seconds: Math.floor(now / 1_000), nanos: (now % 1_000) * 1_000_000 };
  const data = {
    ...{ seq, attempt: 1, activity_id: String(seq), activity_type: activity },
    ...{ complete_time: time, backoff: null, original_schedule_time: time },
  };
  const details = { data: payloads(data), result: payloads({ at: now, answer }) };
  return {
    commandType: MARK,
    recordMarkerCommandAttributes: { markerName: 'core_local_activity', details },
  };
}

export function scheduling(
  activity: string,
  taskQueue: string,
  input: unknown,
  activityId = 'forged',
): Command {
  return {
    commandType: SCHEDULE,
    scheduleActivityTaskCommandAttributes: {
      activityId,
      activityType: { name: activity },
      taskQueue: { name: taskQueue },
      input: payloads(input),
      startToCloseTimeout: { seconds: 20 },
      scheduleToCloseTimeout: { seconds: 40 },
    } as never,
  };
}

export function starting(type: string, workflowId: string, taskQueue: string, argument: unknown): Command {
  return {
    commandType: START,
    startChildWorkflowExecutionCommandAttributes: {
      namespace: 'default',
      workflowId,
      workflowType: { name: type },
      taskQueue: { name: taskQueue },
      input: payloads(argument),
      workflowRunTimeout: { seconds: 120 },
      workflowTaskTimeout: { seconds: 10 },
    } as never,
  };
}

export function ending(result: unknown): Command {
  return {
    commandType: COMPLETE,
    completeWorkflowExecutionCommandAttributes: { result: payloads(result) },
  };
}

/** The next workflow task of a queue; nobody else must poll it. */
export async function taken({ connection }: WorkflowEnv, queue: string): Promise<Task> {
  const { workflowService } = connection;
  const at = { namespace: 'default', identity: 'forger' };
  const { taskToken, workflowExecution } = await connection.withDeadline(Date.now() + 30_000, () =>
    workflowService.pollWorkflowTaskQueue({ ...at, taskQueue: { name: queue } }),
  );
  const { workflowId, runId } = workflowExecution ?? {};
  if (!workflowId || !runId) throw new Error(`no task came on ${queue}`);
  return {
    root: { workflowId, firstRunId: runId },
    async goOnAs(type, taskQueue, args) {
      const continueAsNewWorkflowExecutionCommandAttributes = {
        workflowType: { name: type },
        taskQueue: { name: taskQueue },
        input: payloads(...args),
        workflowRunTimeout: { seconds: 120 },
        workflowTaskTimeout: { seconds: 10 },
      } as never;
      await workflowService.respondWorkflowTaskCompleted({
        ...at,
        taskToken,
        commands: [{ commandType: GO_ON, continueAsNewWorkflowExecutionCommandAttributes }],
      });
    },
    async answer(...commands) {
      const forceCreateNewWorkflowTask = commands.every(({ commandType }) => commandType !== COMPLETE);
      await workflowService.respondWorkflowTaskCompleted({
        ...at,
        taskToken,
        commands: [...commands],
        forceCreateNewWorkflowTask,
      });
    },
  };
}

/** Answers the next query that comes to our own queue with that. */
export async function pictured({ connection, taskQueue }: WorkflowEnv, answer: unknown): Promise<void> {
  const { workflowService } = connection;
  const at = { namespace: 'default', identity: 'forger' };
  const { taskToken, query } = await connection.withDeadline(Date.now() + 30_000, () =>
    workflowService.pollWorkflowTaskQueue({ ...at, taskQueue: { name: taskQueue } }),
  );
  if (query == null) throw new Error('it was no query');
  const { QUERY_RESULT_TYPE_ANSWERED: completedType } = temporal.api.enums.v1.QueryResultType;
  await workflowService.respondQueryTaskCompleted({
    namespace: 'default',
    taskToken,
    completedType,
    queryResult: payloads(answer),
  });
}

export const MALLORY = { order: 'mallory', units: 7_777 };
const ASKS_TWO = Policy.parse({
  confirmation: 'CONFIRM',
  levels: [{ name: 'HUMAN', approvers: { people: ['ana', 'bo'] }, quorum: 2, respondWithin: '4 hours' }],
});

/** A gate that is open, as our own code would have opened it, of what nobody has assessed. */
export function openedBy(root: Root, now = Date.now()): Gate {
  return openGate(
    {
      deployment: 'default',
      root,
      gate: 'main',
      requester: 'mallory',
      requesterProof: 'claimed',
      proposal: { ...SHIP, args: MALLORY, title: 'forged' },
      policy: ASKS_TWO,
      assessment: { args: MALLORY, risk: 'high', runs: { in: 'worker', timeout: '1 minute' } },
      by: 'mallory',
    },
    now,
  );
}

/** As if a run before had left it. */
export function left(gate: Gate, root: Root): Carried {
  return { gate, ledger: { chain: openChain(root), told: 0, counted: 0, lasts: {} }, setting: {} };
}

/** A gate that two people are said to have approved, with the record that says so. */
export function approvedBy(root: Root, of: Root = root): Carried {
  const now = Date.now();
  const at = new Date(now).toISOString();
  const gate = openedBy(of, now);
  const { digest } = gate;
  const signers = ['ana', 'bo'];
  const approved = {
    ...gate,
    status: 'approved',
    basis: 'signatures',
    decisions: signers.map((reviewer) => ({
      v: 1,
      id: reviewer,
      digest,
      verdict: 'approve',
      reviewer,
      at,
      revision: 1,
      level: 'HUMAN',
    })),
    signatures: signers.map((reviewer) => ({
      reviewer,
      decision: reviewer,
      at,
      revision: 1,
      authentication: 'open',
    })),
  } as ApprovedGate;
  const chain = append(
    openChain(of, SEED),
    {
      type: 'approved',
      gate: 'main',
      revision: 1,
      digest,
      level: 'HUMAN',
      signers,
      action: SHIP.action,
      key: effectKey(of, 'main', digest),
      basis: 'signatures',
      evidence: evidenceHash(evidenceOf(approved)),
    },
    at,
  );
  const lasts = { approved: { entries: chain.seq, head: chain.head } };
  return { gate: approved, ledger: { chain, told: 0, counted: 0, lasts }, setting: {} };
}
