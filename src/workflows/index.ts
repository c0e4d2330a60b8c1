/** The bundle's entry: every workflow type by its wire name. */
export { askAgent } from './types/ask-agent';
export { collectFeedback } from './types/collect-feedback';
export { confirm } from './types/confirm';
export { escalation } from './types/escalation';
export { generateAndReview } from './types/generate-and-review';
export { multiStepApproval } from './types/multi-step-approval';
export { proposeAndExecute } from './types/propose-and-execute';
export { reconcile } from './types/reconcile';
export { reviewLevel } from './types/review-level';
export { reviewStep } from './types/review-step';
