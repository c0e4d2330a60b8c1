/** Pause before: an agent proposes (or the caller does), people decide, then it runs. */
import { ApplicationFailure } from '@temporalio/workflow';
import { parseStart, type Start } from '../domain/start';
import type { Result } from '../domain/packet';
import { countersigned } from './countersigned';
import type { Carried } from './setting';

export async function proposeAndExecute(argument: unknown, carried?: Carried): Promise<Result> {
  return countersigned(checked(argument), 'main', { carried, argument });
}

/** @throws ApplicationFailure INVALID_INPUT, naming each key */
export function checked(argument: unknown): Start {
  const parsed = parseStart(argument);
  if (parsed.ok) return parsed.start;
  throw ApplicationFailure.nonRetryable(`INVALID_INPUT: ${parsed.problem}`, 'INVALID_INPUT');
}
