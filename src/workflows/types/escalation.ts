/** A ladder: an agent answers; where it is not sure enough, fails, or the matter is sensitive, the next level is asked, up to people. */
import { parseEscalation } from '../../domain/escalation-start';
import type { Result } from '../../domain/packet';
import type { Carried } from '../gate/context';
import { runGate, storyOf } from '../gate/run-gate';
import { askingPeople, ladderSource } from '../ladder/ladder-source';
import { orInvalidInput } from '../runtime/invalid-input';

export async function escalation(argument: unknown, carried?: Carried): Promise<Result> {
  const start = orInvalidInput(parseEscalation(argument));
  const story = storyOf(askingPeople(start), 'main', { argument, carried });
  const { result } = await runGate({ ...story, source: ladderSource(start) });
  return result;
}
