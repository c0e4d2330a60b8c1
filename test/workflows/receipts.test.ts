/** A receipt that was given stays: also of what was refused before there was a gate, or while the effect ran. */
import { SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterEach(() => Object.assign(env.faults, { storeDown: false, agentHeld: undefined }));
afterAll(() => env.stop());

const REFUSED = { status: 'refused', code: 'GATE_CLOSED' };

test('refused while the effect runs: still so after it', async () => {
  const { workflowId, digest } = await env.opened({ proposal: { ...SHIP, action: 'slow', args: {} } });
  const says = (reviewer: string) =>
    env.countersign.send(workflowId, { id: reviewer, digest: digest!, verdict: 'approve', reviewer });
  await says('ana');
  await env.until(workflowId, ({ status }) => status === 'executing');
  await says('bo');
  expect(await env.countersign.receipt(workflowId, 'bo')).toMatchObject(REFUSED);
  env.actions.release();
  await env.countersign.result(workflowId);
  expect(await env.countersign.receipt(workflowId, 'bo')).toMatchObject(REFUSED);
});

test('sent before a gate that never opens: refused, and malformed, with a receipt', async () => {
  env.faults.agentHeld = true;
  const { workflowId } = await env.countersign.propose({
    task: 'propose: {"action":"launch","args":{}}',
    requester: 'rita',
  });
  const early = { id: 'early', digest: 'f'.repeat(64), verdict: 'approve', reviewer: 'ana' } as const;
  await env.countersign.send(workflowId, early);
  await env.client.workflow.getHandle(workflowId).signal('decide', { v: 1, id: 'bad' });
  env.faults.agentHeld = undefined;
  await env.countersign.result(workflowId);
  expect(await env.countersign.receipt(workflowId, 'early')).toMatchObject(REFUSED);
  expect(await env.countersign.receipt(workflowId, 'bad')).toMatchObject({ code: 'MALFORMED_DECISION' });
});

test('malformed before the gate opens: its receipt is there when it is open', async () => {
  env.faults.agentHeld = true;
  const { workflowId } = await env.countersign.propose({ task: 'answer: 42', requester: 'rita' });
  await env.client.workflow.getHandle(workflowId).signal('decide', { v: 1, id: 'bad' });
  env.faults.agentHeld = undefined;
  await env.until(workflowId, ({ status }) => status === 'open');
  expect(await env.countersign.receipt(workflowId, 'bad')).toMatchObject({ code: 'MALFORMED_DECISION' });
});

test('sent again before the gate opens: answered as the first time; with other content it is a reuse', async () => {
  env.faults.agentHeld = true;
  const { workflowId } = await env.countersign.propose({ task: 'answer: 42', requester: 'rita' });
  const decide = (sent: object) => env.client.workflow.getHandle(workflowId).signal('decide', sent);
  await decide({ v: 1, id: 'bad' });
  const good = { v: 1, id: 'bad', digest: 'f'.repeat(64), verdict: 'approve', reviewer: 'ana' };
  await decide(good);
  const { countersign } = env;
  expect(await countersign.receipt(workflowId, 'bad')).toMatchObject({ code: 'MALFORMED_DECISION' });
  expect(await countersign.decide(workflowId, good as never)).toMatchObject({ code: 'ID_REUSED' });
  env.faults.agentHeld = undefined;
});

test('sent to a ladder whose agent turns out to be sure: refused, and still so after its end', async () => {
  env.faults.agentHeld = true;
  await env.countersign.start(
    'escalation',
    { v: 1, task: 'answer: x\nconfidence: 0.9', requester: 'rita' },
    'sure',
  );
  await env.until('sure', ({ waitingOn }) => waitingOn === 'sure/AGENT');
  const early = { id: 'early', digest: 'f'.repeat(64), verdict: 'approve', reviewer: 'ana' } as const;
  await env.countersign.send('sure', early);
  await env.countersign.send('sure/AGENT', early);
  env.faults.agentHeld = undefined;
  await env.countersign.result('sure');
  expect(await env.countersign.receipt('sure', 'early')).toMatchObject(REFUSED);
  expect(await env.countersign.receipt('sure/AGENT', 'early')).toMatchObject(REFUSED);
});

test('sent while a workflow without a gate waits for the store to take its end: refused, and it ends', async () => {
  env.faults.storeDown = true;
  const { workflowId } = await env.countersign.propose({
    task: 'propose: {"action":"launch","args":{}}',
    requester: 'rita',
  });
  await env.until(workflowId, ({ status, waitingFor }) => status === 'closed' && waitingFor !== undefined);
  const late = { id: 'late', digest: 'f'.repeat(64), verdict: 'approve', reviewer: 'ana' } as const;
  await env.countersign.send(workflowId, late);
  expect(await env.countersign.receipt(workflowId, 'late')).toMatchObject(REFUSED);
  env.faults.storeDown = false;
  expect(await env.countersign.result(workflowId)).toMatchObject({ outcome: 'failed' });
});

test('sent under the id of a decision that waits to be judged: refused, and the first one is judged all the same', async () => {
  env.faults.agentHeld = true;
  const { workflowId } = await env.countersign.propose({ task: 'answer: 42', requester: 'rita' });
  const decide = (sent: object) => env.client.workflow.getHandle(workflowId).signal('decide', sent);
  const first = { v: 1, id: 'one', digest: 'f'.repeat(64), verdict: 'approve', reviewer: 'ana' };
  await decide(first);
  await decide({ ...first, reviewer: 'bo' });
  await decide({ v: 1, id: 'one' });
  env.faults.agentHeld = undefined;
  await env.until(workflowId, ({ status }) => status === 'open');
  expect(await env.countersign.receipt(workflowId, 'one')).toMatchObject({ code: 'STALE_REVISION' });
});
