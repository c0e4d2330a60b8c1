/** The `http` action under its workflow: what is tried again, under which key, and what people are told where it is not. */
import type { JsonObject } from '../../src/domain/json';
import { startHttpTarget, type HttpTarget } from '../support/http-target';
import { pause, startWorkflowEnv, types, type WorkflowEnv } from '../support/workflow-env';

const SECRET = 'Bearer s3cret-t0ken';

let env: WorkflowEnv;
let server: HttpTarget;
let url: string;

beforeAll(async () => {
  server = await startHttpTarget();
  url = `http://127.0.0.1:${String(server.port)}/orders`;
  const host = `127.0.0.1:${String(server.port)}`;
  env = await startWorkflowEnv([{ host, private: true, headers: { authorization: SECRET } }]);
});
beforeEach(() => {
  server.reset();
});
afterAll(async () => {
  await server.stop();
  await env.stop();
});

async function approved(args: JsonObject, action = 'http'): Promise<string> {
  const proposal = { action, args, title: 'Ask', rationale: '', confidence: 0.9, sensitive: false };
  const { workflowId, digest } = await env.opened({ proposal });
  await env.countersign.send(workflowId, { digest: digest!, verdict: 'approve', reviewer: 'ana' });
  return workflowId;
}

test('a host that says when to come back is not asked before, and gets the same key', async () => {
  const times: number[] = [];
  server.answers = ({ headers }, response, nth) => {
    times.push(Date.now());
    if (nth === 1) response.writeHead(429, { 'retry-after': '3' }).end();
    else
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ paid: true, said: headers.authorization }));
  };
  const workflowId = await approved({ method: 'PUT', url, body: { paid: true } });
  expect(await env.countersign.result(workflowId)).toMatchObject({
    outcome: 'executed',
    result: { status: 200, body: { paid: true, said: '***' } },
  });
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(3_000);
  const [first, second] = server.asked.map(({ headers }) => headers['idempotency-key']);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(second).toBe(first);

  const history = await env.history(workflowId);
  const again = history.find(
    ({ activityTaskStartedEventAttributes: it }) => it?.attempt === 2,
  )?.activityTaskStartedEventAttributes;
  expect(again?.lastFailure?.applicationFailureInfo?.type).toBe('RetryAfter');
  const payloads = JSON.stringify(history, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
  );
  expect(payloads).toContain('set by configuration'); // the payloads are really read
  expect(payloads).not.toContain('s3cret');
});

test('a POST whose answer is lost was sent once, and both outcomes are told', async () => {
  server.answers = (_, response) => response.destroy();
  const workflowId = await approved({ method: 'POST', url });
  const { outcome, reason } = await env.countersign.result(workflowId);
  expect(outcome).toBe('failed');
  expect(reason).toMatch(
    /^EXECUTE_FAILED: .*after the request was sent\. It may or may not have taken effect/,
  );
  expect(types(await env.audit(workflowId))).toEqual(['proposed', 'opened', 'decided', 'approved', 'closed']);
  await pause(1_500); // a second attempt would come after one second
  expect(server.asked).toHaveLength(1);
});

test('a worker that stops while a POST is under way tells both outcomes, and no other worker sends it', async () => {
  server.answers = () => undefined;
  const workflowId = await approved({ method: 'POST', url });
  while (server.asked.length === 0) await pause(20);
  await env.stopWorker();
  await env.startWorker();
  const { outcome, reason } = await env.countersign.result(workflowId);
  expect(outcome).toBe('failed');
  expect(reason).toMatch(/it was cut off, after the request was sent\. It may or may not have taken effect/);
  expect(server.asked).toHaveLength(1);
});

test('a worker that says no more leaves it open whether the one attempt had its effect', async () => {
  const workflowId = await approved({}, 'stuck');
  const { outcome, reason } = await env.countersign.result(workflowId);
  expect(outcome).toBe('failed');
  expect(reason).toMatch(
    /^EFFECT_UNKNOWN: .*timeout.*It may or may not have taken effect.*\(key [0-9a-f]{64}\); propose it again only if/i,
  );
  expect(env.actions.runs['stuck']).toBe(1);
});

test('a host that is not allowed opens no gate', async () => {
  const args = { method: 'POST', url: 'https://evil.example/' };
  const proposal = { action: 'http', args, title: 'Ask', rationale: '', confidence: 1, sensitive: false };
  const { workflowId } = await env.opened({ proposal });
  const { outcome, reason } = await env.countersign.result(workflowId);
  expect({ outcome, reason }).toEqual({
    outcome: 'failed',
    reason: expect.stringMatching(/^INVALID_ARGS: args\.url: evil\.example is not an allowed host/),
  });
  expect(types(await env.audit(workflowId))).not.toContain('opened');
});
