/** The argument of `multiStepApproval`, checked before anything is asked of anybody. */
import { z } from 'zod';
import { problems } from './gate/decision';
import { guard, LIMITS } from './json';
import { Policy, unreachable } from './policy';
import { Id, JsonArgs, Proposal } from './proposal';
import { Callback, StartProof } from './start-proof';
import type { Parsed } from './start';

/** Steps of one plan. */
const MOST_STEPS = 1_000;
/** Hundreds of steps are more values than any other payload may have; the bytes stay what they are. */
export const PLAN_LIMITS = { ...LIMITS, depth: LIMITS.depth + 3, nodes: 40_000 } as const;

/** Part of the workflow ids of what it is asked in, and its gate's name. */
const StepName = Id.max(100)
  .refine((name) => !name.includes('/'), { error: 'must not contain /, which parts workflow ids' })
  .refine((name) => name !== 'undo', { error: 'undo is the name of what takes steps back; choose another' });

export const PlanUndo = z.strictObject({
  action: Id,
  args: JsonArgs,
  /** Asked under it before it runs. @default not asked: it was shown and signed with its step */
  policy: z.union([Policy, Id]).optional(),
});
export type PlanUndo = z.infer<typeof PlanUndo>;

export const PlanStep = z.strictObject({
  name: StepName,
  /** What an agent proposes it for, given what earlier steps did. */
  task: z.string().min(1).max(100_000).optional(),
  /** Given: the agent is not asked for the first proposal. */
  proposal: Proposal.optional(),
  /** @default the plan's */
  policy: z.union([Policy, Id]).optional(),
  undo: PlanUndo.optional(),
});
export type PlanStep = z.infer<typeof PlanStep>;

/** Of `multiStepApproval`. */
export const PlanStart = z.strictObject({
  v: z.literal(1),
  requester: Id,
  policy: z.union([Policy, Id]).optional(),
  /** What a rejected step means: the end, that it is left out, or that what was done is taken back, last first. */
  onReject: z.enum(['stop', 'skip', 'undo']).default('stop'),
  steps: z.array(PlanStep).min(1).max(MOST_STEPS),
  /** Who has asked for it, proven. */
  proof: StartProof.optional(),
  /** An https URL where the outcome is to be told besides; shown to reviewers. */
  callback: Callback.optional(),
});
export type PlanStart = z.infer<typeof PlanStart>;

/** Made once: a shared schema is frozen. With the policies apart, so that what is wrong with one is told by its keys. */
const policyApart = { policy: z.unknown().optional() };
const UndoShape = PlanUndo.extend(policyApart);
const StepShape = PlanStep.extend({ ...policyApart, undo: UndoShape.optional() });
const PlanShape = PlanStart.extend({ ...policyApart, steps: z.array(StepShape).min(1).max(MOST_STEPS) });

/** Never throws. `problem` names each key that does not fit. */
export function parsePlan(argument: unknown): Parsed<PlanStart> {
  const unfit = guard(argument, PLAN_LIMITS);
  if (unfit !== undefined) return { ok: false, problem: unfit };
  const shape = z.safeParse(PlanShape, argument);
  if (!shape.success) return { ok: false, problem: problems(shape.error) };
  const wrong: string[] = [];
  const policyAt = (given: unknown, at: string) => {
    if (given === undefined) return {};
    const policy = z.safeParse(typeof given === 'string' ? Id : Policy, given);
    if (policy.success) return { policy: policy.data };
    wrong.push(problems(policy.error, at));
    return {};
  };
  const { policy, steps, requester, ...rest } = shape.data;
  const start: PlanStart = {
    ...rest,
    requester,
    ...policyAt(policy, 'policy'),
    steps: steps.map(({ policy: own, undo, ...step }, index) => {
      const at = `steps[${String(index)}]`;
      const asked = policyAt(own, `${at}.policy`);
      if (undo === undefined) return { ...step, ...asked };
      const { policy: its, ...back } = undo;
      return { ...step, ...asked, undo: { ...back, ...policyAt(its, `${at}.undo.policy`) } };
    }),
  };
  wrong.push(...unproposed(start), ...twice(start), ...unanswerable(start));
  return wrong.length > 0 ? { ok: false, problem: wrong.join('; ').slice(0, 2_000) } : { ok: true, start };
}

function unproposed({ steps }: PlanStart): string[] {
  return steps.flatMap(({ task, proposal }, index) =>
    task === undefined && proposal === undefined
      ? [`steps[${String(index)}]: give a proposal, or a task for an agent to propose one`]
      : [],
  );
}

function twice({ steps }: PlanStart): string[] {
  const names = steps.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [`steps[${String(index)}].name: ${name} is the name of another step, too`]
      : [],
  );
}

/** Policies that nobody could ever meet. */
function unanswerable({ requester, policy, steps }: PlanStart): string[] {
  const all: [string, Policy | string | undefined][] = [
    ['policy', policy],
    ...steps.flatMap((step, index): [string, Policy | string | undefined][] => [
      [`steps[${String(index)}].policy`, step.policy],
      [`steps[${String(index)}].undo.policy`, step.undo?.policy],
    ]),
  ];
  return all.flatMap(([at, one]) =>
    typeof one === 'object' ? unreachable(one, [requester]).map((problem) => `${at}.${problem}`) : [],
  );
}
