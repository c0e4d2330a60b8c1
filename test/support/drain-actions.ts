/** An action for the tests that stop workers: it runs until a file says that it may end. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { defineAction } from 'countersign/actions';

const folder = process.env['DRAIN_TEST_DIR'] ?? '.';

export default [
  defineAction({
    name: 'until-told',
    input: z.object({ name: z.string() }),
    risk: 'low',
    run: async ({ name }) => {
      writeFileSync(join(folder, `${name}.started`), '');
      // Deaf to cancellation, as a call into a library may be.
      while (!existsSync(join(folder, `${name}.may-end`)))
        await new Promise((resolve) => setTimeout(resolve, 20));
      return { told: name };
    },
  }),
];
