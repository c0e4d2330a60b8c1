/** What a gate answers, as schemas: the query `gate` and the result. Their types are made of them (`packet.ts`). */
import type { Operation } from 'fast-json-patch';
import { z } from 'zod';
import { Risk } from './confirmation';
import { Root, type Undo } from './digest';
import { Digest } from './gate/decision';
import { Admitted, Escalation, Failure, LevelOutcome, Signature, Status, Timestamp } from './gate/records';
import { RequesterProof } from './gate/shown-hash';
import { Grade } from './grade';
import { AssessmentSeal } from './permit';
import type { PlanView } from './plan-view';
import { Policy, Verdict } from './policy';
import { JsonArgs, JsonValue, Proposal } from './proposal';
import { Delegation } from './voices';
import { wire } from './wire';
import { Rewording } from './words';

/** RFC 6902. */
const Diff = z.array(z.looseObject({ op: z.string(), path: z.string() })) as unknown as z.ZodType<
  Operation[]
>;

const UndoShape: z.ZodType<Undo> = z.strictObject({ action: z.string(), args: JsonArgs });

const StepViewShape = z.strictObject({
  name: z.string(),
  about: z.string(),
  outcome: LevelOutcome.optional(),
  reason: z.string().optional(),
  undo: LevelOutcome.optional(),
});

/** Every step of a plan in order, and where it stands. */
const PlanViewShape: z.ZodType<PlanView> = wire(
  z.strictObject({
    onReject: z.enum(['stop', 'skip', 'undo']),
    at: z.int(),
    steps: z.array(wire(StepViewShape)),
  }),
);

/** The answer of the query `gate`. Before the gate opens only `status` and the ids are there. */
export const PacketSchema = z.strictObject({
  v: z.literal(1),
  /** Where to decide. */
  workflowId: z.string(),
  /** What the digest and every signature are bound to: of a level's gate, the workflow that owns it. */
  root: Root.optional(),
  gate: z.string(),
  status: Status,
  outcome: LevelOutcome.optional(),
  reason: z.string().optional(),
  /** As claimed by whoever started the workflow, unless `requesterProof` says otherwise. */
  requester: z.string(),
  /** How the requester is known: by the argument's word, by a front door's signature, or by the requester's own. */
  requesterProof: RequesterProof.optional(),
  /** Countersign as it is set up in one place: what is signed here counts there alone. */
  deployment: z.string().optional(),
  /** Who made this revision: an agent's level and name, the requester, or the editor. */
  by: z.string().optional(),
  risk: Risk.optional(),
  /** Where the outcome is sent besides. */
  callback: z.string().optional(),
  revision: z.int(),
  digest: Digest.optional(),
  proposal: Proposal.optional(),
  /** The agent had no proposal: there is nothing to approve, `proposal` asks what is to become of the task. */
  failure: Failure.optional(),
  /** Edits and rejections of before that the agent was shown when it proposed this. */
  lessons: z.int().min(1).optional(),
  /** RFC 6902, from the proposal before this revision to this one. */
  diff: Diff.optional(),
  /** Word by word, of each text that `diff` replaces. */
  words: z.array(Rewording).optional(),
  preview: JsonValue.optional(),
  /** Of a step: what would take it back. It is signed with the step, and hashed with it. */
  undo: UndoShape.optional(),
  /** Of a step, and of the workflow that takes the steps: the whole plan, where it stands and what is left. */
  plan: PlanViewShape.optional(),
  policy: Policy.optional(),
  level: z.string().optional(),
  /** ISO 8601 UTC. */
  deadline: Timestamp.optional(),
  signatures: z.array(Signature),
  rejections: z.array(Signature).optional(),
  delegations: z.array(Delegation).optional(),
  escalations: z.array(Escalation).optional(),
  /** What may be said now; empty where nothing may. */
  verdicts: z.array(Verdict),
  /** At VERIFY: what approve and edit need, exactly. */
  phrase: z.string().optional(),
  /** The child workflow that people decide on. */
  waitingOn: z.string().optional(),
  /** How surely a decision's sender has to be known, at least. */
  authentication: Grade,
  /** SHA-256 of all that is shown here (`shownOfPacket`), for a decision to name; only while people are asked, where they decide. */
  shown: Digest.optional(),
  /** The worker's signature over what it has computed for this question (`assessmentText`); a front door shows the rest as claimed. */
  assessed: AssessmentSeal.optional(),
  /** Why it stands still, where something other than a person holds it up. */
  waitingFor: z.string().optional(),
});

const AuditHeadShape = z.strictObject({ entries: z.int(), head: Digest });
/** Where the audit of a run stands: how many entries, and the hash of the last. */
export const AuditHead = wire(AuditHeadShape);

/** The result of every workflow with a gate. */
export const ResultSchema = z.strictObject({
  v: z.literal(1),
  outcome: LevelOutcome,
  result: JsonValue.optional(),
  proposal: Proposal.optional(),
  digest: Digest.optional(),
  decisions: z.array(Admitted),
  escalations: z.array(Escalation),
  reason: z.string().optional(),
  audit: AuditHead,
});

/** The result of `generateAndReview`. */
export const ReviewedResultSchema = ResultSchema.extend({
  changes: z.array(
    z.strictObject({
      revision: z.int(),
      by: z.string(),
      diff: Diff.optional(),
      words: z.array(Rewording).optional(),
    }),
  ),
});

/** The result of `multiStepApproval`. */
export const PlanResultSchema = ResultSchema.omit({ result: true, proposal: true, digest: true }).extend({
  steps: z.array(
    z.strictObject({
      name: z.string(),
      workflowId: z.string(),
      outcome: LevelOutcome,
      result: JsonValue.optional(),
      digest: Digest.optional(),
      reason: z.string().optional(),
      undo: z
        .strictObject({ outcome: LevelOutcome, reason: z.string().optional(), workflowId: z.string() })
        .optional(),
    }),
  ),
  approvals: z.array(z.boolean()),
  completed: z.boolean(),
});
