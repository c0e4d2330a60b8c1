/** An action for the tests that kill: its effect is a row under its key, after which the process may end at once. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { z } from 'zod';
import { defineAction, type RunContext } from 'countersign/actions';

const folder = process.env['KILL_TEST_DIR'] ?? '.';
/** Where this file is there, the process that has just stored an effect ends before it can say so; once. */
const tripwire = join(folder, 'die-after-effect');

const input = z.object({ n: z.number() });

async function run({ n }: z.output<typeof input>, { key }: RunContext) {
  const client = createClient({ url: `file:${join(folder, 'rows.db')}` });
  await client.execute('create table if not exists attempts (key text, n integer)');
  await client.execute('create table if not exists rows (key text primary key, n integer)');
  await client.execute({ sql: 'insert into attempts values (?, ?)', args: [key, n] });
  await client.execute({ sql: 'insert into rows values (?, ?) on conflict do nothing', args: [key, n] });
  client.close();
  if (existsSync(tripwire)) {
    rmSync(tripwire);
    process.kill(process.pid, 'SIGKILL');
  }
  return { n };
}

export default [
  // Short of time, so that a killed attempt is tried again soon.
  defineAction({ name: 'row', input, risk: 'low', timeout: '5s', run }),
  defineAction({ name: 'row-at-once', input, risk: 'low', short: true, run }),
];
