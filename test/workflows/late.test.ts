/** What is read after the deadline: only when the server received it counts, and where that is unknown nothing does. */
import type { Packet, DecideInput } from '../../src/client';
import type { PlanResult } from '../../src/workflows/types/multi-step-approval';
import {
  past,
  refusals,
  SHIP,
  startWorkflowEnv,
  types,
  within,
  type WorkflowEnv,
} from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterEach(async () => {
  env.faults.historyUnreadable = false;
  await env.stopWorker();
  await env.startWorker();
});
afterAll(() => env.stop());

const open = (more: Record<string, unknown> = {}) => env.opened({ policy: within('3 seconds', more) });
const by = (packet: Packet, reviewer: string, more: Partial<DecideInput> = {}): DecideInput => ({
  id: `${reviewer}-decides`,
  digest: packet.digest!,
  verdict: 'approve',
  reviewer,
  ...more,
});

async function effectsOf(run: () => Promise<unknown>): Promise<number> {
  const before = (await env.actions.effects()).length;
  await run();
  return (await env.actions.effects()).length - before;
}

/** What is sent while no worker runs, before the deadline and after it, and read when it is past. */
async function readLate(packet: Packet, sent: { before?: DecideInput[]; after?: DecideInput[] }) {
  await env.stopWorker();
  for (const decision of sent.before ?? []) await env.countersign.send(packet.workflowId, decision);
  expect(Date.now()).toBeLessThan(Date.parse(packet.deadline!)); // or the test proves nothing
  await past(packet.deadline!);
  for (const decision of sent.after ?? []) await env.countersign.send(packet.workflowId, decision);
  await env.startWorker();
  return env.countersign.result(packet.workflowId);
}

test('sent before the deadline, read after it: the approval is honoured, with the time the server received it', async () => {
  const packet = await open();
  const effects = await effectsOf(async () => {
    const result = await readLate(packet, { before: [by(packet, 'ana')] });
    expect(result.outcome).toBe('executed');
    expect(Date.parse(result.decisions[0]!.at)).toBeLessThan(Date.parse(packet.deadline!));
  });
  expect(effects).toBe(1);
  const entries = await env.audit(packet.workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'decided', 'approved', 'executed', 'closed']);
  const decided = entries.find(({ type }) => type === 'decided');
  expect(Date.parse(decided!.at)).toBeGreaterThan(Date.parse(packet.deadline!)); // when it was read
  expect(await env.failedTasks(packet.workflowId)).toEqual([]);
});

test('a rejection sent in time and read late is honoured as well', async () => {
  const packet = await open();
  const result = await readLate(packet, {
    before: [by(packet, 'ana', { verdict: 'reject', comment: 'no stock' })],
  });
  expect(result).toMatchObject({ outcome: 'rejected', reason: 'ana rejected it: no stock' });
});

test('sent after the deadline: refused, and the outcome is expired', async () => {
  const packet = await open();
  const effects = await effectsOf(async () => {
    const result = await readLate(packet, { after: [by(packet, 'ana')] });
    expect(result).toMatchObject({ outcome: 'expired', decisions: [] });
  });
  expect(effects).toBe(0);
  const entries = await env.audit(packet.workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'refused', 'closed']);
  expect(refusals(entries)).toEqual(['DEADLINE_PASSED']);
  await expect(env.countersign.receipt(packet.workflowId, 'ana-decides')).resolves.toMatchObject({
    status: 'refused',
    code: 'DEADLINE_PASSED',
  });
});

test('one in time and one too late in one reading: the first counts, the second is refused, the quorum is missed', async () => {
  const packet = await open({ quorum: 2 });
  const result = await readLate(packet, { before: [by(packet, 'ana')], after: [by(packet, 'bo')] });
  expect(result.outcome).toBe('expired');
  expect(result.reason).toBe(`HUMAN did not decide by ${packet.deadline!}: 1 of 2 signatures`);
  expect(result.decisions.map(({ reviewer }) => reviewer)).toEqual(['ana']);
  const entries = await env.audit(packet.workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'decided', 'refused', 'closed']);
  expect(refusals(entries)).toEqual(['DEADLINE_PASSED']);
});

test('the same decision sent again after the deadline changes nothing about the one in time', async () => {
  const packet = await open();
  const decision = by(packet, 'ana');
  const result = await readLate(packet, { before: [decision], after: [decision] });
  expect(result.outcome).toBe('executed');
});

test('an update that is read late has no receive time: DEADLINE_PASSED, and the outcome is expired', async () => {
  const packet = await open();
  await env.stopWorker();
  await past(packet.deadline!);
  const answer = env.countersign.decide(packet.workflowId, by(packet, 'ana'));
  await new Promise((resolve) => setTimeout(resolve, 300)); // it is with the server when the worker starts
  await env.startWorker();
  await expect(answer).resolves.toMatchObject({ status: 'refused', code: 'DEADLINE_PASSED' });
  expect(await env.countersign.result(packet.workflowId)).toMatchObject({
    outcome: 'expired',
    decisions: [],
  });
  expect(refusals(await env.audit(packet.workflowId))).toEqual(['DEADLINE_PASSED']);
});

test('where the history cannot be read even a decision in time does not count: it fails closed', async () => {
  const packet = await open();
  env.faults.historyUnreadable = true;
  const effects = await effectsOf(async () => {
    const result = await readLate(packet, { before: [by(packet, 'ana')] });
    expect(result).toMatchObject({ outcome: 'expired', decisions: [] });
  });
  expect(effects).toBe(0);
  const entries = await env.audit(packet.workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'refused', 'closed']);
  expect(refusals(entries)).toEqual(['RECEIVE_TIME_UNKNOWN']);
});

test('a decision made in time by a worker that runs needs no history: it counts while the history is unreadable', async () => {
  env.faults.historyUnreadable = true;
  const packet = await open();
  await env.countersign.send(packet.workflowId, by(packet, 'ana'));
  expect((await env.countersign.result(packet.workflowId)).outcome).toBe('executed');
});

test('sent back in time and read late: the agent is asked again; an answer sent after the deadline is refused', async () => {
  const task = `propose: ${JSON.stringify({ action: 'ship', args: { order: 'A-7', units: 2 } })}`;
  const packet = await env.propose({ task, requester: 'rita', policy: within('3 seconds') });
  const { workflowId } = packet;
  await env.stopWorker();
  await env.countersign.send(workflowId, by(packet, 'ana', { verdict: 'revise', comment: 'again' }));
  expect(Date.now()).toBeLessThan(Date.parse(packet.deadline!));
  await past(packet.deadline!);
  await env.countersign.send(workflowId, by(packet, 'bo', { verdict: 'respond', answer: 'late' }));
  await env.startWorker();
  const again = await env.until(workflowId, ({ revision, status }) => revision === 2 && status === 'open');
  expect(Date.parse(again.deadline!)).toBeGreaterThan(Date.parse(packet.deadline!));
  expect(await env.countersign.receipt(workflowId, 'bo-decides')).toMatchObject({ status: 'refused' });
  const approval = { ...by(again, 'cy'), id: 'cy-approves' };
  expect(await env.countersign.decide(workflowId, approval)).toMatchObject({ status: 'admitted' });
  expect(await env.countersign.result(workflowId)).toMatchObject({ outcome: 'executed' });
  expect(await env.failedTasks(workflowId)).toEqual([]);
});

describe('a step of a plan', () => {
  const steps = ['one', 'two'].map((name) => ({
    name,
    proposal: { ...SHIP, args: { order: name, units: 1 } },
  }));
  let started = 0;

  /** Its first step, open for three seconds. */
  async function asked(): Promise<{ plan: string; packet: Packet }> {
    const plan = `late-plan-${String(++started)}`;
    const policy = within('3 seconds');
    await env.countersign.start('multiStepApproval', { v: 1, requester: 'rita', policy, steps }, plan);
    return { plan, packet: await env.until(`${plan}/one`, ({ status }) => status === 'open') };
  }
  const planOf = async (id: string) => (await env.countersign.result(id)) as unknown as PlanResult;

  test('approved in time and read late: it is executed, and the next step is asked with all of its time', async () => {
    const { plan, packet } = await asked();
    const effects = await effectsOf(async () => {
      const result = await readLate(packet, { before: [by(packet, 'ana')] });
      expect(result).toMatchObject({ outcome: 'executed', result: { done: 'one × 1' } });
      expect(Date.parse(result.decisions[0]!.at)).toBeLessThan(Date.parse(packet.deadline!));
      const next = await env.until(`${plan}/two`, ({ status }) => status === 'open');
      expect(Date.parse(next.deadline!)).toBeGreaterThan(Date.parse(packet.deadline!) + 3_000);
      await env.countersign.send(next.workflowId, by(next, 'ana', { verdict: 'reject', comment: 'no' }));
      expect(await planOf(plan)).toMatchObject({
        outcome: 'rejected',
        approvals: [true, false],
        steps: [
          { name: 'one', outcome: 'executed' },
          { name: 'two', outcome: 'rejected' },
        ],
      });
    });
    expect(effects).toBe(1);
    for (const id of [plan, packet.workflowId]) expect(await env.failedTasks(id)).toEqual([]);
  });

  test('approved after its deadline: refused, the step expires, and the plan stops there', async () => {
    const { plan, packet } = await asked();
    const effects = await effectsOf(async () => {
      const result = await readLate(packet, { after: [by(packet, 'ana')] });
      expect(result).toMatchObject({ outcome: 'expired', decisions: [] });
      expect(await planOf(plan)).toMatchObject({
        outcome: 'expired',
        completed: false,
        approvals: [false],
        steps: [{ name: 'one', outcome: 'expired' }],
      });
    });
    expect(effects).toBe(0);
    expect(refusals(await env.audit(packet.workflowId))).toEqual(['DEADLINE_PASSED']);
    await expect(env.countersign.receipt(packet.workflowId, 'ana-decides')).resolves.toMatchObject({
      status: 'refused',
      code: 'DEADLINE_PASSED',
    });
    for (const id of [plan, packet.workflowId]) expect(await env.failedTasks(id)).toEqual([]);
  });
});
