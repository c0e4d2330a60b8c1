/**
 * Whether something is a gate at all, where one comes as an argument: to a level's workflow, and to a run that goes on with the run before.
 * Only its shape is looked at, as far as reading it could fail: nonsense ends a workflow with a code instead of failing its task for
 * ever. No authority hangs on it.
 */
import { z } from 'zod';
import { Root } from '../digest';
import { Duration } from '../duration';

const Instant = z.int().min(0).max(8_640_000_000_000_000);
const Texts = z.array(z.string());

const Level = z.looseObject({
  name: z.string(),
  approvers: z.looseObject({ people: Texts.optional(), roles: Texts.optional() }),
  groups: z.array(z.looseObject({ role: z.string(), quorum: z.int() })).optional(),
  quorum: z.int(),
  rejections: z.int(),
  respondWithin: Duration,
  remindEvery: Duration.optional(),
  warnBefore: Duration.optional(),
});

export const PolicyShape = z.looseObject({
  confirmation: z.enum(['INFO', 'CONFIRM', 'VERIFY']),
  phrase: z.string().optional(),
  levels: z.array(Level).min(1),
  separation: z.looseObject({}),
  maxExtension: Duration.optional(),
  executeWithin: Duration.optional(),
  verdicts: Texts.optional(),
});

const Person = z.looseObject({
  name: z.string(),
  aliases: Texts.optional(),
  roles: Texts.optional(),
  keys: z.array(z.looseObject({ id: z.string() })).optional(),
});

const Proposal = z.looseObject({
  action: z.string(),
  args: z.record(z.string(), z.unknown()),
  title: z.string(),
  rationale: z.string(),
  evidence: z.array(z.looseObject({ label: z.string(), value: z.string() })).optional(),
  confidence: z.number(),
  sensitive: z.boolean(),
});

const Signature = z.looseObject({ reviewer: z.string(), decision: z.string(), at: z.string() });

const fields = {
  place: z.enum(['root', 'level']),
  root: Root,
  gate: z.string(),
  requester: z.string(),
  policy: PolicyShape,
  reviewers: z
    .looseObject({
      people: z.array(Person),
      agents: z.array(z.looseObject({ name: z.string(), owners: Texts })).optional(),
    })
    .optional(),
  setUp: z
    .looseObject({
      home: z.string().optional(),
      undo: z.looseObject({ action: z.string(), args: z.looseObject({}) }).optional(),
    })
    .optional(),
  rung: z.int().min(0),
  revision: z.int().min(1),
  digest: z.string(),
  proposal: Proposal,
  assessment: z.looseObject({ risk: z.string(), runs: z.looseObject({ in: z.string() }) }),
  phrase: z.string().optional(),
  by: z.string(),
  failure: z.looseObject({ code: z.string(), message: z.string() }).optional(),
  owners: Texts,
  sentBack: z.int(),
  revisions: z.array(z.looseObject({ revision: z.int(), digest: z.string(), proposal: Proposal.optional() })),
  signatures: z.array(Signature),
  rejections: z.array(Signature),
  delegations: z.array(z.looseObject({ from: z.string(), to: z.string() })),
  before: Texts,
  escalations: z.array(z.looseObject({ from: z.string(), to: z.string(), reason: z.string() })),
  decisions: z.array(z.looseObject({ id: z.string(), reviewer: z.string(), verdict: z.string() })),
  weight: z.number(),
  answered: z.array(
    z.looseObject({ receipt: z.looseObject({ id: z.string(), status: z.string() }), content: z.string() }),
  ),
  refusals: z.int(),
  deadline: Instant,
  firstDeadline: Instant,
  reminded: z.int(),
};

const gateWith = <More extends z.ZodRawShape>(more: More) =>
  z.looseObject({ ...fields, ...more }).refine(hasItsLevel, {
    path: ['rung'],
    error: 'must be the index of a level of the policy',
  });

function hasItsLevel(gate: unknown): boolean {
  const { rung, policy } = gate as { rung: number; policy: z.infer<typeof PolicyShape> };
  return rung < policy.levels.length;
}

export const WaitingShape = gateWith({ status: z.literal('waiting'), level: Level, waitingOn: z.string() });

/** A gate that is still asked: no other crosses into a new run. */
export const AskedShape = z.discriminatedUnion('status', [
  gateWith({ status: z.literal('open'), level: Level }),
  WaitingShape,
  gateWith({ status: z.literal('proposing') }),
]);
