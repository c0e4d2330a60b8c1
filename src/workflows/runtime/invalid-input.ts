/** An argument that does not fit ends the workflow before anything is asked of anybody. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { Parsed } from '../../domain/start';

/** @throws ApplicationFailure INVALID_INPUT, naming each key */
export function orInvalidInput<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.start;
  throw invalidInput(parsed.problem);
}

export function invalidInput(problem: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`INVALID_INPUT: ${problem}`, 'INVALID_INPUT');
}

/** Whether this workflow is a child of the one that its argument names. */
export function isChildOf(owner: string): boolean {
  const { namespace, parent } = workflowInfo();
  return parent?.workflowId === owner && parent.namespace === namespace;
}
