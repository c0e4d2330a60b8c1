/** Why a workflow has no outcome, as people read it. */
import type { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';

/** How it ended without an outcome, as a sentence. */
export function howFailed(workflowId: string, error: WorkflowFailedError): string {
  const { cause } = error;
  const why = whyOf(error);
  const because = why === undefined ? '' : `: ${why}`;
  if (cause instanceof TerminatedFailure) return `${workflowId} was terminated${because}`;
  if (cause instanceof TimeoutFailure) return `${workflowId} ran out of the time that Temporal gave it`;
  if (cause instanceof CancelledFailure) return `${workflowId} was cancelled${because}`;
  return cause?.message ?? error.message;
}

/** What the SDK says where nobody gave a reason. */
const NO_REASON = [
  'Workflow execution terminated',
  'Workflow execution timed out',
  'Workflow canceled',
  'Workflow execution cancelled',
];

/** Undefined where nobody gave a reason. */
export function whyOf({ cause, message }: WorkflowFailedError): string | undefined {
  const why = cause?.message ?? message;
  return why === '' || NO_REASON.includes(why) ? undefined : why;
}
