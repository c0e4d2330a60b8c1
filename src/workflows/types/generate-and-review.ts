/** Pause after: what the agent has written is what people approve, edit, send back or replace; what they approve is the result. */
import { changesOf, type Change } from '../../domain/changes';
import type { Result } from '../../domain/packet';
import { parseGenerate } from '../../domain/start';
import type { Carried } from '../gate/context';
import { runGate, storyOf } from '../gate/run-gate';
import { orInvalidInput } from '../runtime/invalid-input';

/** The result of `generateAndReview`: `result` is the output as it was approved, or a person's own answer. */
export interface ReviewedResult extends Result {
  /** Who changed what, oldest first. */
  readonly changes: readonly Change[];
}

export async function generateAndReview(argument: unknown, carried?: Carried): Promise<ReviewedResult> {
  const start = orInvalidInput(parseGenerate(argument));
  const story = storyOf({ start, produce: 'answer' }, 'main', { argument, carried });
  const { result, runtime } = await runGate(story);
  const gate = runtime.gate();
  return { ...result, changes: gate === undefined ? [] : changesOf(gate) };
}
