/**
 * The policy file's form: named policies, what is denied, which proposal meets which policy, and what its author expects of all
 * that. Everything that is wrong with a file is told at once, what it means as well as how it is written.
 */
import { z } from 'zod';
import { Duration } from '../../domain/duration';
import { ConfirmationLevel, Policy, unreachable } from '../../domain/policy';
import { Id, JsonArgs } from '../../domain/proposal';
import { recordOf } from '../../domain/record';
import { meaning, type Trouble } from './meaning';

const Name = z.string().regex(/^\S(?:\P{C}{0,198}\S)?$/u, 'must be 1–200 characters on one line');

/** One that could be met, whoever asks: the directory of reviewers is the worker's. */
const Met = Policy.superRefine((policy, context) => {
  for (const message of unreachable(policy, [])) context.addIssue({ code: 'custom', message });
});

/** A policy, or the name of one. */
const Choice = z.unknown().transform((value, context): Policy | string => {
  const parsed = z.safeParse<typeof Id | typeof Met>(typeof value === 'string' ? Id : Met, value);
  if (parsed.success) return parsed.data;
  raised(context, value, parsed.error.issues);
  return z.NEVER;
});

const When = z.string().min(1);

const Deny = z.strictObject({ name: Name, when: When, because: z.string().min(1).max(1_000) });
const Rule = z.strictObject({ name: Name, when: When, policy: Choice });

/** What rules look at; left out: sure of itself, not sensitive, by whoever says so, of medium risk. */
export const Proposed = z.strictObject({
  action: Id,
  args: JsonArgs.default({}),
  confidence: z.number().min(0).max(1).default(1),
  sensitive: z.boolean().default(false),
  requester: Id.default('somebody'),
  requesterProven: z.boolean().default(false),
  risk: z.enum(['low', 'medium', 'high']).default('medium'),
});

const Expectation = z
  .strictObject({
    name: Name,
    proposal: Proposed,
    /** The rule that is met, or that denies; `default`: none matches. */
    rule: Name.optional(),
    /** The name of the policy. */
    policy: Id.optional(),
    confirmation: ConfirmationLevel.optional(),
    denied: z.boolean().optional(),
  })
  .refine((one) => [one.rule, one.policy, one.confirmation, one.denied].some((said) => said !== undefined), {
    error: 'expects nothing: give rule, policy, confirmation or denied',
  });
export type Expectation = z.infer<typeof Expectation>;

/** How many gates may be open at once; what is over it waits for its turn. */
const Most = z.int().min(1).max(100_000);
const Limits = z.strictObject({
  openPerRequester: Most.optional(),
  openPerAgent: Most.optional(),
  queueWithin: Duration.optional(),
});

const Whole = z.strictObject({
  policies: recordOf(Id, Met).default({}),
  deny: z.array(Deny).max(500).default([]),
  rules: z.array(Rule).max(500).default([]),
  default: Choice.optional(),
  limits: Limits.optional(),
  expect: z.array(Expectation).max(1_000).default([]),
});
export type Shape = z.infer<typeof Whole>;

/** An issue inside of an expression has `params: { inside }`, the character that it is about. */
export const PolicyShape = z.unknown().transform((value, context): Shape => {
  const parsed = z.safeParse(Whole, value);
  raised(context, value, [...(parsed.error?.issues ?? []), ...meaning(value).map(issue)]);
  return parsed.success ? parsed.data : z.NEVER;
});

const issue = ({ path, message, inside }: Trouble) => ({
  code: 'custom' as const,
  path: [...path],
  message,
  ...(inside === undefined ? {} : { params: { inside } }),
});

type Found = Pick<z.core.$ZodIssue, 'code' | 'path' | 'message'>;

function raised(context: z.core.ParsePayload, input: unknown, issues: readonly Found[]): void {
  for (const one of issues) {
    // Of a key that a record does not take, the reason is the key's.
    const [reason] = one.code === 'invalid_key' ? (one as z.core.$ZodIssueInvalidKey).issues : [];
    context.issues.push({ ...one, message: reason?.message ?? one.message, input } as z.core.$ZodRawIssue);
  }
}
