/** Whatever becomes of a child workflow is told in words; none of it is an approval. */
import {
  CancelledFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { cut } from '../../domain/cut';

export interface Loss {
  /** Goes on after the child's name: `was terminated`. */
  readonly how: string;
  readonly cancelled: boolean;
}

export function lossOf(error: unknown): Loss {
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return { how: 'could not be asked: its workflow id is taken by a workflow that runs', cancelled: false };
  const inner = error instanceof ChildWorkflowFailure && error.cause !== undefined ? error.cause : error;
  if (inner instanceof TerminatedFailure) return { how: 'was terminated', cancelled: false };
  if (inner instanceof CancelledFailure || isCancellation(error))
    return { how: 'was cancelled', cancelled: true };
  const why = inner instanceof Error ? cut(inner.message, 500) : 'it did not say why';
  return { how: `failed: ${why}`, cancelled: false };
}
