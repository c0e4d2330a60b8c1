/** Pause after: what the agent has written is what people approve, edit, send back or replace; what they approve is the result. */
import { changesOf, type Change } from '../../domain/changes';
import type { Result } from '../../domain/packet';
import { parseGenerate } from '../../domain/start';
import { countersigned, storyOf } from '../gate/run-gate';
import { fitting } from '../runtime/invalid-input';
import type { Carried } from '../gate/context';

/** The result of `generateAndReview`: `result` is the output as it was approved, or a person's own answer. */
export interface ReviewedResult extends Result {
  /** Who changed what, oldest first. */
  readonly changes: readonly Change[];
}

export async function generateAndReview(argument: unknown, carried?: Carried): Promise<ReviewedResult> {
  const start = fitting(parseGenerate(argument));
  const story = storyOf({ start, produce: 'answer' }, 'main', { carried, argument });
  const { result, desk } = await countersigned(story);
  const gate = desk.gate();
  return { ...result, changes: gate === undefined ? [] : changesOf(gate) };
}
