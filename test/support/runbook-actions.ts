/** An action for the runbook: its effect is a line under its key, once, and it fails while a file says so. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { defineAction } from 'countersign/actions';

const folder = process.env['RUNBOOK_DIR'] ?? '.';
const rows = join(folder, 'rows');

export default [
  defineAction({
    name: 'row',
    input: z.object({ of: z.string() }),
    risk: 'low',
    run: async ({ of }, { key }) => {
      if (existsSync(join(folder, 'payments-down'))) throw new Error('the payment service answers 503');
      if (!existsSync(rows) || !readFileSync(rows, 'utf8').includes(key))
        appendFileSync(rows, `${of} ${key}\n`);
      return { of };
    },
  }),
];
