/** One question to people, for any workflow or service in any language; whoever asked acts on the answer. */
import type { Result } from '../../domain/packet';
import { parseConfirm } from '../../domain/start';
import type { Carried } from '../gate/context';
import { runGate, storyOf } from '../gate/run-gate';
import { orInvalidInput } from '../runtime/invalid-input';

export async function confirm(
  argument: unknown,
  carried?: Carried,
): Promise<Result & { readonly confirmed: boolean }> {
  const start = orInvalidInput(parseConfirm(argument));
  const { result } = await runGate(storyOf({ start }, 'main', { argument, carried }));
  return { ...result, confirmed: result.outcome === 'approved' };
}
