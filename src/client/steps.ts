/**
 * A plan seen from outside: every step with the workflow it was asked in, and the gate that is open now. While the plan runs its own
 * packet tells; once it has ended the server does, so that no worker is needed to look back.
 */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { Packet, Status } from '../domain/packet';
import { NEW_PLAN, viewOf } from '../domain/plan';
import { stepWorkflow, undoGate } from '../domain/plan-names';
import { commandOn } from '../domain/paste';
import { parsePlan } from '../domain/plan-start';
import type { PlanView, StepView } from '../domain/plan-view';
import { WORKFLOW } from '../domain/workflow-types';
import { cutOff } from './cut-off';
import { CountersignError } from './errors';
import type { PlanResult } from './results';
import type { Server } from './server';

/** A plan, where it stands, and where it is decided. */
export interface PlanSteps {
  /** The plan's own, whichever id was asked for. */
  readonly workflowId: string;
  readonly status: Status;
  readonly outcome?: string;
  /** Where Temporal ended it, without an outcome: TERMINATED, TIMED_OUT, FAILED. */
  readonly closedBy?: string;
  readonly reason?: string;
  readonly onReject: PlanView['onReject'];
  /** Index of the step that is under way; as many as there are steps once the last one is over. */
  readonly at: number;
  readonly steps: readonly PlanStepSeen[];
  /** The step that people are asked about now, and whether about taking it back. */
  readonly underWay?: { readonly step: string; readonly takingBack: boolean };
  /** The packet of where it stands now: the step's, or that of the level that the step waits for. */
  readonly current?: Packet;
}

export interface PlanStepSeen extends StepView {
  /** From 1. */
  readonly number: number;
  /** Where it is asked, or would be. */
  readonly workflowId: string;
  /** Where taking it back is asked; only where it was, or is, taken back. */
  readonly undoWorkflowId?: string;
}

type Show = (workflowId: string) => Promise<Packet>;
/** A plan, as it stands or as it ended. */
type Seen = Pick<PlanSteps, 'status' | 'outcome' | 'closedBy' | 'reason' | 'underWay'> & {
  readonly plan: PlanView;
  readonly waitingOn?: string | undefined;
};

export async function stepsOf(server: Server, show: Show, workflowId: string): Promise<PlanSteps> {
  const described = await planOf(server, workflowId);
  const { plan, waitingOn, ...standing } =
    described.status.name === 'COMPLETED'
      ? await ended(server, described)
      : await cut(server, described, await runningPlan(show, described));
  const current = waitingOn === undefined ? undefined : await within(show, waitingOn);
  const root = { workflowId: described.workflowId };
  const { step: name, takingBack } = standing.underWay ?? {};
  return {
    workflowId: described.workflowId,
    ...standing,
    onReject: plan.onReject,
    at: plan.at,
    steps: plan.steps.map((step, index) => ({
      number: index + 1,
      ...step,
      workflowId: stepWorkflow(root, step.name),
      ...(step.undo !== undefined || (takingBack === true && step.name === name)
        ? { undoWorkflowId: stepWorkflow(root, undoGate(step.name)) }
        : {}),
    })),
    ...(current === undefined ? {} : { current }),
  };
}

/** The plan itself, of whichever of its steps or their levels the id is. @throws CountersignError NOT_FOUND, WRONG_TYPE */
async function planOf(server: Server, workflowId: string): Promise<WorkflowExecutionDescription> {
  let described = await server.describe(workflowId);
  while (described.type !== WORKFLOW.multiStepApproval) {
    const parent = described.parentExecution?.workflowId;
    if (parent == null)
      throw new CountersignError(
        'WRONG_TYPE',
        `${workflowId} is neither a plan nor a step of one; \`${commandOn('show', workflowId)}\` tells what it is`,
      );
    described = await server.describe(parent);
  }
  return described;
}

/** As its own workflow tells; a worker answers. */
async function runningPlan(show: Show, { workflowId }: WorkflowExecutionDescription): Promise<Seen> {
  const { plan, status, outcome, reason, waitingOn, gate } = await show(workflowId);
  if (plan === undefined)
    throw new CountersignError('WRONG_TYPE', `${workflowId} tells nothing of the steps it takes`);
  const takingBack = plan.steps.find(({ name }) => undoGate(name) === gate)?.name;
  return {
    plan,
    status,
    ...(outcome === undefined ? {} : { outcome }),
    ...(reason === undefined ? {} : { reason }),
    ...(status === 'closed'
      ? {}
      : { underWay: { step: takingBack ?? gate, takingBack: takingBack !== undefined } }),
    waitingOn,
  };
}

/** A plan that was terminated stands where it stood, and nobody is asked any more. */
async function cut(
  server: Server,
  { workflowId, status }: WorkflowExecutionDescription,
  seen: Seen,
): Promise<Seen> {
  const off =
    seen.status === 'closed' ? undefined : await cutOff(server, { workflowId, status: status.name });
  return off === undefined ? seen : { plan: seen.plan, status: 'closed', ...off };
}

/** Out of what it was started with and what it ended with. */
async function ended(server: Server, { workflowId }: WorkflowExecutionDescription): Promise<Seen> {
  const [argument, result] = await Promise.all([server.argument(workflowId), server.result(workflowId)]);
  const { outcome, reason, steps } = result as PlanResult;
  const parsed = parsePlan(argument);
  if (!parsed.ok) throw new CountersignError('WRONG_TYPE', `${workflowId} was not started as a plan is`);
  const plan = viewOf(parsed.start, { ...NEW_PLAN, done: steps.map((end) => ({ end })) });
  return { plan, status: 'closed', outcome, ...(reason === undefined ? {} : { reason }) };
}

/** A step, its level, and no further. */
const DEPTH = 3;

/** Down to where it is decided: the step, or the level that the step waits for. Undefined while there is nothing to be read. */
async function within(show: Show, workflowId: string, depth = DEPTH): Promise<Packet | undefined> {
  const packet = await show(workflowId).catch((error: unknown) => {
    // It may be over by now, or not begun.
    if (error instanceof CountersignError) return undefined;
    throw error;
  });
  if (packet?.waitingOn === undefined || depth === 1) return packet;
  return (await within(show, packet.waitingOn, depth - 1)) ?? packet;
}
