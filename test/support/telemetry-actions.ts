/** Actions for the tests of what the worker tells of itself: one comes off at its third attempt, one never. Errors hold content. */
import { z } from 'zod';
import { defineAction, PermanentError } from 'countersign/actions';

const tried = new Map<string, number>();
const input = z.object({ note: z.string() });

export default [
  defineAction({
    name: 'third-time',
    input,
    risk: 'medium',
    run: async ({ note }, { key }) => {
      const attempts = (tried.get(key) ?? 0) + 1;
      tried.set(key, attempts);
      if (attempts < 3) throw new Error(`not yet: ${note}`);
      return { note };
    },
  }),
  defineAction({
    name: 'never',
    input,
    risk: 'high',
    run: async ({ note }): Promise<string> => {
      throw new PermanentError(`never: ${note}`);
    },
  }),
];
