/** An action for the test that kills between record and effect: it says that it has begun, waits to be let go, then does it. */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineAction } from 'countersign/actions';

const folder = process.env['HELD_TEST_DIR'] ?? '.';
const input = z.object({ round: z.number(), n: z.number() });

export default [
  defineAction({
    name: 'held',
    input,
    risk: 'low',
    // Short of time, so that a killed attempt is tried again soon.
    timeout: '6s',
    async run({ round, n }, { key, signal }) {
      appendFileSync(join(folder, 'begun'), `${key} ${String(n)}\n`);
      while (!existsSync(join(folder, `go-${String(round)}`))) await sleep(20, undefined, { signal });
      // A line more each time: nothing here hides an effect that is done twice.
      appendFileSync(join(folder, 'effects'), `${key} ${String(n)}\n`);
      return { n };
    },
  }),
];
