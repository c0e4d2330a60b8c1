/** What a run hands over arrives by continue-as-new alone: nobody starts a workflow in the middle of its story. */
import { workflowInfo } from '@temporalio/workflow';
import { invalid } from './invalid';

/** @throws ApplicationFailure INVALID_INPUT where it was started with it */
export function authentic<T>(carried: T | undefined): T | undefined {
  if (carried === undefined || workflowInfo().continuedFromExecutionRunId !== undefined) return carried;
  throw invalid('it takes one argument');
}
