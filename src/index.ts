/** What a service imports: the typed client, and what it takes to connect one. */
export {
  Countersign,
  CountersignError,
  traced,
  type ChainEnd,
  type CollectFeedback,
  type CollectInput,
  type Concluded,
  type Confirmed,
  type ConfirmInput,
  type CountersignOptions,
  type DecideInput,
  type Decision,
  type Escalations,
  type Feedback,
  type FeedbackInput,
  type FeedbackReceipt,
  type FeedbackRefusal,
  type FeedbackResult,
  type GenerateInput,
  type InboxItem,
  type Judged,
  type JudgedBy,
  type LadderInput,
  type LevelSeen,
  type DueWithin,
  type Listed,
  type Packet,
  type PacketAtEnd,
  type PlanInput,
  type PlanResult,
  type PlanStepInput,
  type PlanSteps,
  type PlanStepSeen,
  type PolicyInput,
  type ProposeInput,
  type Receipt,
  type Reconciled,
  type Result,
  type ReviewedResult,
  type Started,
} from './client';
export {
  connect,
  dataConverter,
  temporalClient,
  UnreachableError,
  type Connected,
  type Target,
} from './connection';
export { signStart, type StartedAs, type StartSigning } from './signing-start';
export type { Change } from './domain/changes';
export type { Root, Undo } from './domain/digest';
export type { AgentLevel, EscalationStart } from './domain/escalation-start';
export type { Admitted, Escalation, Failure, LevelOutcome, Outcome, Signature } from './domain/gate';
export type { Json, JsonObject } from './domain/json';
export type { AuditHead } from './domain/packet';
export type { AssessmentSeal } from './domain/permit';
export type { StepEnd, Tally } from './domain/plan';
export type { PlanStart, PlanStep, PlanUndo } from './domain/plan-start';
export type { PlanView, StepView } from './domain/plan-view';
export type { PeopleLevel, Policy } from './domain/policy';
export type { Proposal } from './domain/proposal';
export type { RequesterProof } from './domain/gate/shown-hash';
export type { Confirm, Confirming, Start } from './domain/start';
export type { SignedStart, StartProof } from './domain/start-proof';
export type { Delegation } from './domain/voices';
export type { Rewording, WordChange } from './domain/words';
