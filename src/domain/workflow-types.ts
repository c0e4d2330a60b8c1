/**
 * Countersign's own workflow types, by their names on the wire: a start, a child workflow, a visibility query and the server's word on
 * a run all name them from here. The names are part of every recorded history, so a name never changes.
 */
export const WORKFLOW = {
  proposeAndExecute: 'proposeAndExecute',
  generateAndReview: 'generateAndReview',
  multiStepApproval: 'multiStepApproval',
  escalation: 'escalation',
  confirm: 'confirm',
  reconcile: 'reconcile',
  collectFeedback: 'collectFeedback',
  reviewLevel: 'reviewLevel',
  reviewStep: 'reviewStep',
  askAgent: 'askAgent',
} as const;

const REQUESTED = [
  WORKFLOW.proposeAndExecute,
  WORKFLOW.generateAndReview,
  WORKFLOW.multiStepApproval,
  WORKFLOW.escalation,
  WORKFLOW.confirm,
] as const;
const STARTED = [...REQUESTED, WORKFLOW.reconcile, WORKFLOW.collectFeedback] as const;
const INNER = [WORKFLOW.reviewLevel, WORKFLOW.reviewStep, WORKFLOW.askAgent] as const;

export type StartableType = (typeof STARTED)[number];
export type InnerType = (typeof INNER)[number];

/** Those that ask people something on a requester's behalf. */
export const REQUESTED_TYPES: readonly string[] = REQUESTED;
/** The workflow types of Countersign's own that anybody may start. */
export const WORKFLOW_TYPES: readonly string[] = STARTED;
/** Those that only another workflow of ours starts, as its child. */
export const INNER_TYPES: readonly string[] = INNER;
