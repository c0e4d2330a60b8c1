/** Built-in actions whose approval is the outcome: nothing is executed. */
import { z } from 'zod';
import { JsonArgs, JsonValue } from '../domain/proposal';
import type { EffectFreeAction } from './action';

/** What an agent answers instead of acting. */
export const answer: EffectFreeAction = {
  name: 'answer',
  input: z.strictObject({ output: JsonValue }),
  risk: 'low',
  effect: 'none',
};

/** A question put to people. */
export const confirm: EffectFreeAction = {
  name: 'confirm',
  input: z.strictObject({ question: z.string().min(1).max(1_000), details: JsonArgs }),
  risk: 'low',
  effect: 'none',
};
