/** Where an agent fails people are asked; what people send back the agent proposes again. */
import type { DecideInput, Packet } from '../../src/client';
import { startWorkflowEnv, types, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());
afterEach(() => {
  env.faults.agentTakes = 0;
});

const FAILS = { task: 'fail: no idea', requester: 'rita' };
const PROPOSES = {
  task: `propose: ${JSON.stringify({ action: 'ship', args: { order: 'A-7', units: 2 } })}`,
  requester: 'rita',
};

function says(packet: Packet, verdict: DecideInput['verdict'], more: Partial<DecideInput> = {}): DecideInput {
  return { digest: packet.digest ?? '', verdict, reviewer: 'ana', ...more };
}

async function ended(packet: Packet) {
  const result = await env.countersign.result(packet.workflowId);
  expect(await env.failedTasks(packet.workflowId)).toEqual([]);
  return { result, told: types(await env.audit(packet.workflowId)) };
}

test('an agent that fails: a person is asked, and answers in its place', async () => {
  const packet = await env.propose(FAILS);
  expect(packet).toMatchObject({
    status: 'open',
    failure: { code: 'AGENT_FAILED', message: 'no idea' },
    verdicts: ['reject', 'revise', 'respond', 'comment', 'cancel'],
  });
  expect(await env.countersign.decide(packet.workflowId, says(packet, 'approve'))).toMatchObject({
    status: 'refused',
    code: 'NOTHING_PROPOSED',
  });
  const answer = { refund: 'none', because: 'out of warranty' };
  await env.countersign.decide(packet.workflowId, says(packet, 'respond', { answer }));
  const { result, told } = await ended(packet);
  expect(result).toMatchObject({ outcome: 'answered', result: answer, reason: 'ana answered in its place' });
  expect(told).toEqual(['proposal-failed', 'opened', 'refused', 'decided', 'closed']);
});

test('nobody sees to it: it expires, and says so', async () => {
  const packet = await env.propose({ ...FAILS, policy: within('1 second') });
  const { result } = await ended(packet);
  expect(result).toMatchObject({ outcome: 'expired', decisions: [] });
});

test('revise: the agent proposes again, earlier signatures do not count, the new one runs', async () => {
  const packet = await env.propose({ ...PROPOSES, policy: within('1 hour', { quorum: 2 }) });
  const { workflowId } = packet;
  await env.countersign.decide(workflowId, says(packet, 'approve'));
  await env.countersign.decide(
    workflowId,
    says(packet, 'revise', { reviewer: 'bo', comment: 'which warehouse?' }),
  );
  const again = await env.until(workflowId, ({ revision, status }) => revision === 2 && status === 'open');
  expect(again).toMatchObject({ signatures: [], proposal: { action: 'ship' } });
  expect(again.proposal?.rationale).toContain('which warehouse?');
  expect(await env.countersign.decide(workflowId, says(packet, 'approve', { reviewer: 'cy' }))).toMatchObject(
    {
      code: 'STALE_REVISION',
    },
  );
  await env.countersign.decide(workflowId, says(again, 'approve', { reviewer: 'ana' }));
  await env.countersign.decide(workflowId, says(again, 'approve', { reviewer: 'bo' }));
  const { result, told } = await ended(packet);
  expect(result).toMatchObject({ outcome: 'executed', digest: again.digest });
  expect(told).toEqual([
    ...['proposed', 'opened', 'decided', 'decided', 'proposed', 'revised', 'refused', 'decided', 'decided'],
    ...['approved', 'executed', 'closed'],
  ]);
});

test('a given proposal that is sent back is the agent’s to revise; where it cannot, people are asked again', async () => {
  const packet = await env.opened();
  await env.countersign.decide(packet.workflowId, says(packet, 'revise', { comment: 'by train' }));
  const again = await env.until(packet.workflowId, ({ revision }) => revision === 2);
  expect(again.failure?.code).toBe('NOTHING_RECOGNISED');
  await env.countersign.decide(packet.workflowId, says(again, 'reject', { comment: 'then not' }));
  expect((await ended(packet)).result).toMatchObject({ outcome: 'rejected' });
});

test('what the agent proposes the second time is assessed like the first: args that do not fit cannot be approved', async () => {
  const bad = { task: `propose: ${JSON.stringify({ action: 'ship', args: { order: 'A-7', units: -2 } })}` };
  const packet = await env.opened(bad);
  await env.countersign.decide(packet.workflowId, says(packet, 'revise', { comment: 'more' }));
  const again = await env.until(packet.workflowId, ({ revision }) => revision === 2);
  expect(again.failure?.code).toBe('INVALID_ARGS');
  await env.countersign.decide(packet.workflowId, says(again, 'cancel', { reviewer: 'rita' }));
  expect((await ended(packet)).result).toMatchObject({ outcome: 'cancelled' });
});

test('a reviewer who says in a comment what to propose is obeyed', async () => {
  const packet = await env.propose(FAILS);
  const comment = `propose: ${JSON.stringify({ action: 'ship', args: { order: 'A-9', units: 1 } })}`;
  await env.countersign.decide(packet.workflowId, says(packet, 'revise', { comment }));
  const again = await env.until(packet.workflowId, ({ revision }) => revision === 2);
  expect(again).toMatchObject({ status: 'open', proposal: { args: { order: 'A-9', units: 1 } } });
  expect('failure' in again).toBe(false);
  await env.countersign.decide(packet.workflowId, says(again, 'approve', { reviewer: 'bo' }));
  expect((await ended(packet)).result).toMatchObject({ outcome: 'executed' });
});

test('while the agent is at work the gate is out of the inbox, decisions are refused, and the requester calls it off', async () => {
  const packet = await env.propose(PROPOSES);
  const { workflowId } = packet;
  env.faults.agentTakes = 60_000;
  await env.countersign.decide(workflowId, says(packet, 'revise', { comment: 'again' }));
  expect((await env.countersign.show(workflowId)).status).toBe('proposing');
  expect(await env.countersign.decide(workflowId, says(packet, 'approve', { reviewer: 'bo' }))).toMatchObject(
    {
      code: 'BEING_REVISED',
    },
  );
  const attributes = (
    await env.client.workflow.getHandle(workflowId).describe()
  ).typedSearchAttributes.getAll();
  expect(attributes.find(({ key }) => key.name === 'CountersignState')?.value).toBe('proposing');
  await env.countersign.decide(workflowId, says(packet, 'cancel', { reviewer: 'rita' }));
  const { result } = await ended(packet);
  expect(result).toMatchObject({ outcome: 'cancelled', reason: 'rita called it off' });
});

test('`temporal workflow cancel` while the agent is at work ends cancelled', async () => {
  const packet = await env.propose(PROPOSES);
  env.faults.agentTakes = 60_000;
  await env.countersign.decide(packet.workflowId, says(packet, 'revise', { comment: 'again' }));
  await env.client.workflow.getHandle(packet.workflowId).cancel();
  expect((await ended(packet)).result).toMatchObject({ outcome: 'cancelled' });
});

test('the worker restarts while the agent is at work: one next revision, and the record holds', async () => {
  const packet = await env.propose(PROPOSES);
  env.faults.agentTakes = 1_500;
  await env.countersign.decide(packet.workflowId, says(packet, 'revise', { comment: 'again' }));
  await env.stopWorker();
  env.faults.agentTakes = 0;
  await env.startWorker();
  const again = await env.until(
    packet.workflowId,
    ({ revision, status }) => revision === 2 && status === 'open',
  );
  await env.countersign.decide(packet.workflowId, says(again, 'approve'));
  expect((await ended(packet)).result).toMatchObject({ outcome: 'executed' });
});
