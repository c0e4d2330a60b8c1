/** One question to people, for any workflow or service in any language; whoever asked acts on the answer. */
import { ApplicationFailure } from '@temporalio/workflow';
import { parseConfirm } from '../domain/start';
import type { Result } from '../domain/packet';
import { countersigned } from './countersigned';
import type { Carried } from './setting';

export async function confirm(
  argument: unknown,
  carried?: Carried,
): Promise<Result & { readonly confirmed: boolean }> {
  const parsed = parseConfirm(argument);
  if (!parsed.ok) throw ApplicationFailure.nonRetryable(`INVALID_INPUT: ${parsed.problem}`, 'INVALID_INPUT');
  const result = await countersigned(parsed.start, 'main', { carried, argument });
  return { ...result, confirmed: result.outcome === 'approved' };
}
