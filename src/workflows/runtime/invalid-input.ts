/** An argument that does not fit ends the workflow before anything is asked of anybody. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { Parsed } from '../../domain/start';

/** @throws ApplicationFailure INVALID_INPUT, naming each key */
export function fitting<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.start;
  throw invalid(parsed.problem);
}

export function invalid(problem: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`INVALID_INPUT: ${problem}`, 'INVALID_INPUT');
}
