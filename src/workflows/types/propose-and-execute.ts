/** Pause before: an agent proposes (or the caller does), people decide, then it runs. */
import type { Result } from '../../domain/packet';
import { parseStart } from '../../domain/start';
import { countersigned, storyOf } from '../gate/run-gate';
import { fitting } from '../runtime/invalid-input';
import type { Carried } from '../gate/context';

export async function proposeAndExecute(argument: unknown, carried?: Carried): Promise<Result> {
  const start = fitting(parseStart(argument));
  return (await countersigned(storyOf({ start }, 'main', { carried, argument }))).result;
}
