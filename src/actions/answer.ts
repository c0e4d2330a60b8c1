/** What an agent proposes where it has written something and nothing is to be executed: the text is the outcome. */
import { z } from 'zod';
import { JsonValue } from '../domain/proposal';
import type { EffectFreeAction } from './action';

const input = z.strictObject({
  output: JsonValue.refine((value: unknown) => value !== undefined, {
    error: 'required: what the agent answers',
  }),
});

export const answer: EffectFreeAction<typeof input> = {
  name: 'answer',
  input,
  risk: 'low',
  effect: 'none',
  phrase: () => 'SEND answer',
};
