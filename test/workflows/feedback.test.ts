/** `collectFeedback`: when it ends, what it refuses, that nothing stops it, and that each feedback arrives where it belongs, once. */
import { randomUUID } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import type { Countersign } from '../../src/client';
import { feedbackUuid } from '../../src/domain/feedback-id';
import type { FeedbackReceipt, FeedbackResult } from '../../src/domain/feedback';
import { createLangSmith } from '../../src/providers/feedback/langsmith';
import { TryLater } from '../../src/providers/try-later';
import { startHttpTarget, type HttpTarget } from '../support/http-target';
import { pause, sendRaw, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
let langsmith: HttpTarget;

beforeAll(async () => {
  env = await startWorkflowEnv();
  langsmith = await startHttpTarget();
});
afterEach(() => {
  env.configured.sink = undefined;
  env.faults.storeDown = false;
  langsmith.reset();
});
afterAll(async () => {
  await env.stop();
  await langsmith.stop();
});

const OUTPUT = { text: 'The invoice is paid.' };

/** Starts a collection and answers its workflow id. */
async function collect(more: object = {}, by: Countersign = env.countersign, runId: string = randomUUID()) {
  const argument = { v: 1, runId, output: OUTPUT, ...more };
  const { workflowId } = await by.start('collectFeedback', argument, `feedback-${runId}`);
  return { runId, workflowId, handle: env.client.workflow.getHandle(workflowId) };
}

const said = (id: string, key: string, score: number, more: object = {}) => ({
  v: 1,
  id,
  reviewer: 'ana',
  key,
  score,
  ...more,
});

const resultOf = (workflowId: string) =>
  env.client.workflow.getHandle(workflowId).result() as Promise<FeedbackResult>;

function connected() {
  env.configured.sink = createLangSmith({
    url: `http://127.0.0.1:${String(langsmith.port)}/api`,
    key: 'ls-key',
  });
}

describe('when it ends', () => {
  test('each key has a score', async () => {
    const { handle, workflowId, runId } = await collect({ keys: ['correctness', 'helpfulness'] });
    const one = said('1', 'correctness', 1);
    const other = said('2', 'tone', 0.5, { comment: 'a bit curt' });
    const two = said('3', 'helpfulness', 0.8, { correction: { text: 'It is paid since Monday.' } });
    for (const each of [one, other, two]) await handle.signal('feedback', each);
    expect(await resultOf(workflowId)).toEqual({ v: 1, feedback: [one, other, two], refused: 0 });
    expect(await env.feedback.feedback(runId)).toEqual(
      [one, other, two].map((feedback) => ({ runId, feedback, at: expect.any(String), workflowId })),
    );
    expect(await env.feedback.judged(runId)).toEqual({ runId, output: OUTPUT });
  });

  test('the window passes: seven days, where nothing else is said', async () => {
    const started = Date.now();
    const { workflowId } = await collect({ keys: ['correctness'] }, env.skipping);
    expect(await resultOf(workflowId)).toEqual({ v: 1, feedback: [], refused: 0 });
    const events = await env.history(workflowId);
    const last = Number(events.at(-1)?.eventTime?.seconds) * 1_000;
    expect(last - started).toBeGreaterThanOrEqual(7 * 86_400_000);
    expect(last - started).toBeLessThan(7.1 * 86_400_000);
    expect(Date.now() - started).toBeLessThan(60_000);
  });

  test('the window passes while no worker runs: what came before it was read counts', async () => {
    const { handle, workflowId } = await collect({ window: '2 seconds' });
    await env.stopWorker();
    await handle.signal('feedback', said('1', 'helpfulness', 1));
    await pause(2_500);
    await env.startWorker();
    expect(await resultOf(workflowId)).toMatchObject({ feedback: [{ id: '1' }], refused: 0 });
  });

  test('it is cancelled: what there is arrives, and is the result', async () => {
    const { handle, workflowId, runId } = await collect();
    await handle.signal('feedback', said('1', 'helpfulness', 0));
    await handle.cancel();
    expect(await resultOf(workflowId)).toMatchObject({ feedback: [{ id: '1', score: 0 }] });
    expect(await env.feedback.feedback(runId)).toHaveLength(1);
  });
});

describe('what it takes', () => {
  test('the first of an id wins, a repeat changes nothing, and each has its receipt', async () => {
    const { handle, workflowId, runId } = await collect({ keys: ['tone', 'end'] });
    const receipt = (id: unknown) => handle.query<FeedbackReceipt, [unknown]>('receipt', id);
    await handle.signal('feedback', said('1', 'tone', 1));
    await handle.signal('feedback', said('1', 'tone', 1));
    await handle.signal('feedback', said('1', 'tone', 0));
    await handle.signal('feedback', said('2', 'tone', 1.5));
    await handle.signal('feedback', { ...said('3', 'tone', 1), mood: 'secret words' });
    expect(await receipt('1')).toEqual({ id: '1', status: 'admitted' });
    expect(await receipt('2')).toMatchObject({ status: 'refused', code: 'MALFORMED_FEEDBACK' });
    expect((await receipt('2')).message).toContain('score');
    expect(await receipt('4')).toEqual({ id: '4', status: 'unknown' });
    expect(await receipt({})).toEqual({ id: '', status: 'unknown' });
    // What was only ever refused is not used up.
    await handle.signal('feedback', said('2', 'tone', 0.5));
    expect(await receipt('2')).toEqual({ id: '2', status: 'admitted' });
    const soFar = await handle.query<FeedbackResult>('feedback');
    expect(soFar).toEqual({
      v: 1,
      feedback: [said('1', 'tone', 1), said('2', 'tone', 0.5)],
      refused: 3,
    });
    await handle.signal('feedback', said('5', 'end', 1));
    const result = await resultOf(workflowId);
    expect(result).toMatchObject({ refused: 3, feedback: [{ id: '1', score: 1 }, { id: '2' }, { id: '5' }] });
    expect(JSON.stringify(result)).not.toContain('secret words');
    expect((await env.feedback.feedback(runId)).map(({ feedback }) => feedback.id)).toEqual(['1', '2', '5']);
  });

  test('an argument that does not fit fails it, and each key is named', async () => {
    const start = (argument: unknown) =>
      env.client.workflow.execute('collectFeedback', {
        taskQueue: env.taskQueue,
        workflowId: randomUUID(),
        args: [argument],
      });
    const fails = (argument: unknown) =>
      start(argument).then(
        () => 'it ran',
        (error: unknown) => String((error as { cause?: Error }).cause?.message),
      );
    expect(await fails({ v: 1, runId: 'r', keys: [], window: 'soon', more: 1 })).toMatch(
      /^INVALID_INPUT: .*output: .*keys: .*window: .*more: unknown key/,
    );
    expect(await fails({ v: 1, runId: 'r', output: null, keys: ['a', 'a'] })).toMatch(/keys: must name each/);
    await expect(env.countersign.start('collectFeedback', { v: 1, runId: '' })).rejects.toThrow('runId');
    expect(await fails({ v: 2 })).toMatch(/v: /);
  });

  test('a flood of what is no feedback stops nothing, and a run goes on in the next one', async () => {
    const { handle, workflowId, runId } = await collect({ keys: ['good'] });
    await handle.signal('feedback', said('before', 'other', 0.25));
    const { runId: first } = await handle.describe();
    await Promise.all(
      Array.from({ length: 20 }, async (_, hand) => {
        for (let nth = hand; nth < 2_400; nth += 20) await sendRaw(env, workflowId, ...bad(nth));
      }),
    );
    while ((await handle.describe()).runId === first) await pause(200);
    await handle.signal('feedback', said('after', 'good', 1));
    expect(await resultOf(workflowId)).toEqual({
      v: 1,
      feedback: [said('before', 'other', 0.25), said('after', 'good', 1)],
      refused: 2_400,
    });
    expect((await env.feedback.feedback(runId)).map(({ feedback }) => feedback.id)).toEqual([
      'before',
      'after',
    ]);
  });
});

const bytes = (text: string) => new TextEncoder().encode(text);
const payload = (encoding: string, data: string): temporal.api.common.v1.IPayload => ({
  metadata: { encoding: bytes(encoding) },
  data: bytes(data),
});
const json = (value: unknown) => payload('json/plain', JSON.stringify(value));

/** The nth signal that is no feedback, each wrong in a way of its own. */
function bad(nth: number): [temporal.api.common.v1.IPayload[] | undefined, string] {
  const id = `bad-${String(nth)}`;
  switch (nth % 8) {
    case 0:
      return [[payload('binary/unheard-of', '??')], 'feedback'];
    case 1:
      return [[payload('json/plain', '{"v":1,')], 'feedback'];
    case 2:
      return [[json(said(id, 'good', 2))], 'feedback'];
    case 3:
      return [[json({ ...said(id, 'good', 1), urgent: true })], 'feedback'];
    case 4:
      return [[json(said(id, 'good', 1))], 'feedbak'];
    case 5:
      return [[json(said(id, 'good', 1))], `__temporal_${id}`];
    case 6:
      return [undefined, 'feedback'];
    default:
      return [[json([[[[[[[[[[[1]]]]]]]]]]])], 'feedback'];
  }
}

describe('where it goes', () => {
  const KEY = { 'x-api-key': 'ls-key' };
  const bodies = () => langsmith.asked.map(({ body }) => JSON.parse(body) as { id: string });

  test('LangSmith is down for an hour: one feedback, once, with the right body', async () => {
    connected();
    const seconds = (events: Awaited<ReturnType<typeof env.history>>, at: number) =>
      Number(events.at(at)?.eventTime?.seconds);
    langsmith.answers = (_, response, nth) => {
      response.statusCode = nth <= 15 ? 503 : 200;
      response.end('{}');
    };
    const { handle, workflowId, runId } = await collect({ keys: ['helpfulness'] }, env.skipping);
    const feedback = said('1', 'helpfulness', 0.123456, {
      comment: 'nearly',
      correction: { amount: 20 },
    });
    await handle.signal('feedback', feedback);
    expect(await resultOf(workflowId)).toEqual({ v: 1, feedback: [feedback], refused: 0 });
    const events = await env.history(workflowId);
    expect(seconds(events, -1) - seconds(events, 0)).toBeGreaterThan(3_600);
    expect(langsmith.asked).toHaveLength(16);
    const [asked] = langsmith.asked.slice(-1);
    expect(asked).toMatchObject({ method: 'POST', path: '/api/feedback', headers: KEY });
    expect(bodies().at(-1)).toEqual({
      id: feedbackUuid(runId, { id: '1', key: 'helpfulness' }),
      run_id: runId,
      key: 'helpfulness',
      score: 0.1235,
      comment: 'nearly',
      correction: { amount: 20 },
      feedback_source: { type: 'api', metadata: { reviewer: 'ana', id: '1', countersign: workflowId } },
    });
    // Every attempt was the same feedback: the receiver has it once.
    expect(new Set(bodies().map(({ id }) => id)).size).toBe(1);
  });

  test('the worker is stopped while LangSmith and the store are down: none is lost, none is there twice', async () => {
    connected();
    let up = false;
    const there = new Map<string, number>();
    langsmith.answers = ({ body }, response) => {
      response.statusCode = up ? 200 : 503;
      const { id } = JSON.parse(body) as { id: string };
      if (up) there.set(id, (there.get(id) ?? 0) + 1);
      response.end('{}');
    };
    const { handle, workflowId, runId } = await collect({ keys: ['last'] });
    for (const nth of ['1', '2', '3']) await handle.signal('feedback', said(nth, 'tone', 1));
    while (langsmith.asked.length < 3) await pause(50);
    env.faults.storeDown = true;
    for (const nth of ['4', '5']) await handle.signal('feedback', said(nth, 'tone', 0));
    await pause(1_000);
    await env.stopWorker();
    await handle.signal('feedback', said('6', 'last', 1));
    env.faults.storeDown = false;
    up = true;
    await env.startWorker();
    const result = await resultOf(workflowId);
    const ids = ['1', '2', '3', '4', '5', '6'];
    expect(result.feedback.map(({ id }) => id)).toEqual(ids);
    expect(result).not.toHaveProperty('undelivered');
    expect((await env.feedback.feedback(runId)).map(({ feedback }) => feedback.id).sort()).toEqual(ids);
    const keyOf = (id: string) => (id === '6' ? 'last' : 'tone');
    expect(Object.fromEntries(there)).toEqual(
      Object.fromEntries(ids.map((id) => [feedbackUuid(runId, { id, key: keyOf(id) }), 1])),
    );
  });

  test.each([
    {
      said: 'LangSmith refuses it for good',
      status: 422,
      why: /answered 422; it is not sent again: bad key/,
    },
    { said: 'the run is none of LangSmith’s', runId: 'refund-1042', status: 200, why: /is no UUID/ },
  ])('$said: the result says so, and our own store has it', async ({ status, runId, why }) => {
    connected();
    langsmith.answers = (_, response) => {
      response.statusCode = status;
      response.end('bad key');
    };
    const one = await collect({ keys: ['tone'] }, env.countersign, runId);
    await one.handle.signal('feedback', said('1', 'tone', 1));
    expect(await resultOf(one.workflowId)).toMatchObject({
      feedback: [{ id: '1' }],
      undelivered: [{ to: 'LangSmith', ids: ['1'], why: expect.stringMatching(why) }],
    });
    expect(await env.feedback.feedback(one.runId)).toHaveLength(1);
    expect(langsmith.asked).toHaveLength(runId === undefined ? 1 : 0);
  });

  test('LangSmith is away for more than a week: the result says so', async () => {
    // Half a day until the next attempt, so that a week is not a thousand of them.
    const later = () => Promise.reject(new TryLater('LangSmith is away', 43_200_000));
    env.configured.sink = { send: later };
    const { handle, workflowId } = await collect({ keys: ['tone'] }, env.skipping);
    await handle.signal('feedback', said('1', 'tone', 1));
    const { undelivered } = await resultOf(workflowId);
    expect(undelivered).toEqual([{ to: 'LangSmith', ids: ['1'], why: 'LangSmith is away' }]);
    const events = await env.history(workflowId);
    const [first, last] = [events[0], events.at(-1)].map((event) => Number(event?.eventTime?.seconds));
    expect((last ?? 0) - (first ?? 0)).toBeGreaterThan(6 * 86_400);
  });

  test('it has it already, of an attempt whose answer was lost: that is an arrival', async () => {
    connected();
    langsmith.answers = (_, response, nth) => {
      if (nth === 1) response.destroy();
      else response.writeHead(409).end();
    };
    const { handle, workflowId } = await collect({ keys: ['tone'] });
    await handle.signal('feedback', said('1', 'tone', 1));
    expect(await resultOf(workflowId)).toEqual({ v: 1, feedback: [said('1', 'tone', 1)], refused: 0 });
    expect(langsmith.asked).toHaveLength(2);
  });
});
