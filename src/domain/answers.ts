/** The shapes of what a gate answers, as schemas, for publication and for tests: the query `gate` and the result. */
import { z } from 'zod';
import { Decision, Digest } from './gate/decision';
import { Grade } from './grade';
import { Policy, Verdict } from './policy';
import { JsonArgs, JsonValue, Proposal } from './proposal';
import { Status } from './packet';

export const OutcomeSchema = z.enum([
  'executed',
  'approved',
  // For an agent to run it with a tool of its own.
  'released',
  'rejected',
  'answered',
  'expired',
  'cancelled',
  'failed',
  // Of a level's own workflow alone: passed up to the next level, or with a new revision for its owner.
  'escalated',
  'revised',
]);

const Instant = z.iso.datetime();

const SignatureSchema = z.strictObject({
  reviewer: z.string(),
  decision: z.string(),
  at: Instant,
  revision: z.int(),
  authentication: Grade,
  onBehalfOf: z.string().optional(),
});

const EscalationSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  at: Instant,
});
const WordsSchema = z.array(
  z.strictObject({
    path: z.string(),
    changes: z.array(z.strictObject({ op: z.enum(['same', 'added', 'removed']), text: z.string() })),
  }),
);
const DiffSchema = z.array(z.looseObject({ op: z.string(), path: z.string() }));

/** Every step of a plan in order, and where it stands. */
const PlanViewSchema = z.strictObject({
  onReject: z.enum(['stop', 'skip', 'undo']),
  at: z.int(),
  steps: z.array(
    z.strictObject({
      name: z.string(),
      about: z.string(),
      outcome: OutcomeSchema.optional(),
      reason: z.string().optional(),
      undo: OutcomeSchema.optional(),
    }),
  ),
});

const DelegationSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  decision: z.string(),
  at: Instant,
});

/** The answer of the query `gate`. */
export const PacketSchema = z.strictObject({
  v: z.literal(1),
  workflowId: z.string(),
  root: z.strictObject({ workflowId: z.string(), firstRunId: z.string() }).optional(),
  gate: z.string(),
  status: Status,
  outcome: OutcomeSchema.optional(),
  reason: z.string().optional(),
  requester: z.string(),
  requesterProof: z.enum(['claimed', 'vouched', 'signed']).optional(),
  deployment: z.string().optional(),
  by: z.string().optional(),
  risk: z.enum(['low', 'medium', 'high']).optional(),
  callback: z.string().optional(),
  revision: z.int(),
  digest: Digest.optional(),
  proposal: Proposal.optional(),
  failure: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  lessons: z.int().min(1).optional(),
  diff: DiffSchema.optional(),
  words: WordsSchema.optional(),
  preview: JsonValue.optional(),
  undo: z.strictObject({ action: z.string(), args: JsonArgs }).optional(),
  plan: PlanViewSchema.optional(),
  policy: Policy.optional(),
  level: z.string().optional(),
  deadline: Instant.optional(),
  signatures: z.array(SignatureSchema),
  rejections: z.array(SignatureSchema).optional(),
  delegations: z.array(DelegationSchema).optional(),
  escalations: z.array(EscalationSchema).optional(),
  verdicts: z.array(Verdict),
  phrase: z.string().optional(),
  waitingOn: z.string().optional(),
  authentication: Grade,
  shown: Digest.optional(),
  assessed: z
    .strictObject({ phrase: z.string().optional(), signer: z.string(), value: z.string() })
    .optional(),
  waitingFor: z.string().optional(),
});

/** The result of every workflow with a gate. */
export const ResultSchema = z.strictObject({
  v: z.literal(1),
  outcome: OutcomeSchema,
  result: JsonValue.optional(),
  proposal: Proposal.optional(),
  digest: Digest.optional(),
  decisions: z.array(Decision.extend({ at: Instant, revision: z.int(), level: z.string() })),
  escalations: z.array(EscalationSchema),
  reason: z.string().optional(),
  audit: z.strictObject({ entries: z.int(), head: Digest }),
});

/** The result of `generateAndReview`. */
export const ReviewedResultSchema = ResultSchema.extend({
  changes: z.array(
    z.strictObject({
      revision: z.int(),
      by: z.string(),
      diff: DiffSchema.optional(),
      words: WordsSchema.optional(),
    }),
  ),
});

/** The result of `multiStepApproval`. */
export const PlanResultSchema = ResultSchema.omit({ result: true, proposal: true, digest: true }).extend({
  steps: z.array(
    z.strictObject({
      name: z.string(),
      workflowId: z.string(),
      outcome: OutcomeSchema,
      result: JsonValue.optional(),
      digest: Digest.optional(),
      reason: z.string().optional(),
      undo: z
        .strictObject({ outcome: OutcomeSchema, reason: z.string().optional(), workflowId: z.string() })
        .optional(),
    }),
  ),
  approvals: z.array(z.boolean()),
  completed: z.boolean(),
});
