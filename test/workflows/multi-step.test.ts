/** Steps one after the other: in order, each once, and what was done taken back where the plan says so. */
import type { Packet } from '../../src/client';
import { digestOf } from '../../src/domain/digest';
import type { PlanResult } from '../../src/workflows/types/multi-step-approval';
import { counted, share } from '../support/share';
import { pause, SHIP, startWorkflowEnv, types, within, type WorkflowEnv } from '../support/workflow-env';

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

test('stop: a rejected step ends it, and what comes after is not asked', async () => {
  const before = env.executions.length;
  const id = await start([step('a3'), step('b3'), step('c3')]);
  await says(await asked(id, 'a3'), 'approve');
  await says(await asked(id, 'b3'), 'reject');
  expect(await result(id)).toMatchObject({
    outcome: 'rejected',
    completed: false,
    approvals: [true, false],
    reason: 'the step b3 ended rejected (ana rejected it: not today)',
    decisions: [
      { reviewer: 'ana', verdict: 'approve' },
      { reviewer: 'ana', verdict: 'reject' },
    ],
  });
  expect(ran(before)).toEqual(['a3']);
});

test('skip: a rejected step is left out, and the next one is asked', async () => {
  const before = env.executions.length;
  const id = await start([step('a4'), step('b4'), step('c4')], { onReject: 'skip' });
  await says(await asked(id, 'a4'), 'approve');
  await says(await asked(id, 'b4'), 'reject');
  await says(await asked(id, 'c4'), 'approve');
  expect(await result(id)).toMatchObject({
    outcome: 'executed',
    completed: true,
    approvals: [true, false, true],
    steps: [{ outcome: 'executed' }, { outcome: 'rejected' }, { outcome: 'executed' }],
  });
  expect(ran(before)).toEqual(['a4', 'c4']);
});

test('answered in a step’s place: the plan goes on, and that step was not approved', async () => {
  const id = await start([step('a5'), step('b5')]);
  const packet = await asked(id, 'a5');
  await env.countersign.send(packet.workflowId, {
    digest: packet.digest!,
    verdict: 'respond',
    reviewer: 'ana',
    answer: 'done by hand',
  });
  await says(await asked(id, 'b5'), 'approve');
  expect(await result(id)).toMatchObject({
    completed: true,
    approvals: [false, true],
    steps: [{ outcome: 'answered', result: 'done by hand' }, {}],
  });
});

test('the plan itself takes no decision: it names the step that does, repeats included', async () => {
  const id = await start([step('a6')]);
  const packet = await asked(id, 'a6');
  const decision = {
    id: 'at-the-plan',
    digest: packet.digest!,
    verdict: 'approve',
    reviewer: 'ana',
  } as const;
  const refused = {
    status: 'refused',
    code: 'ASK_CHILD',
    message: `the step a6 is asked; decide on the workflow ${id}/a6`,
  };
  expect(await env.countersign.decide(id, decision)).toMatchObject(refused);
  expect(await env.countersign.decide(id, decision)).toMatchObject(refused);
  expect(await env.countersign.decide(id, { ...decision, reviewer: 'bo' })).toMatchObject({
    code: 'ID_REUSED',
  });
  await env.client.workflow.getHandle(id).signal('approve', 1);
  await env.client.workflow.getHandle(id).signal('decide', { v: 1, id: 'bad' });
  expect(await env.countersign.receipt(id, 'bad')).toMatchObject({ code: 'MALFORMED_DECISION' });
  expect(await env.countersign.receipt(id, 'never-sent')).toMatchObject({ status: 'unknown' });
  await says(packet, 'approve');
  await result(id);
  expect(types(await env.audit(id))).toEqual([
    'planned',
    'step-opened',
    'refused',
    'repeated',
    'refused',
    'unknown-signal',
    'refused',
    'step-ended',
    'closed',
  ]);
  expect(await env.failedTasks(id)).toEqual([]);
});

test('silence stops it, also where rejections are skipped', async () => {
  const id = `plan-${String(++started)}`;
  const policy = within('3 days', { onSilence: 'expire' });
  await env.skipping.start(
    'multiStepApproval',
    { v: 1, requester: 'rita', onReject: 'skip', policy, steps: [step('a7'), step('b7')] },
    id,
  );
  expect(await result(id)).toMatchObject({ outcome: 'expired', completed: false, approvals: [false] });
});

test('an effect that fails stops it, and what was done before is taken back', async () => {
  const before = env.executions.length;
  const broken = { name: 'b8', proposal: { ...SHIP, action: 'broken', args: {} } };
  const id = await start([step('a8', undo('a8')), broken, step('c8')], { onReject: 'undo' });
  await says(await asked(id, 'a8'), 'approve');
  await says(await asked(id, 'b8'), 'approve');
  expect(await result(id)).toMatchObject({
    outcome: 'failed',
    approvals: [true, false],
    reason: expect.stringMatching(/the step b8 ended failed .*warehouse refuses.*; taken back: a8/),
  });
  expect(ran(before)).toEqual(['a8', undefined, 'a8-back']);
});

test('an undo with a policy of its own is asked about, and what was done before it stays where it is rejected', async () => {
  const before = env.executions.length;
  const own = { policy: within('1 hour') };
  const id = await start([step('a9', undo('a9')), step('b9', undo('b9', own)), step('c9')], {
    onReject: 'undo',
  });
  await says(await asked(id, 'a9'), 'approve');
  await says(await asked(id, 'b9'), 'approve');
  await says(await asked(id, 'c9'), 'reject');
  const back = await asked(id, 'undo/b9');
  expect(back).toMatchObject({
    gate: 'undo/b9',
    proposal: { args: { order: 'b9-back' }, title: 'Take back b9: Ship b9' },
  });
  await says(back, 'reject');
  expect(await result(id)).toMatchObject({
    outcome: 'rejected',
    steps: [{ outcome: 'executed' }, { outcome: 'executed', undo: { outcome: 'rejected' } }, {}],
    reason: expect.stringMatching(/taking b9 back ended rejected .*; still in place: a9/),
  });
  expect(ran(before)).toEqual(['a9', 'b9']);
});

test('an undo that could not run is not shown to anybody: the step fails before it is asked', async () => {
  const id = await start([step('a10', { undo: { action: 'ship', args: { order: 'x' } } })]);
  expect(await result(id)).toMatchObject({
    outcome: 'failed',
    steps: [{ outcome: 'failed', reason: expect.stringMatching(/^INVALID_ARGS: undo: .*units/) }],
  });
});

test('temporal workflow cancel ends the step under way and takes back what was done', async () => {
  const before = env.executions.length;
  const id = await start([step('a11', undo('a11')), step('b11')], { onReject: 'undo' });
  await says(await asked(id, 'a11'), 'approve');
  await asked(id, 'b11');
  await env.client.workflow.getHandle(id).cancel();
  expect(await result(id)).toMatchObject({
    outcome: 'cancelled',
    completed: false,
    approvals: [true, false],
    steps: [{ undo: { outcome: 'executed' } }, { outcome: 'cancelled' }],
  });
  expect(ran(before)).toEqual(['a11', 'a11-back']);
});

test('the requester calls a step off: the plan ends with it', async () => {
  const id = await start([step('a12'), step('b12')], { onReject: 'skip' });
  const { workflowId, digest } = await asked(id, 'a12');
  await env.countersign.send(workflowId, { digest: digest!, verdict: 'cancel', reviewer: 'rita' });
  expect(await result(id)).toMatchObject({ outcome: 'cancelled', approvals: [false] });
});

test('a terminated step is no approval', async () => {
  const id = await start([step('a13'), step('b13')]);
  const { workflowId } = await asked(id, 'a13');
  await env.client.workflow.getHandle(workflowId).terminate('operator');
  expect(await result(id)).toMatchObject({
    outcome: 'failed',
    steps: [{ outcome: 'failed', reason: 'STEP_TERMINATED: the step a13 was terminated' }],
  });
});

test('a step is passed up to its next level in a workflow of its own, which shows the plan, too', async () => {
  const id = await start([step('a14')], {
    policy: {
      confirmation: 'CONFIRM',
      levels: [...within('1 hour').levels, { ...within('1 hour').levels[0], name: 'MANAGER' }],
    },
  });
  const { workflowId, digest } = await asked(id, 'a14');
  await env.countersign.send(workflowId, {
    digest: digest!,
    verdict: 'escalate',
    reviewer: 'ana',
    comment: 'above me',
  });
  const above = await env.until(`${workflowId}/MANAGER`, ({ status }) => status === 'open');
  expect(above).toMatchObject({
    workflowId: `${id}/a14/MANAGER`,
    root: { workflowId: id },
    digest,
    plan: { at: 0 },
  });
  await says(above, 'approve', { reviewer: 'mo' });
  expect(await result(id)).toMatchObject({
    outcome: 'executed',
    escalations: [{ from: 'HUMAN', to: 'MANAGER' }],
  });
});

test('an agent proposes each step, and is told what the steps before it did', async () => {
  const told: unknown[] = [];
  const task = (name: string) =>
    `propose: ${JSON.stringify({ action: 'ship', args: { order: name, units: 1 } })}`;
  const id = await start([
    { name: 'a15', task: task('a15') },
    { name: 'b15', task: task('b15') },
  ]);
  await says(await asked(id, 'a15'), 'approve');
  await says(await asked(id, 'b15'), 'approve');
  await result(id);
  for (const { activityTaskScheduledEventAttributes: scheduled } of await env.history(`${id}/b15`))
    for (const { data } of scheduled?.input?.payloads ?? [])
      told.push(JSON.parse(Buffer.from(data!).toString()));
  expect(told).toContainEqual(
    expect.objectContaining({
      level: 'AGENT',
      plan: {
        step: 'b15',
        steps: [{ name: 'a15', task: task('a15'), outcome: 'executed', result: { done: 'a15 × 1' } }],
      },
    }),
  );
});

describe('the audit store is down', () => {
  /** What the Web UI shows of it. */
  const page = async (id: string) =>
    (
      await env.client.workflow
        .getHandle(id)
        .query<{ currentDetails?: string }>('__temporal_workflow_metadata')
    ).currentDetails ?? '';
  afterEach(() => {
    env.faults.storeDown = false;
  });

  test('an approved step does not execute and says why, nothing further is begun, and it goes on when the store is back', async () => {
    const before = env.executions.length;
    const id = await start([step('a21'), step('b21')]);
    const first = await asked(id, 'a21');
    env.faults.storeDown = true;
    await says(first, 'approve');
    const waiting = await env.until(first.workflowId, ({ waitingFor }) => waitingFor !== undefined);
    expect(waiting).toMatchObject({ status: 'approved', waitingFor: expect.stringContaining('audit store') });
    expect(await page(first.workflowId)).toContain('the audit store does not answer');
    await pause(1_500); // longer than until its next try
    expect(ran(before)).toEqual([]);
    const plan = await env.countersign.show(id);
    expect(plan).toMatchObject({ status: 'waiting', waitingOn: first.workflowId, plan: { at: 0 } });
    expect(await page(id)).toContain(first.workflowId);
    expect(await env.store.entries(first.workflowId)).toEqual([]);
    env.faults.storeDown = false;
    await says(await asked(id, 'b21'), 'approve');
    expect(await result(id)).toMatchObject({ outcome: 'executed', approvals: [true, true] });
    expect(ran(before)).toEqual(['a21', 'b21']);
    for (const one of [id, `${id}/a21`, `${id}/b21`]) {
      expect(await env.failedTasks(one)).toEqual([]);
      expect((await env.countersign.show(one)).waitingFor).toBeUndefined();
    }
  });

  test('at its end the plan waits for its own record, says so, and ends with each entry once', async () => {
    const id = await start([step('a22'), step('b22')]);
    await says(await asked(id, 'a22'), 'approve');
    const { workflowId } = await asked(id, 'b22');
    env.faults.storeDown = true;
    await env.client.workflow.getHandle(workflowId).terminate('operator');
    const waiting = await env.until(id, ({ waitingFor }) => waitingFor !== undefined);
    expect(waiting).toMatchObject({ outcome: 'failed', waitingFor: expect.stringContaining('audit store') });
    expect(await page(id)).toContain('the audit store does not answer');
    await pause(1_500);
    expect(await env.store.entries(id)).toEqual([]);
    expect((await env.client.workflow.getHandle(id).describe()).status.name).toBe('RUNNING');
    env.faults.storeDown = false;
    expect(await result(id)).toMatchObject({ outcome: 'failed', approvals: [true, false] });
    expect(types(await env.audit(id))).toEqual([
      'planned',
      'step-opened',
      'step-ended',
      'step-opened',
      'step-ended',
      'closed',
    ]);
    expect((await env.countersign.show(id)).waitingFor).toBeUndefined();
    expect(await env.failedTasks(id)).toEqual([]);
  });
});

/** Whole in `npm run prove`; more than a run takes in any case. */
const STEPS = share(300, 160);

test(`${String(STEPS)} steps stay under 2,000 events a run, each once and in order`, async () => {
  const before = env.executions.length;
  const names = Array.from({ length: STEPS }, (_, index) => `s${String(index)}`);
  const policy = { ...within('1 hour'), confirmation: 'INFO' as const };
  const id = await start(
    names.map((name) => ({
      name,
      proposal: { ...SHIP, args: { order: name, units: 1 }, title: name, rationale: '' },
    })),
    { policy },
  );
  const ended = await result(id);
  expect(ended).toMatchObject({ outcome: 'executed', completed: true });
  expect(ended.approvals).toEqual(names.map(() => true));
  expect(ran(before)).toEqual(names);
  const runs: number[] = [];
  for await (const { runId } of env.client.workflow.list({ query: `WorkflowId = '${id}'` }))
    runs.push((await env.history(id, runId)).length);
  expect(runs.length).toBeGreaterThan(1);
  expect(Math.max(...runs)).toBeLessThan(2_000);
  expect((await env.audit(id)).at(-1)).toMatchObject({ type: 'closed', outcome: 'executed' });
  counted('long-plan', { steps: names.length });
}, 240_000);

test('reset by an operator: the steps are asked again, and no effect repeats', async () => {
  const id = await start([step('a20', undo('a20')), step('b20')], { onReject: 'undo' });
  await says(await asked(id, 'a20'), 'approve');
  await says(await asked(id, 'b20'), 'approve');
  await result(id);
  const effects = await env.actions.effects();
  const { runId } = await env.client.workflow.getHandle(id).describe();
  const first = (await env.history(id)).find((event) => event.workflowTaskCompletedEventAttributes != null);
  await env.connection.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: id, runId },
    workflowTaskFinishEventId: first?.eventId as never,
    requestId: 'reset-of-a-plan',
    reason: 'test',
  });
  const again = await asked(id, 'a20');
  await says(again, 'approve');
  await says(await asked(id, 'b20'), 'approve');
  const ended = await result(id);
  expect(ended).toMatchObject({ outcome: 'executed', approvals: [true, true] });
  expect(ended.steps[0]?.digest).toBe(again.digest);
  expect(await env.actions.effects()).toEqual(effects);
});
