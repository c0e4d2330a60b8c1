/**
 * Which run asks. A cron schedule, a retry and a continuation are what the server says of them, never what arguments say:
 * `continuedFromExecutionRunId` is there in a cron run, in a retry, and where anybody's workflow continues as ours.
 */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { forked, GENESIS } from '../domain/audit';
import type { Root } from '../domain/digest';
import { checkedRuns, closedGates } from '../domain/runs-on-record';
import { WORKFLOW } from '../domain/workflow-types';
import type { AuditStore } from '../store/audit-store';
import { describe, isGone, startOf, thisRun, type Run, type Start } from './server';
import type { Activities, Assessed } from './types';

type Entries = Pick<AuditStore, 'entries'>;
type Opening = NonNullable<Parameters<Activities['assess']>[0]['opens']>;
type Refused = Extract<Assessed, { ok: false }>;

/**
 * Why no gate may be opened in this run: people would be asked again what they have decided, under the same digest and the same key.
 * Undefined where it may.
 */
export async function unfitRun(store: Entries, opens: Opening | undefined): Promise<Refused | undefined> {
  const run = await startOf(thisRun());
  if (run.cron)
    return refusal(
      'RUN_REPEATED',
      'it runs by a cron schedule; use a Schedule, which starts a workflow a time',
    );
  if (run.attempt !== 1)
    return refusal(
      'RUN_REPEATED',
      'it is a retry of an earlier run; start another workflow, without a retry policy',
    );
  if (opens === undefined) return undefined;
  if (!(await isUnder(run, opens.root)))
    return refusal('NOT_ITS_WORKFLOW', 'a step is asked by the plan that it is of; start multiStepApproval');
  if (!(await hadGate(store, run, opens.gate))) return undefined;
  return refusal(
    'RUN_REPEATED',
    `an earlier run of this workflow has closed the gate ${JSON.stringify(opens.gate)}; ` +
      'give each gate a name of its own, over all runs',
  );
}

function refusal(code: string, message: string): Refused {
  return { ok: false, code, message };
}

/** The gate's root is the workflow that asks, or, of a step, the plan that has started it. */
async function isUnder(run: Start, root: Root): Promise<boolean> {
  const is = ({ root: of }: Start) => of.workflowId === root.workflowId && of.firstRunId === root.firstRunId;
  if (is(run)) return true;
  const plan = run.parent === undefined ? undefined : await found(startOf(run.parent));
  return plan?.type === WORKFLOW.multiStepApproval && plan.taskQueue === activityInfo().taskQueue && is(plan);
}

/** What this very run has closed does not count: it may have been stored by an attempt at a task that the server gave out again. */
async function hadGate(store: Entries, run: Start, gate: string): Promise<boolean> {
  const { workflowId, firstRunId } = run.root;
  if (run.runId === firstRunId) return false;
  const closed = closedGates(await store.entries(workflowId, firstRunId));
  return closed.some((one) => one.gate === gate && !(Date.parse(one.at) >= run.startedAt));
}

/**
 * Goes back over the runs before this one, to the first or to one that the record has as checked.
 * @returns `gone`: a run that the server has no more and the record does not know, so that nobody can say what came before it
 * @throws ApplicationFailure NOT_CONTINUED_BY_US where one of them is not ours, or did not itself go on in the next
 */
export async function continued(store: Entries): ReturnType<Activities['continued']> {
  const own = await startOf(thisRun());
  const { root } = own;
  let entries: Awaited<ReturnType<Entries['entries']>> | undefined;
  const record = async () => (entries ??= await store.entries(root.workflowId, root.firstRunId));
  const isChecked = async (runId: string) => checkedRuns(await record()).includes(runId);
  let run = own;
  while (run.continues !== undefined) {
    mustBeOurs(run, own);
    const before: Run = { workflowId: root.workflowId, runId: run.continues.runId };
    const start = await found(startOf(before));
    const end = start && (await found(describe(before)));
    if (start === undefined || end === undefined) {
      if (await isChecked(before.runId)) return {};
      const last = forked(await record()).trunk.at(-1);
      return { gone: { runId: before.runId, entries: last?.seq ?? 0, head: last?.hash ?? GENESIS } };
    }
    if (!run.continues.byItself || !end.continuedAsNew || end.root.firstRunId !== root.firstRunId)
      throw notByUs(start, 'did not itself go on in the next run');
    mustBeOurs(start, own);
    if (start.continues !== undefined && (await isChecked(start.originalRunId))) return {};
    run = start;
  }
  mustBeOurs(run, own);
  if (run.originalRunId !== root.firstRunId) throw notByUs(run, 'is not the first one, and continues none');
  return {};
}

function mustBeOurs(run: Start, { type }: Start): void {
  const { taskQueue } = activityInfo();
  if (run.type !== type || run.taskQueue !== taskQueue)
    throw notByUs(run, `is a ${run.type} on the task queue ${run.taskQueue}, not a ${type} on ${taskQueue}`);
  if (run.cron || run.attempt !== 1) throw notByUs(run, 'was begun by a cron schedule or as a retry');
}

function notByUs({ runId }: Run, why: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `NOT_CONTINUED_BY_US: the run ${runId} ${why}; start the workflow anew`,
    'NOT_CONTINUED_BY_US',
  );
}

async function found<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
