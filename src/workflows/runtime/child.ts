/** A child workflow of ours, from its start to its answer. Whatever else becomes of it is told in words, and none of that is an approval. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancelledFailure,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  isCancellation,
  startChild,
  TerminatedFailure,
} from '@temporalio/workflow';
import { cut } from '../../domain/cut';
import type { Root } from '../../domain/digest';
import type { InnerType } from '../../domain/workflow-types';

export interface ChildCall<Result> {
  readonly type: InnerType;
  readonly workflowId: string;
  readonly argument: object;
  /** What the Web UI says of it. */
  readonly summary: string;
  /** The server has started it. */
  readonly started: (child: Root) => void;
  /** Whether its answer is one: a child's workflow may be anybody's who polls our task queue. */
  readonly isResult: (answer: unknown) => answer is Result;
}

/** Called off, the child is asked to stop, and waited for. @throws what `describeChildFailure` tells in words */
export async function runChild<Result>(call: ChildCall<Result>): Promise<Result> {
  const { type, workflowId, argument, summary, started, isResult } = call;
  const child = await startChild(type, {
    workflowId,
    args: [argument],
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: summary.slice(0, 200),
  });
  started({ workflowId, firstRunId: child.firstExecutionRunId });
  const answer: unknown = await child.result();
  if (!isResult(answer)) throw new TypeError('answered nothing that can be read');
  return answer;
}

export interface ChildFailure {
  /** Goes on after the child's name: `was terminated`. */
  readonly how: string;
  readonly cancelled: boolean;
}

export function describeChildFailure(error: unknown): ChildFailure {
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return { how: 'could not be asked: its workflow id is taken by a workflow that runs', cancelled: false };
  const inner = error instanceof ChildWorkflowFailure && error.cause !== undefined ? error.cause : error;
  if (inner instanceof TerminatedFailure) return { how: 'was terminated', cancelled: false };
  if (inner instanceof CancelledFailure || isCancellation(error))
    return { how: 'was cancelled', cancelled: true };
  const why = inner instanceof Error ? cut(inner.message, 500) : 'it did not say why';
  return { how: `failed: ${why}`, cancelled: false };
}
