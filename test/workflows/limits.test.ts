/** Limits on how many gates may be open at once: a flood waits for its turn, in order, and nobody is let through for it. */
import type { Packet } from '../../src/client';
import { CountersignState } from '../../src/workflows/messages';
import { SHIP, sendRaw, startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());
afterEach(() => {
  env.configured.limits = undefined;
});

let started = 0;
async function start(requester: string, more: object = {}): Promise<string> {
  const id = `limited-${String(++started)}`;
  const policy = within('1 hour');
  await env.countersign.propose({ task: 'ship it', requester, proposal: SHIP, policy, ...more }, id);
  return id;
}
const isOpen = ({ status }: Packet) => status === 'open';
const isQueued = ({ status, waitingFor }: Packet) => status === 'proposing' && waitingFor !== undefined;
const settled = (packet: Packet) => isOpen(packet) || isQueued(packet);
const says = (workflowId: string, { digest = '' }: Packet, reviewer = 'ana') =>
  env.countersign.decide(workflowId, { digest, verdict: 'approve', reviewer });

test('of a flood three are put to people; each that ends lets the next one in, in the order of their starts', async () => {
  env.configured.limits = { openPerRequester: 3 };
  const ids: string[] = [];
  for (let nth = 0; nth < 10; nth += 1) ids.push(await start('flo'));
  const packets = await Promise.all(ids.map((id) => env.until(id, settled)));
  expect(packets.map(isOpen)).toEqual(ids.map((_, nth) => nth < 3));
  expect(packets[9]?.waitingFor).toMatch(
    /^the requester flo may have 3 open at once; \d (?:is|are)(?:, and \d more waits? before this one)?$/,
  );
  expect(packets[9]?.verdicts).toEqual([]);
  const other = await start('flo-2');
  await env.until(other, isOpen);
  await says(ids[1] as string, packets[1] as Packet);
  const next = await env.until(ids[3] as string, isOpen, 30_000);
  const later = await Promise.all(ids.slice(4).map((id) => env.countersign.show(id)));
  expect(later.map(isQueued)).toEqual(later.map(() => true));
  await says(ids[3] as string, next);
  expect(await env.countersign.result(ids[3] as string)).toMatchObject({ outcome: 'executed' });
  const entries = await env.audit(ids[3] as string);
  expect(entries.map(({ type }) => type)).toEqual([
    'proposed',
    'queued',
    'opened',
    'decided',
    'approved',
    'executed',
    'closed',
  ]);
  const called = ids[9] as string;
  await env.client.workflow.getHandle(called).cancel();
  expect(await env.countersign.result(called)).toMatchObject({ outcome: 'cancelled', decisions: [] });
  expect(await stateOf(called)).toBe('cancelled');
});

test('a decision that comes while it waits in the queue is judged when it opens, and not before', async () => {
  env.configured.limits = { openPerRequester: 1 };
  const first = await start('ed');
  const open = await env.until(first, isOpen);
  const second = await start('ed');
  await env.until(second, isQueued);
  await env.countersign.send(second, {
    id: 'early',
    digest: 'f'.repeat(64),
    verdict: 'approve',
    reviewer: 'ana',
  });
  expect(await env.countersign.receipt(second, 'early')).toMatchObject({ status: 'pending' });
  await says(first, open);
  await env.until(second, isOpen, 30_000);
  expect(await env.countersign.receipt(second, 'early')).toMatchObject({ code: 'STALE_REVISION' });
});

test('a bad day in the queue: what does not decode, a repeat, another worker, the store down; and a name that a query could trip over', async () => {
  env.configured.limits = { openPerRequester: 1 };
  const name = `o'neil "\\" OR 1=1 --`;
  const open = await env.until(await start(name), isOpen);
  const id = await start(name);
  await env.until(id, isQueued);
  await sendRaw(env, id, [{ data: new TextEncoder().encode('{') }]);
  const early = { v: 1, id: 'early', digest: open.digest, verdict: 'approve', reviewer: 'ana' };
  for (let nth = 0; nth < 2; nth += 1) await env.client.workflow.getHandle(id).signal('decide', early);
  await env.stopWorker();
  await env.startWorker();
  env.faults.storeDown = true;
  expect(isQueued(await env.countersign.show(id))).toBe(true);
  env.faults.storeDown = false;
  await says(open.workflowId, open);
  const packet = await env.until(id, isOpen, 60_000);
  expect(await env.countersign.receipt(id, 'early')).toMatchObject({ code: 'STALE_REVISION' });
  await says(id, packet);
  expect(await env.countersign.result(id)).toMatchObject({ outcome: 'executed' });
  expect((await env.audit(id)).filter(({ type }) => type === 'queued')).toHaveLength(1);
  expect(await env.failedTasks(id)).toEqual([]);
});

test('an agent has a limit of its own, whoever asks it; a notice takes none', async () => {
  env.configured.limits = { openPerAgent: 1 };
  const task = `propose: ${JSON.stringify({ action: 'ship', args: SHIP.args })}`;
  const first = await start('ann', { task, proposal: undefined });
  await env.until(first, isOpen);
  const second = await start('bob', { task, proposal: undefined });
  expect((await env.until(second, isQueued)).waitingFor).toBe(
    'the agent AGENT (offline) may have 1 open at once; 1 is',
  );
  const given = await start('ann');
  await env.until(given, isOpen);
  const told = await start('bob', {
    task,
    proposal: undefined,
    policy: { ...within('1 hour'), confirmation: 'INFO' },
  });
  expect(await env.countersign.result(told)).toMatchObject({ outcome: 'executed' });
});

test('a queue that nobody leaves ends when it was said to, and nothing has run', async () => {
  env.configured.limits = { openPerRequester: 1, queueWithin: '3 seconds' };
  const runs = env.executions.length;
  await env.until(await start('sam'), isOpen);
  const waits = await start('sam');
  const { outcome, reason } = await env.countersign.result(waits);
  expect({ outcome, reason }).toEqual({
    outcome: 'expired',
    reason: 'no place among the open gates within 3 seconds: the requester sam may have 1 open at once; 1 is',
  });
  expect(env.executions.length).toBe(runs);
  expect(await stateOf(waits)).toBe('expired');
});

test('no limit, no event; one that lets through at once costs an attribute, an activity and a workflow task', async () => {
  const free = await start('una');
  await says(free, await env.until(free, isOpen));
  await env.countersign.result(free);
  env.configured.limits = { openPerAgent: 1 };
  const unconcerned = await start('una'); // it brings its own proposal
  await says(unconcerned, await env.until(unconcerned, isOpen));
  await env.countersign.result(unconcerned);
  expect(await costOf(unconcerned)).toEqual(await costOf(free));
  env.configured.limits = { openPerRequester: 100 };
  const counted = await start('una');
  await says(counted, await env.until(counted, isOpen));
  await env.countersign.result(counted);
  expect((await costOf(counted)).length).toBe((await costOf(free)).length + 4);
});

/** Its events, but for the workflow tasks, which fall together as they come. */
async function costOf(workflowId: string): Promise<unknown[]> {
  const types = (await env.history(workflowId)).map(({ eventType }) => String(eventType));
  return types.filter((type) => !/^EVENT_TYPE_WORKFLOW_TASK_|^[567]$/.test(type));
}

/** As the inbox's query would find it. */
async function stateOf(workflowId: string): Promise<unknown> {
  const { typedSearchAttributes } = await env.client.workflow.getHandle(workflowId).describe();
  return typedSearchAttributes.get(CountersignState);
}
