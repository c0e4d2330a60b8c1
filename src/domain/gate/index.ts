/** The gate as other folders call it: what it is, and the steps that it takes. Why a decision would not count is `admit.ts`. */
export type * from './state';
export { cancel, decide, escalate, expire, lapse } from './decide';
export { openGate } from './open';
export { childOf, deciderOf, isLevelGate } from './place';
export { receiptFor, refuse } from './receipts';
export { repropose, sentBack } from './revisions';
export { closeAfterApproval, instant, notifiesOnly, revertToApproved, startExecuting } from './status';
