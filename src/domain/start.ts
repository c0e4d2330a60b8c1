/** The argument of `proposeAndExecute` (and later `generateAndReview`), checked before anything is asked of anybody. */
import { z } from 'zod';
import { guard } from './json';
import { notBuilt, Policy, unreachable } from './policy';
import { Id, Proposal } from './proposal';
import { problems } from './decision';

export const Start = z.strictObject({
  v: z.literal(1),
  task: z.string().min(1).max(100_000),
  /** Given: the agent is not asked for the first proposal. */
  proposal: Proposal.optional(),
  requester: Id,
  /** A policy, or the name of one. */
  policy: z.union([Policy, Id]).optional(),
});
export type Start = Omit<z.infer<typeof Start>, 'policy'> & { policy?: Policy };

/** With the policy apart, so that what is wrong with it is told by its keys. */
const Shape = Start.extend({ policy: z.unknown().optional() });

/** `problem` names each key that does not fit. */
export type ParsedStart =
  { readonly ok: true; readonly start: Start } | { readonly ok: false; readonly problem: string };

/** Never throws. What this version does not support yet is refused by name. */
export function parseStart(argument: unknown): ParsedStart {
  const unfit = guard(argument);
  if (unfit !== undefined) return { ok: false, problem: unfit };
  const shape = z.safeParse(Shape, argument);
  const given = (argument as { policy?: unknown } | null)?.policy;
  const policy = given === undefined || typeof given === 'string' ? undefined : z.safeParse(Policy, given);
  const wrong = [
    ...(shape.success ? [] : [problems(shape.error)]),
    ...(policy === undefined || policy.success ? [] : [problems(policy.error, 'policy')]),
    ...(typeof given === 'string'
      ? ['policy: a policy by name is not supported yet; give the policy itself']
      : []),
    ...(policy?.success === true ? notBuilt(policy.data).map((later) => `policy: ${later}`) : []),
    ...(policy?.success === true && shape.success
      ? unreachable(policy.data, shape.data.requester).map((never) => `policy.${never}`)
      : []),
  ];
  if (wrong.length > 0 || !shape.success) return { ok: false, problem: wrong.join('; ') };
  const { policy: _, ...rest } = shape.data;
  return { ok: true, start: { ...rest, ...(policy?.success === true ? { policy: policy.data } : {}) } };
}
