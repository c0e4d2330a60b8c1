/** The shapes of what a gate answers, as schemas, for publication and for tests: the query `gate` and the result. */
import { z } from 'zod';
import { Decision, Digest } from './decision';
import { Policy, Verdict } from './policy';
import { JsonValue, Proposal } from './proposal';
import { Status } from './packet';

export const OutcomeSchema = z.enum([
  'executed',
  'approved',
  'rejected',
  'answered',
  'expired',
  'cancelled',
  'failed',
]);

const Instant = z.iso.datetime();

const SignatureSchema = z.strictObject({
  reviewer: z.string(),
  decision: z.string(),
  at: Instant,
  revision: z.int(),
  authentication: z.enum(['open', 'signed']),
});

/** The answer of the query `gate`. */
export const PacketSchema = z.strictObject({
  v: z.literal(1),
  workflowId: z.string(),
  gate: z.string(),
  status: Status,
  outcome: OutcomeSchema.optional(),
  reason: z.string().optional(),
  requester: z.string(),
  revision: z.int(),
  digest: Digest.optional(),
  proposal: Proposal.optional(),
  failure: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  diff: z.array(z.looseObject({ op: z.string(), path: z.string() })).optional(),
  preview: JsonValue.optional(),
  policy: Policy.optional(),
  level: z.string().optional(),
  deadline: Instant.optional(),
  signatures: z.array(SignatureSchema),
  verdicts: z.array(Verdict),
  authentication: z.enum(['open', 'signed']),
  waitingFor: z.string().optional(),
});

/** The result of every workflow with a gate. */
export const ResultSchema = z.strictObject({
  v: z.literal(1),
  outcome: OutcomeSchema,
  result: JsonValue.optional(),
  proposal: Proposal.optional(),
  digest: Digest.optional(),
  decisions: z.array(Decision.extend({ at: Instant, revision: z.int() })),
  escalations: z.array(z.strictObject({ from: z.string(), to: z.string(), reason: z.string(), at: Instant })),
  reason: z.string().optional(),
  audit: z.strictObject({ entries: z.int(), head: Digest }),
});
