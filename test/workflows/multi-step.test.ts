/** Steps one after the other: in order, each once, and what was done taken back where the plan says so. */
import type { Packet } from '../../src/client';
import { digestOf } from '../../src/domain/digest';
import type { PlanResult } from '../../src/workflows/multi-step-approval';
import { SHIP, startWorkflowEnv, types, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

let started = 0;
const order = (name: string) => ({ ...SHIP, args: { order: name, units: 1 }, title: `Ship ${name}` });
const step = (name: string, more: object = {}) => ({ name, proposal: order(name), ...more });
const undo = (name: string, more: object = {}) => ({
  undo: { action: 'ship', args: { order: `${name}-back`, units: 1 }, ...more },
});

async function start(steps: object[], more: object = {}): Promise<string> {
  const id = `plan-${String(++started)}`;
  await env.countersign.start('multiStepApproval', { v: 1, requester: 'rita', steps, ...more }, id);
  return id;
}

/** The step's own packet, found through its plan. */
async function asked(plan: string, name: string): Promise<Packet> {
  const { waitingOn } = await env.until(plan, (packet) => packet.waitingOn === `${plan}/${name}`);
  return env.until(waitingOn!, ({ status }) => status === 'open');
}

async function says(packet: Packet, verdict: 'approve' | 'reject', more: object = {}) {
  await env.countersign.send(packet.workflowId, {
    digest: packet.digest!,
    verdict,
    reviewer: 'ana',
    ...(verdict === 'reject' ? { comment: 'not today' } : {}),
    ...more,
  });
}

const result = async (id: string) => (await env.countersign.result(id)) as unknown as PlanResult;
/** What was executed, in order. */
const ran = (before: number) => env.executions.slice(before).map(({ args }) => args['order']);

test('three steps approved in order are executed in order, and the plan says so', async () => {
  const before = env.executions.length;
  const id = await start([step('a1'), step('b1'), step('c1')]);
  for (const name of ['a1', 'b1', 'c1']) {
    const packet = await asked(id, name);
    expect(packet).toMatchObject({
      workflowId: `${id}/${name}`,
      root: { workflowId: id },
      gate: name,
      plan: { at: ['a1', 'b1', 'c1'].indexOf(name), onReject: 'stop' },
    });
    await says(packet, 'approve');
  }
  expect(await result(id)).toMatchObject({
    outcome: 'executed',
    completed: true,
    approvals: [true, true, true],
    steps: [
      { name: 'a1', outcome: 'executed' },
      { name: 'b1', outcome: 'executed' },
      { name: 'c1', outcome: 'executed' },
    ],
  });
  expect(ran(before)).toEqual(['a1', 'b1', 'c1']);
  expect(types(await env.audit(id))).toEqual([
    'planned',
    ...Array(3).fill(['step-opened', 'step-ended']).flat(),
    'closed',
  ]);
});

test('undo: what was done is taken back, last first, without being asked again', async () => {
  const before = env.executions.length;
  const id = await start([step('a2', undo('a2')), step('b2', undo('b2')), step('c2')], { onReject: 'undo' });
  const first = await asked(id, 'a2');
  expect(first.undo).toEqual({ action: 'ship', args: { order: 'a2-back', units: 1 } });
  expect(first.digest).toBe(
    digestOf({
      ...first.root!,
      gate: 'a2',
      revision: 1,
      action: 'ship',
      args: order('a2').args,
      undo: first.undo,
    }),
  );
  await says(first, 'approve');
  await says(await asked(id, 'b2'), 'approve');
  await says(await asked(id, 'c2'), 'reject');
  expect(await result(id)).toMatchObject({
    outcome: 'rejected',
    completed: false,
    approvals: [true, true, false],
    steps: [
      { name: 'a2', outcome: 'executed', undo: { outcome: 'executed' } },
      { name: 'b2', outcome: 'executed', undo: { outcome: 'executed' } },
      { name: 'c2', outcome: 'rejected' },
    ],
  });
  expect(ran(before)).toEqual(['a2', 'b2', 'b2-back', 'a2-back']);
});
