/** One step of a plan, or what takes one back: a gate of its own under the plan's root, so that one digest is one question. */
import { workflowInfo } from '@temporalio/workflow';
import { gateOf, parseStep, type StepStart } from '../../domain/step-start';
import type { Carried } from '../gate/context';
import type { GateRuntime } from '../gate/gate-runtime';
import { runGate, storyOf } from '../gate/run-gate';
import type { StepResult } from '../plan/step-child';
import { askingStep, stepSource } from '../plan/step-source';
import { invalidInput, isChildOf } from '../runtime/invalid-input';

export async function reviewStep(argument: unknown, carried?: Carried): Promise<StepResult> {
  const start = checked(argument);
  const { workflowId } = workflowInfo();
  const asking = askingStep(start, workflowId);
  const story = storyOf(asking, gateOf(start), { argument, carried });
  const source = stepSource(asking, start);
  const { result, runtime } = await runGate({ ...story, source, plan: start.plan });
  return { ...result, ...approvalIn(runtime) };
}

function approvalIn(runtime: GateRuntime): Pick<StepResult, 'approval'> {
  const approved = runtime.ledger.last('approved');
  const gate = runtime.gate();
  if (approved === undefined || gate === undefined) return {};
  return { approval: { ...approved, policy: gate.policy, revision: gate.revision } };
}

/** @throws ApplicationFailure INVALID_INPUT: it was started by hand, or by another plan's workflow */
function checked(argument: unknown): StepStart {
  const { workflowId, parent } = workflowInfo();
  const alone = 'a step is asked by the plan that it is of; start multiStepApproval';
  // Whoever starts one by hand is told of plans before anything of its argument.
  if (parent === undefined) throw invalidInput(alone);
  const parsed = parseStep(argument);
  if (!parsed.ok) throw invalidInput(parsed.problem);
  if (!isChildOf(parsed.owner) || workflowId !== parsed.workflowId) throw invalidInput(alone);
  return parsed.start;
}
