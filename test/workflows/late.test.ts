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

/** Long enough to open, to stop the worker and to send, also on a busy machine. */
const WITHIN = '8 seconds';
const by = (packet: Packet, reviewer: string, more: Partial<DecideInput> = {}): DecideInput => ({
  id: `${reviewer}-decides`,
  digest: packet.digest!,
  verdict: 'approve',
  reviewer,
  ...more,
});

/** Open under an order of its own, so that its effects can be told from others’. */
const opened = (order: string, more: Record<string, unknown> = {}) =>
  env.opened({ policy: within(WITHIN, more), proposal: { ...SHIP, args: { order, units: 1 } } });
const effectsOf = async (order: string): Promise<number> =>
  (await env.actions.effects()).filter(({ what }) => what === `${order} × 1`).length;

/** A plan’s first step, open; the plan is named by its first order. */
async function step(plan: string): Promise<Packet> {
  const steps = (['one', 'two'] as const).map((name) => ({
    name,
    proposal: { ...SHIP, args: { order: `${plan}-${name}`, units: 1 } },
    policy: within(name === 'one' ? WITHIN : '1 hour'),
  }));
  const argument = { v: 1, requester: 'rita', steps };
  await env.countersign.start('multiStepApproval', argument, plan);
  return env.until(`${plan}/one`, ({ status }) => status === 'open');
}

interface Late {
  opens(): Promise<Packet>;
  /** Sent while no worker runs, before the deadline. */
  before?(packet: Packet): DecideInput;
  /** And after it. */
  after?(packet: Packet): DecideInput;
}

const TASK = `propose: ${JSON.stringify({ action: 'ship', args: { order: 'back', units: 1 } })}`;
const approves = (packet: Packet) => by(packet, 'ana');

/** All of them are read late by one and the same worker that was down. */
const LATE = {
  inTime: { opens: () => opened('in-time'), before: approves },
  rejected: {
    opens: () => opened('rejected'),
    before: (packet) => by(packet, 'ana', { verdict: 'reject', comment: 'no stock' }),
  },
  tooLate: { opens: () => opened('too-late'), after: approves },
  both: {
    opens: () => opened('both', { quorum: 2 }),
    before: approves,
    after: (packet) => by(packet, 'bo'),
  },
  repeated: { opens: () => opened('repeated'), before: approves, after: approves },
  sentBack: {
    opens: () => env.propose({ task: TASK, requester: 'rita', policy: within(WITHIN) }),
    before: (packet) => by(packet, 'ana', { verdict: 'revise', comment: 'again' }),
    after: (packet) => by(packet, 'bo', { verdict: 'respond', answer: 'late' }),
  },
  stepInTime: { opens: () => step('plan-in-time'), before: approves },
  stepTooLate: { opens: () => step('plan-too-late'), after: approves },
} satisfies Record<string, Late>;

/** What is sent while no worker runs, before the deadlines and after them, and read when they are past. */
async function readLate<Name extends string>(stories: Record<Name, Late>): Promise<Record<Name, Packet>> {
  const all: [Name, Late, Packet][] = await Promise.all(
    (Object.entries(stories) as [Name, Late][]).map(async ([name, late]) => [name, late, await late.opens()]),
  );
  await env.stopWorker();
  for (const [, { before }, packet] of all)
    if (before !== undefined) await env.countersign.send(packet.workflowId, before(packet));
  for (const [, , { deadline }] of all) expect(Date.now()).toBeLessThan(Date.parse(deadline!)); // or it proves nothing
  for (const [, , { deadline }] of all) await past(deadline!);
  for (const [, { after }, packet] of all)
    if (after !== undefined) await env.countersign.send(packet.workflowId, after(packet));
  await env.startWorker();
  return Object.fromEntries(all.map(([name, , packet]) => [name, packet])) as Record<Name, Packet>;
}

let late: Record<keyof typeof LATE, Packet>;

beforeAll(async () => {
  env = await startWorkflowEnv();
  late = await readLate(LATE);
});
afterEach(() => {
  env.faults.historyUnreadable = false;
});
afterAll(() => env.stop());

const result = ({ workflowId }: Packet) => env.countersign.result(workflowId);

// First, since it is open for as long as it was before.
test('sent back in time and read late: the agent is asked again; an answer sent after the deadline is refused', async () => {
  const packet = late.sentBack;
  const { workflowId } = packet;
  const again = await env.until(workflowId, ({ revision, status }) => revision === 2 && status === 'open');
  expect(Date.parse(again.deadline!)).toBeGreaterThan(Date.parse(packet.deadline!));
  expect(await env.countersign.receipt(workflowId, 'bo-decides')).toMatchObject({ status: 'refused' });
  const approval = { ...by(again, 'cy'), id: 'cy-approves' };
  expect(await env.countersign.decide(workflowId, approval)).toMatchObject({ status: 'admitted' });
  expect(await env.countersign.result(workflowId)).toMatchObject({ outcome: 'executed' });
  expect(await env.failedTasks(workflowId)).toEqual([]);
});

test('sent before the deadline, read after it: the approval is honoured, with the time the server received it', async () => {
  const packet = late.inTime;
  const ended = await result(packet);
  expect(ended.outcome).toBe('executed');
  expect(Date.parse(ended.decisions[0]!.at)).toBeLessThan(Date.parse(packet.deadline!));
  expect(await effectsOf('in-time')).toBe(1);
  const entries = await env.audit(packet.workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'decided', 'approved', 'executed', 'closed']);
  const decided = entries.find(({ type }) => type === 'decided');
  expect(Date.parse(decided!.at)).toBeGreaterThan(Date.parse(packet.deadline!)); // when it was read
  expect(await env.failedTasks(packet.workflowId)).toEqual([]);
});

test('a rejection sent in time and read late is honoured as well', async () => {
  expect(await result(late.rejected)).toMatchObject({
    outcome: 'rejected',
    reason: 'ana rejected it: no stock',
  });
});

test('sent after the deadline: refused, and the outcome is expired', async () => {
  const packet = late.tooLate;
  expect(await result(packet)).toMatchObject({ outcome: 'expired', decisions: [] });
  expect(await effectsOf('too-late')).toBe(0);
  const entries = await env.audit(packet.workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'refused', 'closed']);
  expect(refusals(entries)).toEqual(['DEADLINE_PASSED']);
  await expect(env.countersign.receipt(packet.workflowId, 'ana-decides')).resolves.toMatchObject({
    status: 'refused',
    code: 'DEADLINE_PASSED',
  });
});

test('one in time and one too late in one reading: the first counts, the second is refused, the quorum is missed', async () => {
  const packet = late.both;
  const ended = await result(packet);
  expect(ended.outcome).toBe('expired');
  expect(ended.reason).toBe(`HUMAN did not decide by ${packet.deadline!}: 1 of 2 signatures`);
  expect(ended.decisions.map(({ reviewer }) => reviewer)).toEqual(['ana']);
  const entries = await env.audit(packet.workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'decided', 'refused', 'closed']);
  expect(refusals(entries)).toEqual(['DEADLINE_PASSED']);
});

test('the same decision sent again after the deadline changes nothing about the one in time', async () => {
  expect((await result(late.repeated)).outcome).toBe('executed');
});

describe('a step of a plan', () => {
  const planOf = async (id: string) => (await env.countersign.result(id)) as unknown as PlanResult;

  test('approved in time and read late: it is executed, and the next step is asked with all of its time', async () => {
    const [plan, packet] = ['plan-in-time', late.stepInTime];
    const ended = await result(packet);
    expect(ended).toMatchObject({ outcome: 'executed', result: { done: `${plan}-one × 1` } });
    expect(Date.parse(ended.decisions[0]!.at)).toBeLessThan(Date.parse(packet.deadline!));
    const next = await env.until(`${plan}/two`, ({ status }) => status === 'open');
    expect(Date.parse(next.deadline!)).toBeGreaterThan(Date.parse(packet.deadline!) + 3_600_000);
    await env.countersign.send(next.workflowId, by(next, 'ana', { verdict: 'reject', comment: 'no' }));
    expect(await planOf(plan)).toMatchObject({
      outcome: 'rejected',
      approvals: [true, false],
      steps: [
        { name: 'one', outcome: 'executed' },
        { name: 'two', outcome: 'rejected' },
      ],
    });
    expect(await effectsOf(`${plan}-one`)).toBe(1);
    for (const id of [plan, packet.workflowId]) expect(await env.failedTasks(id)).toEqual([]);
  });

  test('approved after its deadline: refused, the step expires, and the plan stops there', async () => {
    const [plan, packet] = ['plan-too-late', late.stepTooLate];
    expect(await result(packet)).toMatchObject({ outcome: 'expired', decisions: [] });
    expect(await planOf(plan)).toMatchObject({
      outcome: 'expired',
      completed: false,
      approvals: [false],
      steps: [{ name: 'one', outcome: 'expired' }],
    });
    expect(await effectsOf(`${plan}-one`)).toBe(0);
    expect(refusals(await env.audit(packet.workflowId))).toEqual(['DEADLINE_PASSED']);
    await expect(env.countersign.receipt(packet.workflowId, 'ana-decides')).resolves.toMatchObject({
      status: 'refused',
      code: 'DEADLINE_PASSED',
    });
    for (const id of [plan, packet.workflowId]) expect(await env.failedTasks(id)).toEqual([]);
  });
});

test('an update that is read late has no receive time: DEADLINE_PASSED, and the outcome is expired', async () => {
  const packet = await env.opened({ policy: within('3 seconds') });
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
  env.faults.historyUnreadable = true;
  const { unread } = await readLate({ unread: { opens: () => opened('unread'), before: approves } });
  expect(await result(unread)).toMatchObject({ outcome: 'expired', decisions: [] });
  expect(await effectsOf('unread')).toBe(0);
  const entries = await env.audit(unread.workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'refused', 'closed']);
  expect(refusals(entries)).toEqual(['RECEIVE_TIME_UNKNOWN']);
});

test('a decision made in time by a worker that runs needs no history: it counts while the history is unreadable', async () => {
  env.faults.historyUnreadable = true;
  const packet = await opened('readable');
  await env.countersign.send(packet.workflowId, by(packet, 'ana'));
  expect((await result(packet)).outcome).toBe('executed');
});
