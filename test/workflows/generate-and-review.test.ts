/** Pause after generation: the output itself is what people approve, edit, send back or replace, and who changed what is told. */
import type { Packet } from '../../src/client';
import type { ReviewedResult } from '../../src/workflows/types/generate-and-review';
import { SHIP, startWorkflowEnv, types, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

let started = 0;
async function start(more: object): Promise<Packet> {
  const id = `review-${String(++started)}`;
  await env.countersign.start('generateAndReview', { v: 1, task: 'x', requester: 'rita', ...more }, id);
  return env.until(id, ({ status }) => status === 'open' || status === 'closed');
}
const says = (packet: Packet, more: object = {}) =>
  env.countersign.send(packet.workflowId, {
    digest: packet.digest!,
    verdict: 'approve',
    reviewer: 'ana',
    ...more,
  });
const result = async ({ workflowId }: Packet) =>
  (await env.countersign.result(workflowId)) as unknown as ReviewedResult;
const given = (output: unknown) => ({
  proposal: {
    action: 'answer',
    args: { output },
    title: 'Answer',
    rationale: 'r',
    confidence: 0.8,
    sensitive: false,
  },
});

test('approved as the agent wrote it, the output is the result, and nobody changed anything', async () => {
  const packet = await start({ task: 'answer: We ship on Monday.' });
  expect(packet).toMatchObject({ proposal: { action: 'answer', args: { output: 'We ship on Monday.' } } });
  await says(packet);
  expect(await result(packet)).toMatchObject({
    outcome: 'approved',
    result: 'We ship on Monday.',
    changes: [],
  });
  expect(types(await env.audit(packet.workflowId))).toEqual([
    'proposed',
    'opened',
    'decided',
    'approved',
    'closed',
  ]);
});

test('sent back, then edited: word by word who changed what', async () => {
  const packet = await start({ task: 'answer: We ship on Monday at noon.' });
  await says(packet, { verdict: 'revise', comment: 'answer: We ship on Tuesday at noon.' });
  const second = await env.until(
    packet.workflowId,
    ({ revision, status }) => revision === 2 && status === 'open',
  );
  expect(second.words).toEqual([
    {
      path: '/args/output',
      changes: [
        { op: 'same', text: 'We ship on ' },
        { op: 'removed', text: 'Monday' },
        { op: 'added', text: 'Tuesday' },
        { op: 'same', text: ' at noon.' },
      ],
    },
  ]);
  await says(second, { verdict: 'edit', args: { output: 'We ship on Tuesday.' } });
  const { changes, ...rest } = await result(packet);
  expect(rest).toMatchObject({ outcome: 'approved', result: 'We ship on Tuesday.' });
  expect(changes.map(({ revision, by }) => [revision, by])).toEqual([
    [2, 'AGENT (offline)'],
    [3, 'ana'],
  ]);
  expect(changes[1]?.words?.[0]?.changes).toContainEqual({ op: 'removed', text: ' at noon' });
});

test('structured output is edited whole, and the difference is told by its fields', async () => {
  const packet = await start(given({ reply: 'yes', refund: 40 }));
  await says(packet, { verdict: 'edit', args: { output: { reply: 'yes', refund: 30 } } });
  expect(await result(packet)).toMatchObject({
    outcome: 'approved',
    result: { reply: 'yes', refund: 30 },
    changes: [{ revision: 2, by: 'ana', diff: [{ op: 'replace', path: '/args/output/refund', value: 30 }] }],
  });
});

test('answered by a person instead: that is the result', async () => {
  const packet = await start({ task: 'answer: maybe' });
  await says(packet, { verdict: 'respond', answer: { reply: 'no' } });
  expect(await result(packet)).toMatchObject({ outcome: 'answered', result: { reply: 'no' } });
});

test('rejected, there is no result', async () => {
  const packet = await start({ task: 'answer: maybe' });
  await says(packet, { verdict: 'reject', comment: 'too vague' });
  const ended = await result(packet);
  expect(ended).toMatchObject({ outcome: 'rejected', reason: 'ana rejected it: too vague' });
  expect(ended).not.toHaveProperty('result');
});

test('an agent that proposes an action instead of an output has nothing to review: people are asked', async () => {
  const packet = await start({ task: `propose: ${JSON.stringify({ action: 'ship', args: SHIP.args })}` });
  expect(packet.failure?.code).toBe('MALFORMED_PROPOSAL');
  expect(env.executions).toEqual([]);
});

test('a given proposal is an output', async () => {
  const handle = await env.client.workflow.start('generateAndReview', {
    taskQueue: env.taskQueue,
    workflowId: 'review-of-an-action',
    args: [{ v: 1, task: 'x', requester: 'rita', proposal: SHIP }],
  });
  await expect(handle.result()).rejects.toMatchObject({
    cause: { message: expect.stringContaining('proposal.action: must be answer') },
  });
});
