/**
 * Feedback at LangSmith, over HTTP: the body that its own client sends, what is tried again, and that resolved means arrived. LangSmith's
 * client stands beside ours, to be compared with, and to show that these tests would catch what it loses.
 */
import { randomUUID } from 'node:crypto';
import { Client } from 'langsmith';
import type { Feedback } from '../../src/domain/feedback';
import { feedbackUuid } from '../../src/domain/feedback-id';
import { createLangSmith } from '../../src/providers/feedback/langsmith';
import type { FeedbackSink } from '../../src/providers/feedback/sink';
import { startHttpTarget, type HttpTarget } from '../support/http-target';

let server: HttpTarget;
const clients: Client[] = [];
const before = process.env['LANGSMITH_TRACING_SAMPLING_RATE'];
beforeAll(async () => {
  server = await startHttpTarget();
});
beforeEach(() => {
  server.answers = ({ path }, response) => response.end(path === '/info' ? '{}' : '{"ok":true}');
});
afterEach(() => {
  server.reset();
  if (before === undefined) delete process.env['LANGSMITH_TRACING_SAMPLING_RATE'];
  else process.env['LANGSMITH_TRACING_SAMPLING_RATE'] = before;
});
afterAll(() => server.stop());

const url = () => `http://127.0.0.1:${String(server.port)}`;
const runId: string = randomUUID();
const FEEDBACK: Feedback = {
  v: 1,
  id: 'f1',
  reviewer: 'ana',
  key: 'helpfulness',
  score: 0.987654,
  comment: 'nearly',
  correction: { amount: 20 },
};

const sink = (more: object = {}) => createLangSmith({ url: url(), key: 'ls-key', ...more });
const send = (to: FeedbackSink, feedback = FEEDBACK, run = runId, signal = new AbortController().signal) =>
  to.send({ runId: run, feedback, workflowId: 'feedback-1' }, signal);
const posted = () => server.asked.filter(({ method }) => method === 'POST');
const bodies = () => posted().map(({ body }) => JSON.parse(body) as Record<string, unknown>);

/** Resolved, and the other side has it, whole. */
async function arrives(sending: Promise<unknown>): Promise<boolean> {
  await sending;
  const [body] = bodies();
  return posted().length === 1 && body?.['id'] === feedbackUuid(runId, FEEDBACK) && body['run_id'] === runId;
}

/** LangSmith's own, the way it is to be called so that nothing is lost; and with one thing changed. */
function theirs(options: object = {}, more: object = {}) {
  const client = new Client({ apiUrl: url(), apiKey: 'ls-key', autoBatchTracing: false, ...options });
  clients.push(client);
  // Its types ask for the session, which whoever has a run's id alone does not know; without it the run is looked up there.
  const loose = client as unknown as { createFeedback(params: object): Promise<unknown> };
  return loose.createFeedback({
    runId,
    key: FEEDBACK.key,
    score: FEEDBACK.score,
    comment: 'nearly',
    correction: { amount: 20 },
    feedbackId: feedbackUuid(runId, FEEDBACK),
    sourceInfo: { reviewer: 'ana', id: 'f1', countersign: 'feedback-1' },
    ...more,
  });
}

test('the same request as LangSmith’s own client makes', async () => {
  await send(sink());
  jest.spyOn(console, 'warn').mockImplementation(() => undefined); // it wants to be told the session
  await theirs();
  const [ours, its] = posted();
  expect(JSON.parse(ours?.body ?? '')).toEqual(JSON.parse(its?.body ?? ''));
  expect(ours?.path).toBe(its?.path);
  for (const name of ['x-api-key', 'content-type']) expect(ours?.headers[name]).toBe(its?.headers[name]);
});

describe('resolved means that it has arrived', () => {
  test('ours', async () => {
    process.env['LANGSMITH_TRACING_SAMPLING_RATE'] = '0';
    expect(await arrives(send(sink()))).toBe(true);
  });

  test.each<{ said: string; lost: () => Promise<unknown>; sampled?: string }>([
    // Sent in a batch, later or never: nobody hears of it.
    { said: 'with a trace id', lost: () => theirs({ autoBatchTracing: true }, { traceId: runId }) },
    // How many traces are kept decides over feedback, too.
    { said: 'where traces are sampled', lost: () => theirs(), sampled: '0' },
  ])('this is seen where it does not: LangSmith’s client $said', async ({ lost, sampled }) => {
    server.answers = ({ path }, response) => {
      if (path !== '/info') response.statusCode = 422;
      response.end('{}');
    };
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    if (sampled !== undefined) process.env['LANGSMITH_TRACING_SAMPLING_RATE'] = sampled;
    expect(await arrives(lost())).toBe(false);
    for (const client of clients) await client.awaitPendingTraceBatches();
  });
});

test.each<{
  said: string;
  status: number;
  headers?: Record<string, string>;
  name: string;
  message: RegExp;
  wait?: number;
}>([
  { said: 'overloaded', status: 503, name: 'TryLater', message: /answered 503$/ },
  {
    said: 'asked to wait',
    status: 429,
    headers: { 'retry-after': '30' },
    name: 'TryLater',
    message: /429/,
    wait: 30_000,
  },
  { said: 'a key that does not fit', status: 401, name: 'TryLater', message: /check LANGSMITH_API_KEY/ },
  { said: 'a run that is not there yet', status: 404, name: 'TryLater', message: /the run is not there yet/ },
  {
    said: 'a redirect',
    status: 302,
    headers: { location: '/other' },
    name: 'TryLater',
    message: /redirects are not/,
  },
  {
    said: 'what it will never take',
    status: 422,
    name: 'PermanentError',
    message: /422; it is not sent again: no ‹U\+001B›\[31m good/,
  },
  { said: 'too large', status: 413, name: 'PermanentError', message: /413/ },
])('$said: $name', async ({ status, headers, name, message, wait }) => {
  server.answers = (_, response) => response.writeHead(status, headers).end('no \u001b[31m good');
  const error = await send(sink()).then(
    () => undefined,
    (thrown: unknown) => thrown as Error & { milliseconds?: number },
  );
  expect(error).toMatchObject({ name, message: expect.stringMatching(message) });
  expect(error?.milliseconds).toBe(wait);
  expect(error?.message).not.toContain('ls-key');
  expect(server.asked).toHaveLength(1);
});

test('no answer, none in time, and a worker that stops', async () => {
  server.answers = (_, response) => response.destroy();
  await expect(send(sink())).rejects.toMatchObject({ name: 'TryLater', message: /cannot be reached/ });
  server.answers = () => undefined;
  const slow = createLangSmith({ url: url(), key: 'k' }, { timeout: 50 });
  await expect(send(slow)).rejects.toMatchObject({ name: 'TryLater', message: /within 50 ms/ });
  const stop = new AbortController();
  const sending = send(sink(), FEEDBACK, runId, stop.signal);
  stop.abort(new Error('the worker stops'));
  await expect(sending).rejects.toThrow('the worker stops');
});

test.each([
  { correction: 'in words', sent: 'in words' },
  { correction: { a: 1 }, sent: { a: 1 } },
  { correction: [1, 2], sent: { value: [1, 2] } },
  { correction: 0, sent: { value: 0 } },
  { correction: false, sent: { value: false } },
  { correction: null, sent: undefined },
])('a correction %j', async ({ correction, sent }) => {
  await send(sink(), { ...FEEDBACK, correction });
  expect(bodies()[0]?.['correction']).toEqual(sent);
});

test('an organisation’s key goes with its workspace; a run without a UUID is not sent', async () => {
  await send(sink({ workspace: 'w-1' }));
  expect(posted()[0]?.headers['x-tenant-id']).toBe('w-1');
  await expect(send(sink(), FEEDBACK, 'refund-1042')).rejects.toMatchObject({ name: 'PermanentError' });
  expect(posted()).toHaveLength(1);
});
