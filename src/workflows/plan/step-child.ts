/** A step of a plan, or what takes one back, in a workflow of its own; a step that is not to be had is no approval. */
import type { CancellationScope } from '@temporalio/workflow';
import type { Root } from '../../domain/digest';
import type { Outcome } from '../../domain/gate';
import type { AuditHead, Result } from '../../domain/packet';
import { ended, undone, type Next, type StepEnd } from '../../domain/plan';
import { stepWorkflow, undoGate } from '../../domain/plan-names';
import type { Policy } from '../../domain/policy';
import { contextOf, type StepStart } from '../../domain/step-start';
import { WORKFLOW } from '../../domain/workflow-types';
import { describeChildFailure, runChild } from '../runtime/child';
import type { PlanRuntime } from './plan-runtime';

/** What a step's workflow answers. */
export interface StepResult extends Result {
  /** Where its approval stands in its record, and the policy that it was given under: what its undo goes by. */
  readonly approval?: AuditHead & { readonly policy: Policy; readonly revision: number };
}

export type Todo = Exclude<Next, { do: 'end' }>;

/** How a step's workflow ended; without a result where it is not to be had. */
interface StepRun {
  readonly end: StepEnd;
  readonly result?: StepResult;
  readonly firstRunId: string;
}

/** The step's workflow is asked, and the plan takes in how it ended. Taking back is not called off with the plan. */
export async function runStep(plan: PlanRuntime, todo: Todo, cancellable: CancellationScope): Promise<void> {
  const child = () => askStep(plan, todo);
  const asked = todo.do === 'undo' ? child() : cancellable.run(child);
  const run = await asked.catch((error: unknown) => lostStep(plan, todo, error));
  plan.waitOn(undefined);
  noteEnd(plan, todo, run);
  if (todo.do === 'undo') takeInUndo(plan, todo, run);
  else takeInStep(plan, todo, run);
}

/** The gate that the step has, which its workflow is named after. */
function gateOf(todo: Todo): string {
  return todo.do === 'undo' ? undoGate(todo.step.name) : todo.step.name;
}

function workflowOf({ root }: PlanRuntime, todo: Todo): string {
  return stepWorkflow(root, gateOf(todo));
}

async function askStep(plan: PlanRuntime, todo: Todo): Promise<StepRun> {
  const workflowId = workflowOf(plan, todo);
  const gate = gateOf(todo);
  let firstRunId = '';
  const result = await runChild({
    type: WORKFLOW.reviewStep,
    workflowId,
    argument: argumentOf(plan, todo),
    summary: `step ${gate} of ${plan.root.workflowId}`,
    started: (child) => {
      firstRunId = child.firstRunId;
      plan.waitOn(workflowId);
      plan.ledger.note({ type: 'step-opened', step: gate, child });
    },
    isResult: isStepResult,
  });
  return { end: endOf(todo.step.name, workflowId, result), result, firstRunId };
}

function argumentOf(plan: PlanRuntime, todo: Todo): StepStart {
  const { start, root } = plan;
  const { requester, policy, callback } = start;
  return {
    v: 1,
    root,
    requester,
    ...(callback === undefined ? {} : { callback }),
    step: policy === undefined ? todo.step : { policy, ...todo.step },
    plan: plan.view(),
    context: contextOf(start, plan.state(), todo.step.name),
    ...(todo.do === 'undo' ? { undoing: todo.approval } : {}),
  };
}

function isStepResult(result: unknown): result is StepResult {
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

/** Terminated, failed, or its workflow id taken. */
function lostStep(plan: PlanRuntime, todo: Todo, error: unknown): StepRun {
  const { name } = todo.step;
  const { how, cancelled } = describeChildFailure(error);
  const end = cancelled
    ? { outcome: 'cancelled' as const, reason: 'the step was cancelled' }
    : { outcome: 'failed' as const, reason: `STEP_TERMINATED: the step ${name} ${how}` };
  return { end: { name, workflowId: workflowOf(plan, todo), ...end }, firstRunId: '' };
}

function noteEnd(plan: PlanRuntime, todo: Todo, { end, result }: StepRun): void {
  const { outcome, reason, digest } = end;
  plan.ledger.note({
    type: 'step-ended',
    step: gateOf(todo),
    child: workflowOf(plan, todo),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(digest === undefined ? {} : { digest }),
    ...(result === undefined ? {} : { audit: result.audit }),
  });
}

function takeInUndo(plan: PlanRuntime, todo: Todo, { end, result }: StepRun): void {
  const { outcome, reason } = end;
  const undo = {
    outcome,
    ...(reason === undefined ? {} : { reason }),
    workflowId: workflowOf(plan, todo),
  };
  plan.move(undone(plan.state(), todo.index, undo, saidIn(result)));
}

/** Of a step with an undo its approval is kept: what takes it back goes by that. */
function takeInStep(plan: PlanRuntime, todo: Todo, { end, result, firstRunId }: StepRun): void {
  const { approval, proposal } = result ?? {};
  const record: Root = { workflowId: end.workflowId, firstRunId };
  const kept =
    todo.step.undo === undefined || approval === undefined || proposal === undefined
      ? undefined
      : {
          record,
          seq: approval.entries,
          hash: approval.head,
          question: { revision: approval.revision, action: proposal.action, args: proposal.args },
          policy: approval.policy,
        };
  plan.move(ended(plan.state(), end, saidIn(result), kept));
}

function saidIn(result: StepResult | undefined) {
  return { decisions: result?.decisions ?? [], escalations: result?.escalations ?? [] };
}
