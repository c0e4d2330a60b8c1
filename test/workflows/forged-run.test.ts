/**
 * Runs that are not ours: by a cron schedule, by a retry, and by a workflow of somebody else's that goes on as ours. Each is refused with
 * its code before anything is opened, and nothing runs. And activities that somebody else's workflow schedules.
 */
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import type { WorkflowStartOptions } from '@temporalio/client';
import type { Root } from '../../src/domain/digest';
import { NEW_PLAN } from '../../src/domain/plan';
import { run, temporalBinary, until } from '../support/app';
import { approvedBy, left, MALLORY, openedBy, taken } from '../support/forger';
import { workflowBundle } from '../support/workflow-bundle';
import { SHIP, startWorkflowEnv, within, type Event, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

const START = { v: 1, task: 'forged', requester: 'mallory' };
const GIVEN = { ...START, proposal: SHIP, policy: within('1 hour') };
const ARGUMENTS: Readonly<Record<string, object>> = {
  proposeAndExecute: START,
  generateAndReview: START,
  confirm: { v: 1, action: 'Look', level: 'CONFIRM', requester: 'mallory' },
  escalation: START,
  multiStepApproval: { v: 1, requester: 'mallory', steps: [{ name: 'a', proposal: SHIP }] },
  collectFeedback: { v: 1, runId: 'a-run', output: 'text' },
  reconcile: { v: 1 },
};

let nth = 0;
const named = (what: string) => `${what}-${String(++nth)}`;

async function begun(type: string, options: Partial<WorkflowStartOptions> & { args: unknown[] }) {
  const workflowId = named(type);
  const { taskQueue } = env;
  return env.client.workflow.start(type, { taskQueue, ...options, workflowId });
}

/** Each run's id, and the code that it failed with; undefined of one that did not, or has not yet. */
async function ends(workflowId: string): Promise<Map<string, string | undefined>> {
  const codes = new Map<string, string | undefined>();
  for await (const { runId } of env.client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const last = (await env.history(workflowId, runId)).at(-1);
    codes.set(runId, codeIn(last));
  }
  return codes;
}

function codeIn(event: Event | undefined): string | undefined {
  return event?.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo?.type ?? undefined;
}

async function nothingRan(workflowId: string): Promise<void> {
  expect((await env.actions.effects()).filter(({ what }) => what.includes('mallory'))).toEqual([]);
  expect(await env.store.entries(workflowId)).toEqual([]);
}

describe('a workflow of one’s own goes on as ours', () => {
  async function goesOnAs(type: string, args: (root: Root) => unknown[], as = 'evil') {
    const workflowId = named('evil');
    const own = `of-${workflowId}`;
    await env.client.workflow.start(as, { taskQueue: own, workflowId, args: [] });
    const task = await taken(env, own);
    await task.goOnAs(type, env.taskQueue, args(task.root));
    return { workflowId, ended: env.client.workflow.getHandle(workflowId).result() };
  }
  const NOT = { cause: { type: 'NOT_CONTINUED_BY_US' } };

  test.each<[string, (root: Root) => unknown]>([
    ['that two people have approved', (root) => approvedBy(root)],
    ['that is open', (root) => left(openedBy(root), root)],
    ['whose entries name another chain', (root) => approvedBy(root, { ...root, firstRunId: 'X' })],
    ['that is nonsense', () => ({ gate: 'yes', ledger: [] })],
    ['that is null', () => null],
  ])('with a gate %s', async (_, carried) => {
    const { workflowId, ended } = await goesOnAs('proposeAndExecute', (root) => [START, carried(root)]);
    await expect(ended).rejects.toMatchObject(NOT);
    await nothingRan(workflowId);
  });

  test('under the name of a type of ours, on a queue of its own', async () => {
    const args = (root: Root) => [START, left(openedBy(root), root)];
    const { workflowId, ended } = await goesOnAs('proposeAndExecute', args, 'proposeAndExecute');
    await expect(ended).rejects.toMatchObject({
      cause: { type: 'NOT_CONTINUED_BY_US', message: expect.stringContaining(`of-${workflowId}`) },
    });
    await nothingRan(workflowId);
  });

  test.each(Object.keys(ARGUMENTS))('as %s, with nothing but its argument', async (type) => {
    const { workflowId, ended } = await goesOnAs(type, () => [ARGUMENTS[type]]);
    await expect(ended).rejects.toMatchObject(NOT);
    await nothingRan(workflowId);
  });

  test.each<[string, (root: Root) => unknown]>([
    [
      'multiStepApproval',
      (root) => ({
        plan: NEW_PLAN,
        answers: { answered: [], refusals: 0 },
        ledger: left(openedBy(root), root).ledger,
      }),
    ],
    [
      'collectFeedback',
      () => ({
        desk: {
          collection: { taken: [], bytes: 0, refused: 0, refusals: [], closed: false },
          closesAt: Date.now() + 60_000,
        },
        deliveries: { stored: 0, judged: true, sending: [], undelivered: [] },
      }),
    ],
  ])('as %s, with what its run leaves', async (type, carried) => {
    const { workflowId, ended } = await goesOnAs(type, (root) => [ARGUMENTS[type], carried(root)]);
    await expect(ended).rejects.toMatchObject(NOT);
    await nothingRan(workflowId);
  });
});

describe('by a cron schedule', () => {
  /** Waits until so many runs have ended, and ends what is left of it. */
  async function endedRuns(workflowId: string, count: number): Promise<(string | undefined)[]> {
    const codes = await until(
      async () => [...(await ends(workflowId)).values()].filter((code) => code !== undefined),
      (found) => found.length >= count,
      60_000,
    );
    await env.client.workflow.getHandle(workflowId).terminate();
    return codes;
  }

  test('with a forged gate, by the stock CLI alone: each run is refused, and nothing runs', async () => {
    const workflowId = named('cron');
    const { code } = await run(temporalBinary(), [
      ...['workflow', 'start', '--type', 'proposeAndExecute', '--workflow-id', workflowId],
      ...['--task-queue', env.taskQueue, '--cron', '@every 1s', '--address', env.connection.options.address],
      ...['--input', JSON.stringify(START)],
      ...['--input', JSON.stringify(approvedBy({ workflowId, firstRunId: 'X' }))],
    ]);
    expect(code).toBe(0);
    const codes = await endedRuns(workflowId, 3);
    expect(new Set(codes)).toEqual(new Set(['RUN_REPEATED']));
    await nothingRan(workflowId);
  });

  test('with a nonsense gate: each run ends with a code, and no task fails again and again', async () => {
    const { workflowId } = await begun('proposeAndExecute', {
      args: [START, { gate: 7 }],
      cronSchedule: '@every 1s',
    });
    expect(new Set(await endedRuns(workflowId, 2))).toEqual(new Set(['RUN_REPEATED']));
    for (const runId of (await ends(workflowId)).keys())
      expect(
        (await env.history(workflowId, runId)).some((one) => one.workflowTaskFailedEventAttributes),
      ).toBe(false);
  });

  test.concurrent.each(Object.entries(ARGUMENTS))('%s: nobody is asked', async (type, argument) => {
    const { workflowId } = await begun(type, { args: [argument], cronSchedule: '@every 1s' });
    expect(new Set(await endedRuns(workflowId, 1))).toEqual(new Set(['RUN_REPEATED']));
    await nothingRan(workflowId);
  });
});

describe('by a retry', () => {
  test('of a run that asked people: the second asks nobody, and leaves the record as it is', async () => {
    const { workflowId, firstExecutionRunId } = await begun('proposeAndExecute', {
      args: [GIVEN],
      workflowRunTimeout: '4 seconds',
      retry: { initialInterval: '100 milliseconds', maximumAttempts: 3 },
    });
    await env.until(workflowId, ({ status }) => status === 'open');
    const codes = await until(
      () => ends(workflowId),
      (found) => [...found.values()].some((code) => code !== undefined),
      60_000,
    );
    expect(codes.get(firstExecutionRunId)).toBeUndefined(); // its time was up
    expect([...codes.values()].filter((code) => code !== undefined)).toEqual(['RUN_REPEATED']);
    await nothingRan(workflowId);
  });

  test('a retry policy alone keeps nobody from being asked', async () => {
    const { workflowId } = await begun('proposeAndExecute', { args: [GIVEN], retry: { maximumAttempts: 3 } });
    const { digest } = await env.until(workflowId, ({ status }) => status === 'open');
    await env.countersign.send(workflowId, { digest: digest!, verdict: 'approve', reviewer: 'ana' });
    expect((await env.countersign.result(workflowId)).outcome).toBe('executed');
  });
});

describe('somebody else’s worker', () => {
  let attacker: Worker;
  let running: Promise<void>;
  beforeAll(async () => {
    attacker = await Worker.create({
      connection: env.native,
      taskQueue: 'attacker',
      workflowBundle: await workflowBundle(path.join(__dirname, '../support/workflow-attacker.ts')),
    });
    running = attacker.run();
  });
  afterAll(async () => {
    attacker.shutdown();
    await running;
  });

  const attack = (type: string, ...args: unknown[]) =>
    env.client.workflow.execute(type, { taskQueue: 'attacker', workflowId: named('attack'), args });

  test.each([
    ['assess', 'NOT_LOCAL'],
    ['verify', 'NOT_LOCAL'],
    ['receiveTimes', 'NOT_LOCAL'],
    ['continued', 'NOT_LOCAL'],
    ['record', 'NOT_LOCAL'],
    ['recordAndExecute', 'NOT_LOCAL'],
    ['propose', 'NOT_ITS_WORKFLOW'],
    ['place', 'NOT_ITS_WORKFLOW'],
    ['notify', 'NOT_ITS_WORKFLOW'],
    ['keepFeedback', 'NOT_ITS_WORKFLOW'],
    ['sendFeedback', 'NOT_ITS_WORKFLOW'],
    ['reconcile', 'NOT_ITS_WORKFLOW'],
    ['execute', 'NOT_ITS_WORKFLOW'],
  ])('schedules %s with nothing, and with what looks like a request: %s', async (activity, type) => {
    const request = {
      root: { workflowId: 'w', firstRunId: 'r' },
      entries: [],
      sent: [],
      shares: [],
      wait: false,
      task: 'answer: 42',
      level: 'AGENT',
      ...{ ...SHIP, requester: 'rita', by: 'rita' },
      ...{ since: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' },
      ...{ runId: 'a-run', taken: [], feedback: { v: 1, id: '1', reviewer: 'ana', key: 'tone', score: 1 } },
    };
    for (const input of [{}, request])
      await expect(attack('schedule', env.taskQueue, activity, input)).rejects.toMatchObject({
        cause: { cause: { type } },
      });
  });

  test.each(['reconcile', 'collectFeedback'])('as a workflow that is called %s', async (type) => {
    const activity = type === 'reconcile' ? type : 'keepFeedback';
    await expect(attack(type, env.taskQueue, activity, {})).rejects.toMatchObject({
      cause: { cause: { type: 'NOT_ITS_WORKFLOW' } },
    });
  });

  test('tells of its own gate by our channels: it has none that is ours', async () => {
    const workflowId = named('attack');
    const notice = { workflowId, kind: 'opened', title: 'Pay the invoice', link: 'https://example.com' };
    const told = env.client.workflow.execute('schedule', {
      taskQueue: 'attacker',
      workflowId,
      args: [env.taskQueue, 'notify', notice],
    });
    await expect(told).rejects.toMatchObject({ cause: { cause: { type: 'NOT_ITS_WORKFLOW' } } });
  });

  describe('starts children of ours under its own id, which looks like a plan’s or a gate’s', () => {
    async function child(type: string, name: string, argument: (root: Root) => unknown) {
      const workflowId = named('refund');
      const given = argument({ workflowId, firstRunId: 'X' });
      const handle = await env.client.workflow.start('parent', {
        taskQueue: 'attacker',
        workflowId,
        args: [env.taskQueue, type, `${workflowId}/${name}`, given],
      });
      return { workflowId, handle };
    }

    test('a step: nobody is asked', async () => {
      const { workflowId, handle } = await child('reviewStep', 'a', (root) => ({
        v: 1,
        root,
        requester: 'mallory',
        step: { name: 'a', proposal: { ...SHIP, args: MALLORY }, policy: within('1 hour') },
        plan: { onReject: 'stop', at: 0, steps: [{ name: 'a', about: 'a' }] },
        context: { step: 'a', steps: [] },
      }));
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'failed',
        reason: expect.stringContaining('NOT_ITS_WORKFLOW'),
      });
      expect((await env.store.entries(`${workflowId}/a`)).length).toBeGreaterThan(0);
      expect((await env.actions.effects()).filter(({ what }) => what.includes('mallory'))).toEqual([]);
    });

    test('a level of a nonsense gate ends with a code', async () => {
      const { handle } = await child('reviewLevel', 'HUMAN', (root) => ({
        v: 1,
        gate: { status: 'waiting', root, policy: 7 },
        setting: {},
      }));
      await expect(handle.result()).rejects.toMatchObject({ cause: { cause: { type: 'INVALID_INPUT' } } });
    });
  });
});
