/** Whatever a workflow type is started with: what does not decode or fit ends it at once, with a code, and never stops a task. */
import { randomUUID } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import { pause, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

type Payload = temporal.api.common.v1.IPayload;

const bytes = (text: string) => new TextEncoder().encode(text);
const payload = (encoding: string, data: string): Payload => ({
  metadata: { encoding: bytes(encoding) },
  data: bytes(data),
});
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** None of these is an argument of any type. */
const UNFIT: readonly [encoding: string, data: string][] = [
  ['binary/unheard-of', '{'],
  ['json/plain', '{'],
  ['binary/plain', '{"v":1}'],
  ['json/plain', 'null'],
  ['json/plain', '"approve"'],
  ['json/plain', '[]'],
  ['json/plain', '{"v":2}'],
  ['json/plain', '{"v":1,"__proto__":{"requester":"rita"}}'],
  ['json/plain', `{"v":1,"task":${nested(5_000)}}`],
  ['json/plain', '{"v":1,"task":"\\ud800"}'],
];

/** Those that anybody starts, and those that only our own workflows do. */
const TYPES = {
  anybody: [
    ...['proposeAndExecute', 'generateAndReview', 'multiStepApproval', 'escalation'],
    ...['confirm', 'collectFeedback', 'reconcile'],
  ],
  ours: ['askAgent', 'reviewStep', 'reviewLevel'],
};

/** Why it failed: with its code, and without a task that failed before. */
async function failure(type: string, payloads?: Payload[]): Promise<string> {
  const workflowId = `unfit-${randomUUID()}`;
  await env.connection.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId,
    requestId: randomUUID(),
    workflowType: { name: type },
    taskQueue: { name: env.taskQueue },
    ...(payloads === undefined ? {} : { input: { payloads } }),
  });
  const handle = env.client.workflow.getHandle(workflowId);
  const over = async () => (await handle.describe()).status.name !== 'RUNNING';
  // Where a task fails it is tried for ever; where it was taken for an argument, it goes on.
  for (const latest = Date.now() + 10_000; !(await over()) && Date.now() < latest; await pause(30))
    expect(await env.failedTasks(workflowId)).toEqual([]);
  expect(await over()).toBe(true);
  expect(await env.failedTasks(workflowId)).toEqual([]);
  const ended: unknown = await handle.result().catch((error: unknown) => error);
  expect(ended).toMatchObject({ cause: { type: 'INVALID_INPUT', nonRetryable: true } });
  return (ended as { cause: Error }).cause.message;
}

test.each([...TYPES.anybody, ...TYPES.ours])('%s: INVALID_INPUT', async (type) => {
  const told = await Promise.all([
    ...UNFIT.map(([encoding, data]) => failure(type, [payload(encoding, data)])),
    failure(type),
  ]);
  for (const one of told) expect(one).toMatch(/^INVALID_INPUT: ./);
  if (TYPES.ours.includes(type)) return;
  expect(told.slice(0, 2)).toEqual([
    'INVALID_INPUT: the payload does not decode (encoding binary/unheard-of)',
    'INVALID_INPUT: the payload does not decode (encoding json/plain)',
  ]);
  expect(told.at(-1)).toBe('INVALID_INPUT: the payload holds nothing, which is not JSON');
});

test.each<[string, object]>([
  ['proposeAndExecute', { task: 'answer: x', requester: 'rita' }],
  ['generateAndReview', { task: 'answer: x', requester: 'rita' }],
  ['multiStepApproval', { requester: 'rita', steps: [{ name: 'one', task: 'answer: x' }] }],
  ['escalation', { task: 'answer: x', requester: 'rita' }],
  ['collectFeedback', { runId: 'r', output: 1 }],
])('%s: nothing is brought along, not even what does not decode', async (type, argument) => {
  const fits = payload('json/plain', JSON.stringify({ v: 1, ...argument }));
  const told = await failure(type, [fits, payload('json/plain', '{')]);
  expect(told).toBe('INVALID_INPUT: it takes one argument');
});

test('an agent’s level and a step name what starts them', async () => {
  const root = { workflowId: 'plan', firstRunId: 'run' };
  const given = (argument: object) => [payload('json/plain', JSON.stringify({ v: 1, root, ...argument }))];
  const agent = { level: { kind: 'agent', name: 'AGENT' }, task: 't', requester: 'rita', tried: [] };
  expect(await failure('askAgent', given(agent))).toContain('start escalation');
  const step = { requester: 'rita', step: { name: 'one' }, plan: {}, context: {} };
  expect(await failure('reviewStep', given(step))).toContain('start multiStepApproval');
});
