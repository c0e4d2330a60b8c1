/** What the plan's tables are given: a release of some steps, how each ended in one word, and what comes next in a few. */
import type { Outcome } from '../../src/domain/gate';
import {
  ended,
  NEW_PLAN,
  nextOf,
  undone,
  type Next,
  type Plan,
  type Said,
  type StepApproval,
  type StepEnd,
} from '../../src/domain/plan';
import type { PlanStart, PlanStep } from '../../src/domain/plan-start';
import { policy } from './given';

export const QUIET: Said = { decisions: [], escalations: [] };

const UNDER = policy();

export function approvalOf(name: string): StepApproval {
  const record = { workflowId: `release/${name}`, firstRunId: `run-${name}` };
  const question = { revision: 1, action: 'do', args: { step: name } };
  return { record, seq: 3, hash: 'a'.repeat(64), question, policy: UNDER };
}

export function step(name: string, rest: Partial<PlanStep> = {}): PlanStep {
  const undo = { action: 'restore', args: { step: name } };
  return { name, task: `do ${name}`, undo, ...rest };
}

/** Without what would take it back. */
export function forGood(name: string): PlanStep {
  return { name, task: `do ${name}` };
}

export function release(onReject: PlanStart['onReject'], steps: readonly (PlanStep | string)[]): PlanStart {
  const given = steps.map((one) => (typeof one === 'string' ? step(one) : one));
  return { v: 1, requester: 'req', onReject, steps: given };
}

export function endOf(name: string, outcome: Outcome, rest: Partial<StepEnd> = {}): StepEnd {
  return { name, workflowId: `release/${name}`, outcome, ...rest };
}

/** The plan after its next step has ended so. */
export function take(start: PlanStart, plan: Plan, outcome: Outcome, rest: Partial<StepEnd> = {}): Plan {
  const next = nextOf(start, plan);
  if (next.do !== 'step') throw new Error(`next is ${told(next)}`);
  const { name, undo } = next.step;
  return ended(plan, endOf(name, outcome, rest), QUIET, undo && approvalOf(name));
}

/** The plan after what is to be taken back next was, or was not. */
export function takeBack(start: PlanStart, plan: Plan, outcome: Outcome, reason?: string): Plan {
  const next = nextOf(start, plan);
  if (next.do !== 'undo') throw new Error(`next is ${told(next)}`);
  const workflowId = `release/undo/${next.step.name}`;
  return undone(
    plan,
    next.index,
    { outcome, workflowId, ...(reason === undefined ? {} : { reason }) },
    QUIET,
  );
}

/** The plan after its steps have ended so, one after the other, and then what was taken back. */
export function after(start: PlanStart, did: readonly Outcome[], back: readonly Outcome[] = []): Plan {
  const done = did.reduce((plan, outcome) => take(start, plan, outcome), NEW_PLAN);
  return back.reduce((plan, outcome) => takeBack(start, plan, outcome), done);
}

/** `ask b`, `take b back`, or `end`. */
export function told(next: Next): string {
  if (next.do === 'end') return 'end';
  return next.do === 'step' ? `ask ${next.step.name}` : `take ${next.step.name} back`;
}
