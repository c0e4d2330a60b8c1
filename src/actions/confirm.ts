/** A question to people with nothing behind it that Countersign would execute: whoever asked acts on the outcome. */
import { z } from 'zod';
import { phraseOfWords } from '../domain/phrase';
import { JsonArgs } from '../domain/proposal';
import type { EffectFreeAction } from './action';

const input = z.strictObject({
  question: z.string().min(1).max(1_000),
  /** What a person should know before they answer. */
  details: JsonArgs.optional(),
});

export const confirm: EffectFreeAction<typeof input> = {
  name: 'confirm',
  input,
  risk: 'medium',
  effect: 'none',
  phrase: ({ question }) => phraseOfWords(question),
  // A question for the workflow `confirm`: an agent that needs words instead of an effect answers.
  offered: false,
};
