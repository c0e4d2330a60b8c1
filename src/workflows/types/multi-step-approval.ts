/** Step after step: each is proposed, reviewed, executed and recorded before the next one is begun; what was done may be taken back. */
import { workflowInfo } from '@temporalio/workflow';
import { unreadablePlan } from '../../domain/carried';
import type { Admitted, Escalation } from '../../domain/gate';
import type { AuditHead } from '../../domain/packet';
import { tally, type Tally } from '../../domain/plan';
import { parsePlan } from '../../domain/plan-start';
import { conclude, nextRunOfPlan, openPlanRuntime, type CarriedPlan } from '../plan/plan-runtime';
import { runStep } from '../plan/step-child';
import { shieldFromCancellation } from '../runtime/cancellation-shield';
import { continuesRun, notContinuedByUs, takeOver, type EarlierRun } from '../runtime/earlier-runs';
import { holdUpdates } from '../runtime/handlers';
import { orInvalidInput } from '../runtime/invalid-input';

/** The result of `multiStepApproval`. */
export interface PlanResult extends Tally {
  readonly v: 1;
  readonly decisions: readonly Admitted[];
  readonly escalations: readonly Escalation[];
  readonly audit: AuditHead;
}

export async function multiStepApproval(argument: unknown, carried?: CarriedPlan): Promise<PlanResult> {
  const start = orInvalidInput(parsePlan(argument));
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const earlier = continuesRun(carried) ? await earlierRun(carried as CarriedPlan) : undefined;
  const plan = openPlanRuntime({ workflowId, firstRunId }, start, argument, earlier);
  const callOff = () => {
    plan.callOff();
  };
  return shieldFromCancellation(callOff, async (cancellable) => {
    const nextRun = nextRunOfPlan(plan, argument);
    for (let next = plan.next(); next.do !== 'end'; next = plan.next()) {
      await runStep(plan, next, cancellable);
      if (plan.next().do !== 'end') await nextRun.startIfDue();
    }
    await conclude(plan);
    const { decisions, escalations } = plan.state();
    return { v: 1, ...tally(start, plan.state()), decisions, escalations, audit: plan.ledger.head() };
  });
}

/** @throws ApplicationFailure NOT_CONTINUED_BY_US also where nobody knows any more which steps were done: none is done twice for it */
async function earlierRun(carried: CarriedPlan): Promise<EarlierRun<CarriedPlan>> {
  holdUpdates();
  const earlier = await takeOver(carried, unreadablePlan);
  const { gone } = earlier.fact;
  if (gone === undefined) return earlier;
  throw notContinuedByUs(
    `the server no longer has the run ${gone}, and the record does not know it, so nobody can say which steps were done`,
    'start a plan of the steps that are left',
  );
}
