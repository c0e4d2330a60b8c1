/** The arguments of the workflow types, checked before anything is asked of anybody. */
import { z } from 'zod';
import { defined } from './defined';
import { problems } from './gate/decision';
import { guard } from './json';
import { phraseOfWords } from './phrase';
import { ConfirmationLevel, Phrase, Policy, unreachable } from './policy';
import { Id, JsonArgs, Proposal } from './proposal';
import { Callback, StartProof } from './start-proof';

/** Of `proposeAndExecute` and `generateAndReview`. */
export const Start = z.strictObject({
  v: z.literal(1),
  task: z.string().min(1).max(100_000),
  /** Given: the agent is not asked for the first proposal. */
  proposal: Proposal.optional(),
  requester: Id,
  /** A policy, or the name of one in the file that COUNTERSIGN_POLICY names. */
  policy: z.union([Policy, Id]).optional(),
  /** Who has asked for it, proven. */
  proof: StartProof.optional(),
  /** An https URL where the outcome is to be told besides; shown to reviewers. */
  callback: Callback.optional(),
});
/** `confirmation`: of `confirm`, whose level stands for that of whatever policy is found. */
export type Start = z.infer<typeof Start> & { readonly confirmation?: Confirming };

export interface Confirming {
  readonly level: Policy['confirmation'];
  readonly phrase?: string;
}

/** Of `confirm`: one question to people. `level` stands for the policy's confirmation. */
export const Confirm = z.strictObject({
  v: z.literal(1),
  /** The question, such as "Delete resource orders-eu". */
  action: z.string().min(1).max(1_000),
  level: ConfirmationLevel,
  /** What a person should know before they answer. */
  details: JsonArgs.default({}),
  /** At VERIFY. @default the question's first word and its last, `DELETE orders-eu` */
  verificationPhrase: Phrase.optional(),
  requester: Id,
  policy: z.union([Policy, Id]).optional(),
  /** Who has asked for it, proven. */
  proof: StartProof.optional(),
  /** An https URL where the outcome is to be told besides; shown to reviewers. */
  callback: Callback.optional(),
});
export type Confirm = z.infer<typeof Confirm>;

/** `problem` names each key that does not fit. */
export type Parsed<T> =
  { readonly ok: true; readonly start: T } | { readonly ok: false; readonly problem: string };
export type ParsedStart = Parsed<Start>;

/** Never throws. */
export function parseStart(argument: unknown): ParsedStart {
  const parsed = parsedWith<Start>(StartShape, argument);
  if (!parsed.ok) return parsed;
  return met(parsed.start);
}

/** Of `generateAndReview`: as `proposeAndExecute`, and what is given is an output. Never throws. */
export function parseGenerate(argument: unknown): ParsedStart {
  const parsed = parseStart(argument);
  const action = parsed.ok ? parsed.start.proposal?.action : undefined;
  if (action === undefined || action === 'answer') return parsed;
  return { ok: false, problem: 'proposal.action: must be answer, whose output is what people review' };
}

/** As the `Start` that it stands for. Never throws. */
export function parseConfirm(argument: unknown): ParsedStart {
  const parsed = parsedWith<Confirm>(ConfirmShape, leveled(argument));
  return parsed.ok ? met(startOf(parsed.start)) : parsed;
}

function startOf(confirm: Confirm): Start {
  const { action, level, details, verificationPhrase, requester, policy, proof, callback } = confirm;
  const args = { question: action, details };
  const proposal = { action: 'confirm', args, title: action, rationale: '', confidence: 1, sensitive: false };
  const own = typeof policy === 'object' ? policy.phrase : undefined;
  const phrase = level === 'VERIFY' ? (verificationPhrase ?? own ?? phraseOfWords(action)) : undefined;
  return {
    v: 1,
    task: action,
    requester,
    proposal,
    ...defined({ policy, proof, callback }),
    confirmation: { level, ...defined({ phrase }) },
  };
}

/** The policy of `confirm` may leave its confirmation out: that is `level`. Another one would say two things. */
function leveled(argument: unknown): unknown {
  const { level, policy } = (argument ?? {}) as { level?: unknown; policy?: unknown };
  if (typeof policy !== 'object' || policy === null || 'confirmation' in policy) return argument;
  return { ...(argument as object), policy: { ...policy, confirmation: level } };
}

/** With the policy apart, so that what is wrong with it is told by its keys. Made once: a shared schema is frozen. */
const apart = { policy: z.unknown().optional() };
const StartShape = Start.extend(apart);
const ConfirmShape = Confirm.extend(apart);

function parsedWith<T extends { policy?: Policy | string | undefined }>(
  schema: z.ZodObject,
  argument: unknown,
): Parsed<T> {
  const unfit = guard(argument);
  if (unfit !== undefined) return { ok: false, problem: unfit };
  const shape = z.safeParse(schema, argument);
  const given = (argument as { policy?: unknown } | null)?.policy;
  const policy =
    given === undefined ? undefined : z.safeParse(typeof given === 'string' ? Id : Policy, given);
  const wrong = [
    ...(shape.success ? [] : [problems(shape.error)]),
    ...(policy === undefined || policy.success ? [] : [problems(policy.error, 'policy')]),
    ...twoLevels(argument),
  ];
  if (wrong.length > 0 || !shape.success) return { ok: false, problem: wrong.join('; ') };
  const { policy: _, ...rest } = shape.data;
  const start = { ...rest, ...defined({ policy: policy?.data }) };
  return { ok: true, start: start as unknown as T };
}

function twoLevels(argument: unknown): string[] {
  const { level, policy } = (argument ?? {}) as { level?: unknown; policy?: unknown };
  const own = (policy as { confirmation?: unknown } | null | undefined)?.confirmation;
  return typeof level !== 'string' || own === undefined || own === level
    ? []
    : [`policy.confirmation: level says ${level}; leave it out`];
}

function met(start: Start): ParsedStart {
  const { policy, requester } = start;
  if (policy === undefined || typeof policy === 'string') return { ok: true, start };
  const never = unreachable(policy, [requester]).map((one) => `policy.${one}`);
  return never.length > 0 ? { ok: false, problem: never.join('; ') } : { ok: true, start };
}
