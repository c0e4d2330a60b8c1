/** The bundle's entry: every workflow type by its wire name. */
export { askAgent } from './ask-agent';
export { collectFeedback } from './collect-feedback';
export { confirm } from './confirm';
export { escalation } from './escalation';
export { generateAndReview } from './generate-and-review';
export { multiStepApproval } from './multi-step-approval';
export { proposeAndExecute } from './propose-and-execute';
export { reconcile } from './reconcile';
export { reviewLevel } from './review-level';
export { reviewStep } from './review-step';
