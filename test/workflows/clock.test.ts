/** Times and hashes of a record are the same at every replay, whatever workflow tasks were cut short by. */
import { Worker } from '@temporalio/worker';
import type { Packet } from '../../src/client';
import { dataConverter } from '../../src/connection';
import { until } from '../support/app';
import { DIRECTORY, placeOf, signed } from '../support/reviewers';
import { historyFromJson, historyToJson } from '../support/workflow-history';
import { workflowBundle } from '../support/workflow-bundle';
import { SHIP, startWorkflowEnv, types, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: DIRECTORY });
});
afterAll(() => env.stop());

/** Somebody queries before the worker has the next task: it is answered while the first local activity of that task is under way. */
async function cutShort(workflowId: string, step: () => Promise<unknown>): Promise<void> {
  await env.stopWorker();
  await step();
  env.faults.localHeld = true;
  const query = env.client.workflow.getHandle(workflowId).query('gate');
  await env.startWorker();
  await query.finally(() => (env.faults.localHeld = false));
}

async function replayed(workflowId: string): Promise<string | undefined> {
  const history = historyFromJson(
    historyToJson(await env.client.workflow.getHandle(workflowId).fetchHistory()),
  );
  const options = { workflowBundle: await workflowBundle(), dataConverter };
  for await (const { error } of Worker.runReplayHistories(options, [{ workflowId, history }]))
    return error?.message;
  return 'nothing was replayed';
}

/** Workflow tasks that were answered with no command, as a replay goes through them and the next as one. */
async function empty(workflowId: string): Promise<number> {
  const events = await env.history(workflowId);
  return events.filter(
    (event, index) =>
      event.workflowTaskCompletedEventAttributes && events[index + 1]?.workflowTaskScheduledEventAttributes,
  ).length;
}

const argument = (workflowId: string) => ({
  taskQueue: env.taskQueue,
  workflowId,
  args: [{ v: 1, requester: 'svc-orders', task: 'ship it', proposal: SHIP, policy: within('1 hour') }],
});
const start = (workflowId: string) =>
  env.client.workflow.start('proposeAndExecute', argument(workflowId)).then(() => undefined);

const open = (workflowId: string) => env.until(workflowId, ({ status }) => status === 'open');

async function approve(packet: Packet): Promise<void> {
  const { workflowId } = packet;
  const decision = { v: 1 as const, id: 'ana', digest: packet.digest!, verdict: 'approve' as const };
  await env.countersign.send(workflowId, signed({ ...decision, reviewer: 'ana' }, placeOf(packet)));
}

/**
 * A task without any command, of a signal that nobody knows. Behind one with commands a replay stops at each task, and shows its own
 * time; behind this one it goes through the next two as one.
 */
async function strayed(workflowId: string): Promise<void> {
  await env.client.workflow.getHandle(workflowId).signal('nobody-knows');
  const settled = async () => (await env.history(workflowId)).at(-1);
  await until(settled, (last) => last?.workflowTaskCompletedEventAttributes != null);
}

async function comesToTheSame(workflowId: string): Promise<void> {
  expect(await env.countersign.result(workflowId)).toMatchObject({ outcome: 'executed' });
  expect(await replayed(workflowId)).toBeUndefined();
  const found = types(await env.audit(workflowId)); // which verifies the chain against the workflow's head
  expect(found.filter((type) => type !== 'unknown-signal')).toEqual([
    ...['proposed', 'opened', 'decided', 'approved', 'executed', 'closed'],
  ]);
}

test('a query that is answered while the proposal is looked at', async () => {
  await cutShort('first', () => start('first'));
  await approve(await open('first'));
  expect(await empty('first')).toBeGreaterThan(0);
  await comesToTheSame('first');
}, 120_000);

test('a query that is answered while a signature is verified', async () => {
  await start('second');
  const packet = await open('second');
  await strayed('second');
  await cutShort('second', () => approve(packet));
  expect(await empty('second')).toBeGreaterThan(0);
  await comesToTheSame('second');
}, 120_000);

test('a task that is given up for the next one while it is found out what an effect came to', async () => {
  const packet = await env.opened({ proposal: { ...SHIP, action: 'slow', args: {} } });
  const { workflowId } = packet;
  await approve(packet);
  await env.until(workflowId, ({ status }) => status === 'executing');
  await strayed(workflowId);
  env.faults.localHeld = true;
  env.actions.release();
  // Before its time is up the worker answers it with nothing, and asks for another one.
  await until(
    () => empty(workflowId),
    (count) => count > 0,
  ).finally(() => (env.faults.localHeld = false));
  expect(await empty(workflowId)).toBeGreaterThan(0);
  await comesToTheSame(workflowId);
}, 120_000);

test('a query that is answered while what a flood has left is stored', async () => {
  await start('fourth');
  const packet = await open('fourth');
  await strayed('fourth');
  const handle = env.client.workflow.getHandle('fourth');
  await cutShort('fourth', () =>
    Promise.all(Array.from({ length: 99 }, () => handle.signal('nobody-knows'))),
  );
  await approve(packet);
  await comesToTheSame('fourth');
}, 120_000);
