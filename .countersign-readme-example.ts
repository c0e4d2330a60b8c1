// greet.ts
import { z } from 'zod';
import { defineAction } from 'countersign/actions';

export default [
  defineAction({
    name: 'greet',
    input: z.object({ who: z.string() }),
    risk: 'low',
    recognise(text) {
      const who = /greet (\w+)/.exec(text)?.[1];
      return who === undefined ? undefined : { args: { who }, title: `Greet ${who}` };
    },
    preview: async ({ who }) => ({ wouldSay: `hello ${who}` }),
    run: async ({ who }, { key }) => ({ said: `hello ${who}`, key }),
  }),
];
