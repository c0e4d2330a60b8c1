/** One question to people, for any workflow or service in any language; whoever asked acts on the answer. */
import { parseConfirm } from '../../domain/start';
import type { Result } from '../../domain/packet';
import { countersigned, storyOf } from '../gate/run-gate';
import { fitting } from '../runtime/invalid-input';
import type { Carried } from '../gate/context';

export async function confirm(
  argument: unknown,
  carried?: Carried,
): Promise<Result & { readonly confirmed: boolean }> {
  const story = storyOf({ start: fitting(parseConfirm(argument)) }, 'main', { carried, argument });
  const { result } = await countersigned(story);
  return { ...result, confirmed: result.outcome === 'approved' };
}
