/** Step after step: each is proposed, reviewed, executed and recorded before the next one is begun; what was done may be taken back. */
import {
  type CancellationScope,
  ChildWorkflowCancellationType,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { unreadablePlan } from '../../domain/carried';
import { canonical, sha256Hex, type Root } from '../../domain/digest';
import type { Admitted, Escalation, Outcome } from '../../domain/gate';
import type { AuditHead } from '../../domain/packet';
import {
  ended,
  NEW_PLAN,
  nextOf,
  tally,
  undone,
  viewOf,
  type Next,
  type StepEnd,
  type Tally,
} from '../../domain/plan';
import { stepWorkflow, undoGate } from '../../domain/plan-names';
import { parsePlan, type PlanStart } from '../../domain/plan-start';
import { contextOf, type StepStart } from '../../domain/step-start';
import { WORKFLOW } from '../../domain/workflow-types';
import { lossOf } from '../runtime/child';
import { goesOn, notByUs, takenOver, type Before } from '../runtime/earlier-runs';
import { awaitDesk } from '../runtime/handlers';
import { fitting } from '../runtime/invalid-input';
import { outOfReach } from '../runtime/cancellation-shield';
import { openPlanDesk, type CarriedPlan, type PlanDesk } from '../plan/plan-mailbox';
import { roller } from '../runtime/continue-as-new';
import type { StepResult } from './review-step';

/** The result of `multiStepApproval`. */
export interface PlanResult extends Tally {
  readonly v: 1;
  readonly decisions: readonly Admitted[];
  readonly escalations: readonly Escalation[];
  readonly audit: AuditHead;
}

/** Events of one run: a step takes some twelve. */
const EVENTS = 1_000;

type Todo = Exclude<Next, { do: 'end' }>;

export async function multiStepApproval(argument: unknown, carried?: CarriedPlan): Promise<PlanResult> {
  const start = fitting(parsePlan(argument));
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const before = goesOn(carried) ? await left(carried as CarriedPlan) : undefined;
  const desk = openPlanDesk({ workflowId, firstRunId }, start, NEW_PLAN, before?.carried);
  desk.ledger.note(before === undefined ? planned(start, argument) : before.fact);
  // The step under way is called off, and nothing further is begun.
  const cancelled = () => {
    desk.move({ ...desk.plan(), cancelled: true });
  };
  return outOfReach(cancelled, async (cancellable) => {
    const rolling = roller(rollable(desk, start), argument, EVENTS);
    for (let todo = next(); todo.do !== 'end'; todo = next()) {
      await take(desk, start, todo, cancellable);
      if (next().do !== 'end') await rolling.rollOver();
    }
    await desk.close();
    const { decisions, escalations } = desk.plan();
    return { v: 1, ...tally(start, desk.plan()), decisions, escalations, audit: desk.ledger.head() };
  });

  function next(): Next {
    return nextOf(start, desk.plan());
  }
}

/** @throws ApplicationFailure NOT_CONTINUED_BY_US also where nobody knows any more which steps were done: none is done twice for it */
async function left(carried: CarriedPlan): Promise<Before<CarriedPlan>> {
  awaitDesk();
  const before = await takenOver(carried, unreadablePlan);
  const { gone } = before.fact;
  if (gone === undefined) return before;
  throw notByUs(
    `the server no longer has the run ${gone}, and the record does not know it, so nobody can say which steps were done`,
    'start a plan of the steps that are left',
  );
}

/** The step's workflow is asked, and the plan takes in how it ended. Taking back is not called off with the plan. */
async function take(
  desk: PlanDesk,
  start: PlanStart,
  todo: Todo,
  cancellable: CancellationScope,
): Promise<void> {
  const { step, index } = todo;
  const name = todo.do === 'undo' ? undoGate(step.name) : step.name;
  const workflowId = stepWorkflow(desk.root, name);
  const child = () => asked(desk, start, todo, name, workflowId);
  const { end, result, firstRunId } = await (todo.do === 'undo' ? child() : cancellable.run(child)).catch(
    (error: unknown) => ({ end: lostStep(step.name, workflowId, error), result: undefined, firstRunId: '' }),
  );
  desk.waitOn(undefined);
  const { outcome, reason, digest } = end;
  desk.ledger.note({
    type: 'step-ended',
    step: name,
    child: workflowId,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(digest === undefined ? {} : { digest }),
    ...(result === undefined ? {} : { audit: result.audit }),
  });
  const said = { decisions: result?.decisions ?? [], escalations: result?.escalations ?? [] };
  if (todo.do === 'undo') {
    const undo = { outcome, ...(reason === undefined ? {} : { reason }), workflowId };
    desk.move(undone(desk.plan(), index, undo, said));
    return;
  }
  const { approval, proposal } = result ?? {};
  const record: Root = { workflowId, firstRunId };
  const kept =
    step.undo === undefined || approval === undefined || proposal === undefined
      ? undefined
      : {
          record,
          seq: approval.entries,
          hash: approval.head,
          question: { revision: approval.revision, action: proposal.action, args: proposal.args },
          policy: approval.policy,
        };
  desk.move(ended(desk.plan(), end, said, kept));
}

interface Taken {
  readonly end: StepEnd;
  readonly result: StepResult | undefined;
  readonly firstRunId: string;
}

async function asked(
  desk: PlanDesk,
  start: PlanStart,
  todo: Todo,
  name: string,
  workflowId: string,
): Promise<Taken> {
  const { requester, policy, callback } = start;
  const step = policy === undefined ? todo.step : { policy, ...todo.step };
  const given: StepStart = {
    v: 1,
    root: desk.root,
    requester,
    ...(callback === undefined ? {} : { callback }),
    step,
    plan: viewOf(start, desk.plan()),
    context: contextOf(start, desk.plan(), step.name),
    ...(todo.do === 'undo' ? { undoing: todo.approval } : {}),
  };
  const child = await startChild(WORKFLOW.reviewStep, {
    workflowId,
    args: [given],
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `step ${name} of ${desk.root.workflowId}`.slice(0, 200),
  });
  const { firstExecutionRunId: firstRunId } = child;
  desk.waitOn(workflowId);
  desk.ledger.note({ type: 'step-opened', step: name, child: { workflowId, firstRunId } });
  const result: unknown = await child.result();
  if (!answers(result)) throw new TypeError('answered nothing that can be read');
  return { end: endOf(step.name, workflowId, result), result, firstRunId };
}

function answers(result: unknown): result is StepResult {
  const { outcome, decisions } = (result ?? {}) as Partial<StepResult>;
  return typeof outcome === 'string' && Array.isArray(decisions);
}

function endOf(name: string, workflowId: string, { outcome, result, digest, reason }: StepResult): StepEnd {
  return {
    name,
    workflowId,
    outcome: outcome as Outcome,
    ...(result === undefined ? {} : { result }),
    ...(digest === undefined ? {} : { digest }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A step that is not to be had is no approval: terminated, failed, or its workflow id taken. */
function lostStep(name: string, workflowId: string, error: unknown): StepEnd {
  const { how, cancelled } = lossOf(error);
  return cancelled
    ? { name, workflowId, outcome: 'cancelled', reason: 'the step was cancelled' }
    : { name, workflowId, outcome: 'failed', reason: `STEP_TERMINATED: the step ${name} ${how}` };
}

function planned(start: PlanStart, argument: unknown) {
  const { requester, onReject, steps } = start;
  const names = steps.map(({ name }) => name);
  return {
    type: 'planned' as const,
    requester,
    onReject,
    steps: names,
    plan: sha256Hex(canonical(argument)),
  };
}

function rollable(desk: PlanDesk, start: PlanStart) {
  return {
    ledger: desk.ledger,
    signals: () => desk.signals(),
    holds: () => false,
    going: () => nextOf(start, desk.plan()).do !== 'end',
    carried: () => desk.carried(),
  };
}
