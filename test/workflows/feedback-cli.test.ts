/** `countersign feedback` against a server: which run is meant, that a repeat counts once, and what people decided as feedback. */
import { randomUUID } from 'node:crypto';
import type { Deps } from '../../src/cli/command';
import { program, run } from '../../src/cli/main';
import { readConfig } from '../../src/config';
import { until as condition } from '../support/app';
import { kept } from '../support/cli-program';
import { startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

async function said(...argv: string[]) {
  const streams = kept();
  let exit = 0;
  const config = readConfig({ HOME: '/home/ana' });
  const deps: Deps = {
    streams,
    defaults: { ...config, user: 'ana' },
    config,
    open: async () => ({ countersign: env.countersign, close: async () => undefined }),
    store: () => Promise.reject(new Error('there is no store in this test')),
    ended: (code) => (exit = code),
  };
  const failed = await run(program(deps), ['feedback', ...argv], streams);
  return { exit: failed ?? exit, ...streams.said };
}

const stored = async (runId: string) =>
  (await env.feedback.feedback(runId)).map(({ feedback: { id: _, v: __, ...rest } }) => rest);

/** The store has it a moment after the receipt says so: feedback, and what it is on. */
const until = (runId: string, many: number) =>
  condition(
    () => stored(runId),
    (found) => found.length >= many,
  );
const judged = (runId: string) =>
  condition(
    () => env.feedback.judged(runId),
    (found) => found !== undefined,
  );

test('on a run by its UUID: one collection is started, and takes the next one, too', async () => {
  const runId = randomUUID();
  const first = await said(runId, '--key', 'tone', '--score', '0.5', '--comment', 'curt');
  expect(first).toEqual({ exit: 0, out: `taken by feedback-${runId}, on the run ${runId}\n`, err: '' });
  const more = ['--key', 'tone', '--score', '1', '--correction', '{"text":"hi"}', '--reviewer', 'bo'];
  const second = await said(runId, ...more, '--id', 'bo-1', '--json');
  expect(JSON.parse(second.out)).toEqual({
    id: 'bo-1',
    status: 'admitted',
    runId,
    workflowId: `feedback-${runId}`,
  });
  await said(runId, ...more, '--id', 'bo-1');
  const other = await said(runId, ...more, '--comment', 'something else', '--id', 'bo-1');
  expect(other).toMatchObject({ exit: 1, out: expect.stringMatching(/^refused: ID_REUSED/) });
  // By the collection's own id as well.
  await said(`feedback-${runId}`, '--key', 'end', '--score', '1', '--correction', 'in words');
  expect(await until(runId, 3)).toEqual([
    { reviewer: 'ana', key: 'tone', score: 0.5, comment: 'curt' },
    { reviewer: 'bo', key: 'tone', score: 1, correction: { text: 'hi' } },
    { reviewer: 'ana', key: 'end', score: 1, correction: 'in words' },
  ]);
});

test('on a gate that has ended: its first run, with how it ended; what people decided becomes feedback', async () => {
  const packet = await env.opened();
  const { workflowId, digest = '' } = packet;
  const decide = { digest, reviewer: 'ana', id: 'e1', verdict: 'edit' as const };
  await env.countersign.decide(workflowId, { ...decide, args: { order: 'A-7', units: 1 }, comment: 'one' });
  await env.countersign.result(workflowId);
  const { firstRunId } = await env.countersign.status(workflowId);
  const plain = await said(workflowId, '--key', 'tone', '--score', '1');
  expect(plain.out).toContain(`on the run ${firstRunId}`);
  expect(await judged(firstRunId)).toMatchObject({ output: { outcome: 'executed' } });

  const runId = randomUUID();
  for (let times = 0; times < 2; times += 1)
    expect(await said(workflowId, '--decided', '--run', runId)).toMatchObject({ exit: 0, err: '' });
  expect(await until(runId, 1)).toEqual([
    {
      reviewer: 'ana',
      key: 'approved-as-proposed',
      score: 0,
      comment: 'one',
      correction: { order: 'A-7', units: 1 },
    },
  ]);
});

test('a collection that is over: the next one is begun', async () => {
  const runId = randomUUID();
  const { workflowId } = await env.countersign.collect({ runId, output: { text: 'x' }, keys: ['tone'] });
  await said(workflowId, '--key', 'tone', '--score', '1');
  await env.client.workflow.getHandle(workflowId).result();
  expect((await said(workflowId, '--key', 'tone', '--score', '0')).out).toContain(`feedback-${runId}`);
  expect(await until(runId, 2)).toHaveLength(2);
  expect((await env.countersign.feedbackSoFar(workflowId)).feedback).toMatchObject([{ score: 0 }]);
});

test('no worker runs: it is delivered, and counts', async () => {
  const runId = randomUUID();
  await env.stopWorker();
  const sent = await said(runId, '--key', 'tone', '--score', '1', '--timeout', '1', '--id', 'x1');
  expect(sent.out).toContain('not yet confirmed: no worker has answered; its id is x1');
  expect(sent.exit).toBe(0);
  await env.startWorker();
  expect(await until(runId, 1)).toHaveLength(1);
});

test.each<{ said: string; argv: string[]; exit: number; err: RegExp }>([
  {
    said: 'no such workflow',
    argv: ['nobody', '--key', 'k', '--score', '1'],
    exit: 1,
    err: /^NOT_FOUND: .*nobody/,
  },
  { said: 'no key', argv: ['nobody', '--score', '1'], exit: 2, err: /^FLAG_MISSING: --key/ },
  { said: 'no score', argv: ['nobody', '--key', 'k'], exit: 2, err: /^FLAG_MISSING: --score/ },
  {
    said: 'a score beyond one',
    argv: ['x', '--run', 'x', '--key', 'k', '--score', '7'],
    exit: 2,
    err: /^INVALID_INPUT: score/,
  },
  {
    said: 'a score in words',
    argv: ['x', '--run', 'x', '--key', 'k', '--score', 'good'],
    exit: 2,
    err: /^error: option '--score <number>' .* is invalid\. Give a number from 0 to 1/,
  },
  {
    said: 'a window that is none',
    argv: ['x', '--run', 'x', '--key', 'k', '--score', '1', '--window', 'soon'],
    exit: 2,
    err: /^INVALID_INPUT: window/,
  },
])('$said: exit $exit', async ({ argv, exit, err }) => {
  const ended = await said(...argv);
  expect(ended).toMatchObject({ exit, out: '', err: expect.stringMatching(err) });
});

test('nothing was decided: there is nothing to be learned', async () => {
  const packet = await env.opened();
  await env.countersign.decide(packet.workflowId, {
    digest: packet.digest ?? '',
    reviewer: 'rita',
    verdict: 'cancel',
  });
  expect(await said(packet.workflowId, '--decided')).toMatchObject({
    exit: 1,
    err: 'NOTHING_DECIDED: nobody has approved, edited or rejected it\n',
  });
});
