/**
 * The typed client: start a proposal, find what waits, read it, decide on it, and see how it ended. Services use it,
 * and so does the CLI; nothing else talks to the workflows.
 */
export { Countersign, type CountersignOptions, type Started } from './client/countersign';
export type { PacketAtEnd } from './client/cut-off';
export type { ChainEnd } from './client/ends';
export { CountersignError } from './client/errors';
export type { Escalations } from './client/escalations';
export type { CollectInput, FeedbackInput, Judged, JudgedBy } from './client/feedback';
export type { DueWithin, InboxItem, Listed } from './client/inbox';
export type {
  ConfirmInput,
  DecideInput,
  GenerateInput,
  LadderInput,
  PlanInput,
  PlanStepInput,
  PolicyInput,
  ProposeInput,
} from './client/inputs';
export type { LevelSeen } from './client/levels';
export { traced } from './client/traced';
export type { Reconciled } from './client/reconciling';
export type { Confirmed, PlanResult, Result, ReviewedResult } from './client/results';
export type { PlanSteps, PlanStepSeen } from './client/steps';
export type { Decision, Receipt } from './domain/gate/decision';
export type {
  CollectFeedback,
  Feedback,
  FeedbackReceipt,
  FeedbackRefusal,
  FeedbackResult,
} from './domain/feedback';
export type { Packet } from './domain/packet';
export { INNER_TYPES, WORKFLOW_TYPES } from './domain/workflow-types';
export type { Concluded } from './workflows/messages';
