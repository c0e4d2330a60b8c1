/** A plan as it stands or ended: its steps, and what its own packet would say of where it is. */
import type { PlanSteps } from '../client';
import type { PlanAt } from '../domain/packet/plan-text';
import { endOf } from '../domain/packet/view';
import { undoGate } from '../domain/plan-names';
import type { Ports } from './ports';

export interface PlanSeen {
  readonly plan: PlanSteps;
  /** For the lines that tell of a plan, wherever it is shown. */
  readonly at: PlanAt;
  /** Index of the step that people were asked about when Temporal ended the plan. */
  readonly cutShort?: number;
}

/** @param workflowId of the plan, or of one of its steps @throws CountersignError as `steps` */
export async function plan({ gates }: Pick<Ports, 'gates'>, workflowId: string): Promise<PlanSeen> {
  const found = await gates.steps(workflowId);
  const { closedBy, at } = found;
  return { plan: found, at: placeIn(found), ...(closedBy === undefined ? {} : { cutShort: at }) };
}

function placeIn(found: PlanSteps): PlanAt {
  const { workflowId, status, onReject, at, steps, underWay } = found;
  const outcome = endOf(found);
  const { step = '', takingBack = false } = underWay ?? {};
  return {
    workflowId,
    root: { workflowId, firstRunId: '' },
    status,
    ...(outcome === undefined ? {} : { outcome: outcome as NonNullable<PlanAt['outcome']> }),
    gate: takingBack ? undoGate(step) : step,
    plan: { onReject, at, steps },
  };
}
