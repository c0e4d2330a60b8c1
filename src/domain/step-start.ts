/** What a plan hands to the workflow of one of its steps, or of what takes one back. Only a plan starts these. */
import { z } from 'zod';
import { cut } from './cut';
import { defined } from './defined';
import { problems } from './gate/decision';
import type { PlanContext } from './context';
import { canonical, Root } from './digest';
import { PolicyShape } from './gate/state-shape';
import { utf8Length } from './json';
import type { Plan, StepApproval } from './plan';
import { stepWorkflow, undoGate } from './plan-names';
import { PlanStep, type PlanStart } from './plan-start';
import type { PlanView } from './plan-view';

export interface StepStart {
  readonly v: 1;
  /** The plan's workflow: what every digest is bound to. */
  readonly root: Root;
  readonly requester: string;
  /** Of the plan: where its outcome is sent besides. */
  readonly callback?: string;
  /** With the plan's policy where it has none of its own. */
  readonly step: PlanStep;
  readonly plan: PlanView;
  /** What the agent is told of the steps before. */
  readonly context: PlanContext;
  /** It is taken back, on this approval or, where its undo has a policy, on a new one. */
  readonly undoing?: StepApproval;
}

const StepOf = z.looseObject({ name: z.string() });

const StepArgument = z.strictObject({
  v: z.literal(1),
  root: Root,
  requester: z.string(),
  callback: z.string().optional(),
  step: PlanStep,
  plan: z.looseObject({
    onReject: z.enum(['stop', 'skip', 'undo']),
    at: z.int().min(0),
    steps: z.array(StepOf.extend({ about: z.string(), outcome: z.string().optional() })),
  }),
  context: z.looseObject({ step: z.string(), steps: z.array(StepOf) }),
  undoing: z.looseObject({ record: Root, seq: z.int(), hash: z.string(), policy: PolicyShape }).optional(),
});

/** `owner` started it, and `workflowId` is what it runs as. Never throws. */
export function parseStep(
  argument: unknown,
):
  | { readonly ok: true; readonly start: StepStart; readonly owner: string; readonly workflowId: string }
  | { readonly ok: false; readonly problem: string } {
  const parsed = z.safeParse(StepArgument, argument);
  if (!parsed.success) return { ok: false, problem: problems(parsed.error) };
  const start = argument as StepStart;
  return {
    ok: true,
    start,
    owner: start.root.workflowId,
    workflowId: stepWorkflow(start.root, gateOf(start)),
  };
}

/** The name of its gate. */
export function gateOf({ step, undoing }: Pick<StepStart, 'step' | 'undoing'>): string {
  return undoing === undefined ? step.name : undoGate(step.name);
}

/** Bytes of results that the agent is told of: they are part of its prompt. */
const TOLD = 64 * 1024;

/** What the agent is told of the steps before; of the earliest ones without the result, where it is too much. */
export function contextOf({ steps }: PlanStart, { done }: Plan, step: string): PlanContext {
  let room = TOLD;
  const told = done
    .map(({ end }, index) => ({ end, about: brief(steps[index]) }))
    .reverse()
    .map(({ end: { name, outcome, result, reason }, about }) => {
      room -= result === undefined ? 0 : utf8Length(canonical(result));
      return {
        name,
        ...about,
        outcome,
        ...defined({ result: room < 0 ? undefined : result, reason: reason && cut(reason, 500) }),
      };
    });
  return { step, steps: told.reverse() };
}

function brief(step: PlanStep | undefined): { readonly task?: string } {
  const about = step?.task ?? step?.proposal?.title;
  return defined({ task: about && cut(about, 500) });
}
