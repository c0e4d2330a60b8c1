/** A run that goes on with one of ours: what it asks the server, what that costs, and what it does where nobody knows any more. */
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { describeSelf, firstRunOf } from '../../src/activities/server';
import { timed } from '../../src/activities/timed';
import type { Activities } from '../../src/activities/types';
import { append, openChain, type Fact } from '../../src/domain/audit';
import type { Root } from '../../src/domain/digest';
import { NEW_PLAN } from '../../src/domain/plan';
import type { Carried } from '../../src/workflows/gate/context';
import { until } from '../support/app';
import { SEED } from '../support/forged';
import { approvedBy, left, MALLORY, openedBy, taken } from '../support/forger';
import { FORGETS_SOON, forgotten } from '../support/retention';
import { workflowBundle } from '../support/workflow-bundle';
import {
  SHIP,
  startWorkflowEnv,
  within,
  type Entry,
  type Event,
  type WorkflowEnv,
} from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { server: FORGETS_SOON });
});
afterAll(() => env.stop());

let nth = 0;
const named = (what: string) => `${what}-${String(++nth)}`;
const GIVEN = { v: 1, task: 'ship it', requester: 'rita', proposal: SHIP, policy: within('1 hour') };

async function start(type: string, argument: object): Promise<string> {
  const workflowId = named(type);
  await env.client.workflow.start(type, { taskQueue: env.taskQueue, workflowId, args: [argument] });
  return workflowId;
}

/** Signals that mean nothing, more than a run takes; then the id of the run that goes on. */
async function rolledOver(workflowId: string): Promise<string> {
  const handle = env.client.workflow.getHandle(workflowId);
  const { runId: before } = await handle.describe();
  for (let sent = 0; sent < 2_010; sent += 30)
    await Promise.all(Array.from({ length: 30 }, () => handle.signal('decied', { v: 1 })));
  return until(
    async () => (await handle.describe()).runId,
    (runId) => runId !== before,
    60_000,
  );
}

/** The local activities of a run, by name, in their order. */
function local(events: readonly Event[]): string[] {
  return events.flatMap(({ markerRecordedEventAttributes: marker }) => {
    const [data] = marker?.details?.['data']?.payloads ?? [];
    if (data?.data == null) return [];
    return (JSON.parse(Buffer.from(data.data).toString()) as { activity_type: string }).activity_type;
  });
}

function continuedFrom([first]: readonly Event[]): string {
  return first?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
}

async function approve(workflowId: string, gate = 'main'): Promise<void> {
  const { digest } = await env.until(workflowId, (one) => one.gate === gate && one.status === 'open');
  await env.countersign.send(workflowId, { digest: digest!, verdict: 'approve', reviewer: 'ana' });
}

const told = async (workflowId: string): Promise<Entry[]> =>
  (await env.store.entries(workflowId)).map(({ text = '' }) => JSON.parse(text) as Entry);

/** As if that run called it. */
function asked<Name extends keyof Activities>(name: Name, workflowId: string, runId: string) {
  const mock = new MockActivityEnvironment(
    {
      isLocal: true,
      taskQueue: env.taskQueue,
      workflowType: 'proposeAndExecute',
      workflowExecution: { workflowId, runId },
    },
    { logger: new DefaultLogger('ERROR'), client: env.client },
  );
  return (...request: Parameters<Activities[Name]>): ReturnType<Activities[Name]> =>
    mock.run(env.activities[name] as never, ...request) as ReturnType<Activities[Name]>;
}

describe('after 2,000 signals', () => {
  test('a gate goes on, twice: one event a run, each on record, and the last asks the record for the one before', async () => {
    const workflowId = await start('proposeAndExecute', GIVEN);
    const { digest, root } = await env.until(workflowId, ({ status }) => status === 'open');
    const second = await rolledOver(workflowId);
    await env.until(workflowId, ({ status }) => status === 'open');
    const [started, ...rest] = await env.history(workflowId, second);
    expect(started?.workflowExecutionStartedEventAttributes?.firstExecutionRunId).toBe(root?.firstRunId);
    // In the very task that it began with: its marker comes right behind the end of that.
    const first = rest.findIndex((one) => one.workflowTaskCompletedEventAttributes);
    expect(local(rest.slice(first + 1, first + 2))).toEqual(['continued']);
    expect(local(rest)).toEqual(['continued']);

    env.faults.recordUnreadable = true;
    const third = await rolledOver(workflowId);
    // The record has to say who came before the second run. Until it does, updates wait as signals do.
    const history = () => env.history(workflowId, third);
    await until(history, (events) => events.some((one) => one.timerStartedEventAttributes), 30_000);
    const decision = { v: 1, id: 'good', digest, verdict: 'approve', reviewer: 'ana' };
    const answer = env.client.workflow.getHandle(workflowId).executeUpdate('decide', { args: [decision] });
    await until(history, (events) =>
      events.some((one) => one.workflowExecutionUpdateAcceptedEventAttributes),
    );
    env.faults.recordUnreadable = false;
    await expect(answer).resolves.toMatchObject({ status: 'admitted' });
    await expect(env.countersign.result(workflowId)).resolves.toMatchObject({ outcome: 'executed' });
    // A task that was given out again may have left a branch: the server refuses to go on where a signal has just come.
    const entries = await told(workflowId);
    expect(entries.filter(({ type }) => type === 'continued')).toMatchObject([
      { runId: second, from: root?.firstRunId },
      { runId: third, from: second },
    ]);
  }, 240_000);

  test('a plan goes on between two steps, and feedback goes on: one event each', async () => {
    const steps = ['a', 'b'].map((name) => ({
      name,
      proposal: { ...SHIP, args: { order: name, units: 1 } },
    }));
    const plan = await start('multiStepApproval', {
      v: 1,
      requester: 'rita',
      policy: within('1 hour'),
      steps,
    });
    const { digest } = await env.until(`${plan}/a`, ({ status }) => status === 'open');
    const handle = env.client.workflow.getHandle(plan);
    for (let sent = 0; sent < 2_010; sent += 30)
      await Promise.all(Array.from({ length: 30 }, () => handle.signal('decied', 1)));
    const { runId: before } = await handle.describe();
    await env.countersign.send(`${plan}/a`, { digest: digest!, verdict: 'approve', reviewer: 'ana' });
    const b = await env.until(`${plan}/b`, ({ status }) => status === 'open', 60_000);
    const { runId } = await handle.describe();
    expect(runId).not.toBe(before);
    await env.countersign.send(`${plan}/b`, { digest: b.digest!, verdict: 'approve', reviewer: 'ana' });
    await expect(env.countersign.result(plan)).resolves.toMatchObject({
      outcome: 'executed',
      completed: true,
    });
    expect(local(await env.history(plan, runId)).filter((name) => name === 'continued')).toHaveLength(1);
    expect(await told(plan)).toContainEqual(
      expect.objectContaining({ type: 'continued', runId, from: before }),
    );

    const feedback = await start('collectFeedback', { v: 1, runId: 'r', output: 'text', keys: ['tone'] });
    const second = await rolledOver(feedback);
    await env.client.workflow
      .getHandle(feedback)
      .signal('feedback', { v: 1, id: '1', reviewer: 'ana', key: 'tone', score: 1 });
    await expect(env.client.workflow.getHandle(feedback).result()).resolves.toMatchObject({
      feedback: [{ id: '1' }],
    });
    expect(local(await env.history(feedback, second))).toEqual(['continued']);
  }, 240_000);
});

describe('somebody who polls our own queue has a run of ours go on', () => {
  /** Begun, and gone on by hand while no worker of ours runs. */
  async function goneOn(type: string, argument: object, carried: (root: Root) => unknown) {
    const workflowId = await start(type, argument);
    const task = await taken(env, env.taskQueue);
    expect(task.root.workflowId).toBe(workflowId);
    await task.goOnAs(type, env.taskQueue, [argument, carried(task.root)]);
    return task.root;
  }

  async function onRecord(root: Root, fact: Fact): Promise<void> {
    const { pending } = append(openChain(root, SEED), fact, new Date().toISOString());
    await env.store.append(pending.map((entry) => ({ ...root, ...entry })));
  }

  test('with nonsense: each ends with a code, and no task fails again and again', async () => {
    await env.stopWorker();
    const gate = (change: (carried: Carried) => unknown) => (root: Root) =>
      change(left(openedBy(root), root));
    const begun = [
      await goneOn('proposeAndExecute', GIVEN, () => 'nonsense'),
      await goneOn('proposeAndExecute', GIVEN, () => ({ gate: {}, ledger: {}, setting: {} })),
      await goneOn(
        'proposeAndExecute',
        GIVEN,
        gate((carried) => ({ ...carried, gate: { ...carried.gate, policy: 7 } })),
      ),
      await goneOn(
        'proposeAndExecute',
        GIVEN,
        gate((carried) => ({
          ...carried,
          gate: { ...carried.gate, status: 'approved', basis: 'signatures' },
        })),
      ),
      await goneOn(
        'proposeAndExecute',
        GIVEN,
        gate((carried) => ({ ...carried, gate: { ...carried.gate, rung: 9 } })),
      ),
      await goneOn('confirm', { v: 1, action: 'Look', level: 'CONFIRM', requester: 'rita' }, () => []),
      await goneOn(
        'multiStepApproval',
        { v: 1, requester: 'rita', steps: [{ name: 'a', proposal: SHIP }] },
        () => ({
          plan: { ...NEW_PLAN, done: [7] },
        }),
      ),
      await goneOn('collectFeedback', { v: 1, runId: 'r', output: 'text' }, () => ({
        desk: 1,
        deliveries: 2,
      })),
    ];
    await env.startWorker();
    for (const { workflowId } of begun) {
      await expect(env.client.workflow.getHandle(workflowId).result()).rejects.toMatchObject({
        cause: { type: 'NOT_CONTINUED_BY_US', message: expect.stringContaining('cannot be read') },
      });
      expect(await env.failedTasks(workflowId)).toEqual([]);
    }
  }, 120_000);

  test('of a run that is gone, and that the record does not know: people are asked anew, and nothing it left counts', async () => {
    await env.stopWorker();
    const forged = (at: Root) => ({ ...left(openedBy(at), at), ledger: approvedBy(at).ledger });
    const root = await goneOn('proposeAndExecute', GIVEN, forged);
    await onRecord(root, { type: 'unknown-signal', gate: 'main', name: 'what the record had' });
    await forgotten(env, root);
    await env.startWorker();
    const packet = await env.until(root.workflowId, ({ status }) => status === 'open');
    expect(packet.proposal?.args).toEqual(SHIP.args);
    expect(packet.proposal?.args).not.toEqual(MALLORY);
    await env.countersign.send(root.workflowId, {
      digest: packet.digest!,
      verdict: 'approve',
      reviewer: 'ana',
    });
    await expect(env.countersign.result(root.workflowId)).resolves.toMatchObject({ outcome: 'executed' });
    const { runId } = await env.client.workflow.getHandle(root.workflowId).describe();
    const entries = await told(root.workflowId);
    expect(entries.slice(0, 2)).toMatchObject([
      { type: 'unknown-signal', seq: 1 },
      { type: 'continued', seq: 2, runId, from: root.firstRunId, gone: root.firstRunId },
    ]);
    expect(entries.filter(({ type }) => type === 'approved')).toMatchObject([{ digest: packet.digest }]);
  }, 120_000);

  test('of a plan’s run that is gone: no step is done twice for it', async () => {
    await env.stopWorker();
    const argument = { v: 1, requester: 'rita', steps: [{ name: 'a', proposal: SHIP }] };
    const root = await goneOn('multiStepApproval', argument, (at) => ({
      plan: NEW_PLAN,
      answers: { answered: [], refusals: 0 },
      ledger: left(openedBy(at), at).ledger,
    }));
    await forgotten(env, root);
    await env.startWorker();
    await expect(env.client.workflow.getHandle(root.workflowId).result()).rejects.toMatchObject({
      cause: { type: 'NOT_CONTINUED_BY_US', message: expect.stringContaining('the steps that are left') },
    });
  }, 120_000);

  test('of a run that is gone, and that the record knows as checked: it goes on', async () => {
    await env.stopWorker();
    const root = await goneOn('proposeAndExecute', GIVEN, (at) => left(openedBy(at), at));
    const second = await taken(env, env.taskQueue);
    await second.goOnAs('proposeAndExecute', env.taskQueue, [GIVEN, left(openedBy(root), root)]);
    const { runId: third } = await env.client.workflow.getHandle(root.workflowId).describe();
    const check = asked('continued', root.workflowId, third);
    await expect(check()).resolves.toEqual({});
    await forgotten(env, root);
    await expect(check()).resolves.toMatchObject({ gone: { runId: root.firstRunId, entries: 0 } });
    await onRecord(root, { type: 'continued', runId: second.root.firstRunId, from: root.firstRunId });
    await expect(check()).resolves.toEqual({});
    await forgotten(env, { ...root, firstRunId: second.root.firstRunId });
    await expect(check()).resolves.toEqual({});
    await env.startWorker();
    await env.client.workflow.getHandle(root.workflowId).terminate();
  }, 180_000);
});

describe('a workflow of one’s own', () => {
  let own: Worker;
  let running: Promise<void>;
  beforeAll(async () => {
    own = await Worker.create({
      connection: env.native,
      taskQueue: 'own',
      workflowBundle: await workflowBundle(path.join(__dirname, '../support/workflow-own.ts')),
      activities: timed(env.activities),
    });
    running = own.run();
  });
  afterAll(async () => {
    own.shutdown();
    await running;
  });

  const begin = (workflowId: string, gates: string[], more: object = {}) =>
    env.client.workflow.start('runs', { taskQueue: 'own', workflowId, args: [SHIP, gates], ...more });

  test('a gate name that an earlier run has closed asks nobody again; another name does', async () => {
    const workflowId = named('own');
    const handle = await begin(workflowId, ['a', 'b', 'a']);
    await approve(workflowId, 'a');
    await approve(workflowId, 'b');
    await expect(handle.result()).resolves.toEqual([
      'executed',
      'executed',
      expect.stringMatching(/^failed RUN_REPEATED: .*the gate "a"/),
    ]);
  }, 60_000);

  test('what its own run has closed, in a task that the server gives out again, is no earlier run’s', async () => {
    const workflowId = named('own');
    const handle = await begin(workflowId, ['a', 'b', 'c']);
    await approve(workflowId, 'a');
    await approve(workflowId, 'b');
    await env.until(workflowId, (one) => one.gate === 'c' && one.status === 'open');
    const { runId: third } = await handle.describe();
    const second = continuedFrom(await env.history(workflowId, third));
    expect(continuedFrom(await env.history(workflowId, second))).toBe(handle.firstExecutionRunId);
    const root = { workflowId, firstRunId: handle.firstExecutionRunId };
    const asks = (runId: string, gate: string) =>
      asked('assess', workflowId, runId)({ ...SHIP, requester: 'rita', by: 'rita', opens: { root, gate } });
    await expect(asks(second, 'b')).resolves.toMatchObject({ ok: true });
    const repeated = { ok: false, code: 'RUN_REPEATED' };
    await expect(asks(second, 'a')).resolves.toMatchObject(repeated);
    await expect(asks(third, 'b')).resolves.toMatchObject(repeated);
    await handle.terminate();
  }, 60_000);

  test('by a cron schedule, and in a retry: RUN_REPEATED', async () => {
    const workflowId = named('own');
    const handle = await begin(workflowId, ['a'], { cronSchedule: '@every 1s' });
    const last = async () => (await env.history(workflowId, handle.firstExecutionRunId)).at(-1);
    const { workflowExecutionFailedEventAttributes: failed } = (await until(last, (event) =>
      Boolean(event?.workflowExecutionFailedEventAttributes),
    )) as Event;
    expect(failed?.failure?.applicationFailureInfo?.type).toBe('RUN_REPEATED');
    await handle.terminate();
    const retried = named('own');
    const again = await begin(retried, ['a'], {
      workflowRunTimeout: '3 seconds',
      retry: { initialInterval: '100 milliseconds', maximumAttempts: 2 },
    });
    await expect(again.result()).rejects.toMatchObject({ cause: { type: 'RUN_REPEATED' } });
  }, 60_000);
});

test('a run that an operator has reset belongs to the same first run', async () => {
  const workflowId = await start('proposeAndExecute', GIVEN);
  await env.until(workflowId, ({ status }) => status === 'open');
  const handle = env.client.workflow.getHandle(workflowId);
  const { runId: first } = await handle.describe();
  const events = await env.history(workflowId);
  const end = events.find((one) => one.workflowTaskCompletedEventAttributes);
  const { runId } = await env.connection.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId: first },
    workflowTaskFinishEventId: end!.eventId!,
    requestId: named('reset'),
    reason: 'a test',
  });
  expect(runId).not.toBe(first);
  const mock = new MockActivityEnvironment(
    { workflowExecution: { workflowId, runId } },
    { logger: new DefaultLogger('ERROR'), client: env.client },
  );
  await expect(mock.run(firstRunOf)).resolves.toEqual({ workflowId, firstRunId: first });
  await expect(mock.run(describeSelf)).resolves.toMatchObject({
    root: { workflowId, firstRunId: first },
    running: true,
    type: 'proposeAndExecute',
    taskQueue: env.taskQueue,
  });
  await approve(workflowId);
  await expect(env.countersign.result(workflowId)).resolves.toMatchObject({ outcome: 'executed' });
});
