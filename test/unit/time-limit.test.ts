/** A limit of time comes, whatever is collected meanwhile, and is gone with the work. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { timeLimit } from '../../src/time-limit';
import { ROOT } from '../support/app';

test('with everything collected that nobody holds it comes, by itself, for http and for posts', async () => {
  const program = path.join(ROOT, 'test', 'support', 'limit-program.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', program]);
  const said = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { name: string; why: string; took: number });
  expect(said.map(({ name, why }) => [name, why])).toEqual([
    ['the helper', 'no answer within 300 ms'],
    [
      'http',
      expect.stringMatching(/^127\.0\.0\.1:\d+: no answer within 300 ms, after the request was sent$/),
    ],
    ['post', 'it gave no answer within 300 ms'],
  ]);
  for (const { took } of said) expect(took).toBeGreaterThanOrEqual(290);
});

test('a caller that calls it off does so for its own reason, before and while it runs; the time is then not to blame', () => {
  const reason = new Error('called off');
  const early = timeLimit(60_000, AbortSignal.abort(reason));
  expect([early.signal.reason, early.over()]).toEqual([reason, false]);
  const caller = new AbortController();
  const limit = timeLimit(60_000, caller.signal);
  expect(limit.signal.aborted).toBe(false);
  caller.abort(reason);
  expect([limit.signal.reason, limit.over()]).toEqual([reason, false]);
  for (const one of [early, limit]) one.clear();
});

test('once it is cleared nothing ends it any more', async () => {
  const caller = new AbortController();
  const limit = timeLimit(20, caller.signal);
  limit.clear();
  const after = timeLimit(40);
  await new Promise((resolve) => after.signal.addEventListener('abort', resolve));
  caller.abort();
  expect([limit.signal.aborted, limit.over(), after.over()]).toEqual([false, false, true]);
});
