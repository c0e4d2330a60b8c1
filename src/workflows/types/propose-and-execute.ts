/** Pause before: an agent proposes (or the caller does), people decide, then it runs. */
import type { Result } from '../../domain/packet';
import { parseStart } from '../../domain/start';
import type { Carried } from '../gate/context';
import { runGate, storyOf } from '../gate/run-gate';
import { orInvalidInput } from '../runtime/invalid-input';

export async function proposeAndExecute(argument: unknown, carried?: Carried): Promise<Result> {
  const start = orInvalidInput(parseStart(argument));
  const { result } = await runGate(storyOf({ start }, 'main', { argument, carried }));
  return result;
}
