/** What a gate keeps of people's decisions and how it ended, as it stands in packets, results and the record. */
import { z } from 'zod';
import { Grade } from '../grade';
import { wire, type Wire } from '../wire';
import { Decision } from './decision';

/** ISO 8601 UTC. */
export const Timestamp = z.iso.datetime();

export const Status = z.enum(['proposing', 'open', 'waiting', 'approved', 'executing', 'closed']);
export type Status = z.infer<typeof Status>;

export const LevelOutcome = z.enum([
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
/** How a gate may end, that of a level's own workflow included. */
export type LevelOutcome = z.infer<typeof LevelOutcome>;

/** `released`: approved for an agent to run it with a tool of its own. */
export type Outcome = Exclude<LevelOutcome, 'escalated' | 'revised'>;

const SignatureShape = z.strictObject({
  reviewer: z.string(),
  decision: z.string(),
  at: Timestamp,
  revision: z.int(),
  /** How surely it is known whose it is. */
  authentication: Grade,
  /** The delegator, where the reviewer could not decide otherwise. */
  onBehalfOf: z.string().optional(),
});
export const Signature = wire(SignatureShape);
/** An approval or a rejection that counts. @interface */
export type Signature = Wire<typeof SignatureShape>;

/** A decision that counted, as it was sent, with when it was taken, on which revision and at which level. */
export const Admitted = Decision.extend({ at: Timestamp, revision: z.int(), level: z.string() });
export type Admitted = z.infer<typeof Admitted>;

const EscalationShape = z.strictObject({
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  at: Timestamp,
});
export const Escalation = wire(EscalationShape);
/** Passed from one level to the next, and why. @interface */
export type Escalation = Wire<typeof EscalationShape>;

const FailureShape = z.strictObject({ code: z.string(), message: z.string() });
/** Why an agent had nothing to propose. */
export const Failure = wire(FailureShape);
/** Why an agent had nothing to propose. @interface */
export type Failure = Wire<typeof FailureShape>;
