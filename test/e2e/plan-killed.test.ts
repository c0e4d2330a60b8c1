/** A worker killed again and again under a hundred plans: no step is executed twice, none is skipped, and all of them end. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import type { ChildProcess } from 'node:child_process';
import type { Packet } from '../../src/client';
import { digestOf } from '../../src/domain/digest';
import type { PlanResult } from '../../src/workflows/types/multi-step-approval';
import { background, ended, endGroup, temporaryDirectory } from '../support/app';
import { startDevServer } from '../support/dev-server';
import { counted, share, WHOLE } from '../support/share';

const PLANS = share(100, 12);
const STEPS = ['one', 'two', 'three'];
const KILLS = share(8, 3);
/** Fewer plans are over sooner, and are killed sooner. */
const PACE = WHOLE ? 1 : 8;

const directory = temporaryDirectory();
let server: Awaited<ReturnType<typeof startDevServer>>;
let worker: ChildProcess | undefined;
let connection: Connection;
let client: Client;

const env = () => ({
  ...process.env,
  COUNTERSIGN_DATA: directory.path,
  COUNTERSIGN_ACTIONS: join(__dirname, '..', 'support', 'kill-actions.ts'),
  KILL_TEST_DIR: directory.path,
  TEMPORAL_ADDRESS: server.address,
  NO_COLOR: '1',
});

beforeAll(async () => {
  server = await startDevServer();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection });
  worker = (await background(['worker'], env())).child;
});

afterAll(async () => {
  if (worker !== undefined) await endGroup(worker, 'SIGKILL');
  await connection.close();
  await server.stop();
  directory.remove();
});

const number = (plan: number, step: number) => plan * 10 + step;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The same moments in every run of the test. */
function moments(): () => number {
  let seed = 20_261_125;
  return () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Half of the plans ask people, the other half only tell them. */
function argument(plan: number) {
  const level = { name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '1 hour' };
  return {
    v: 1,
    requester: 'svc',
    policy: { confirmation: plan % 2 === 0 ? 'INFO' : 'CONFIRM', levels: [level] },
    steps: STEPS.map((name, step) => ({
      name,
      proposal: {
        action: plan % 3 === 0 ? 'row-at-once' : 'row',
        args: { n: number(plan, step) },
        title: name,
        rationale: '',
        confidence: 1,
        sensitive: false,
      },
    })),
  };
}

/** What an approver's own program does: the digest is computed from what was started, and sent until the step is there. */
async function approveAll(plan: number, workflowId: string, firstRunId: string): Promise<void> {
  const { steps, policy } = argument(plan);
  if (policy.confirmation === 'INFO') return;
  for (const { name, proposal } of steps) {
    const { action, args } = proposal;
    const digest = digestOf({ workflowId, firstRunId, gate: name, revision: 1, action, args });
    const decision = { v: 1, id: `ana-${name}`, digest, verdict: 'approve', reviewer: 'ana' };
    for (let sent = false; !sent; await pause(50))
      try {
        await client.workflow.getHandle(`${workflowId}/${name}`).signal('decide', decision);
        sent = true;
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
  }
}

async function table(name: 'rows' | 'attempts'): Promise<{ n: number; key: string }[]> {
  const database = createClient({ url: `file:${join(directory.path, 'rows.db')}` });
  const { rows } = await database.execute(`select n, key from ${name} order by rowid`);
  database.close();
  return rows.map(({ n, key }) => ({ n: Number(n), key: String(key) }));
}

it(`SIGKILL at random points of ${String(PLANS)} plans: no step twice, none skipped`, async () => {
  const random = moments();
  const handles = await Promise.all(
    Array.from({ length: PLANS }, (_, plan) =>
      client.workflow.start('multiStepApproval', {
        taskQueue: 'countersign',
        workflowId: `killed-${String(plan)}`,
        args: [argument(plan)],
      }),
    ),
  );
  const approvals = handles.map((handle, plan) =>
    approveAll(plan, handle.workflowId, handle.firstExecutionRunId),
  );
  const results = Promise.all(handles.map((handle) => handle.result() as Promise<PlanResult>));
  const over = { yet: false };
  void results.then(() => (over.yet = true));
  let kills = 0;
  for (; kills < KILLS && !over.yet; kills += 1) {
    await pause((200 + 2_500 * random()) / PACE);
    if (worker !== undefined) await endGroup(worker, 'SIGKILL');
    worker = (await background(['worker'], env())).child;
  }
  await Promise.all(approvals);
  for (const result of await results)
    expect(result).toMatchObject({ outcome: 'executed', completed: true, approvals: [true, true, true] });
  const rows = await table('rows');
  const wanted = handles.flatMap((_, plan) => STEPS.map((__, step) => number(plan, step)));
  expect(rows.map(({ n }) => n).sort((a, b) => a - b)).toEqual(wanted);
  // One key a step, however often it was tried; and no step was begun before the one before it was done.
  const attempts = await table('attempts');
  for (const n of wanted)
    expect(new Set(attempts.filter((one) => one.n === n).map(({ key }) => key)).size).toBe(1);
  for (const [plan] of handles.entries()) {
    const order = rows.map(({ n }) => n).filter((n) => Math.floor(n / 10) === plan);
    expect(order).toEqual(STEPS.map((_, step) => number(plan, step)));
  }
  expect(kills).toBeGreaterThanOrEqual(WHOLE ? 3 : 1);
  counted('killed-plans', { plans: PLANS, kills });
  process.stderr.write(
    `${String(kills)} kills, ${String(attempts.length)} attempts at ${String(wanted.length)} effects\n`,
  );
}, 400_000);

it.each([
  ['its completion', 'row', 1],
  ['the end of the workflow task it is in', 'row-at-once', 2],
] as const)(
  'killed between the effect of an undo and %s: one row, one key, and what was done before is taken back, too',
  async (_, action, nth) => {
    const of = (step: number, back = 0) => 10_000 * nth + 100 * back + step;
    const proposal = (n: number) => ({
      action,
      args: { n },
      title: `Row ${String(n)}`,
      rationale: '',
      confidence: 1,
      sensitive: false,
    });
    const steps = STEPS.map((name, step) => ({
      name,
      proposal: proposal(of(step)),
      ...(step < 2 ? { undo: { action, args: { n: of(step, 1) } } } : {}),
    }));
    const levels = [{ name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '1 hour' }];
    const plan = await client.workflow.start('multiStepApproval', {
      taskQueue: 'countersign',
      workflowId: `undo-killed-${String(nth)}`,
      args: [
        { v: 1, requester: 'svc', onReject: 'undo', policy: { confirmation: 'CONFIRM', levels }, steps },
      ],
    });
    const says = async (name: string, verdict: 'approve' | 'reject') => {
      const step = client.workflow.getHandle(`${plan.workflowId}/${name}`);
      const open = async () => {
        const packet = await step.query<Packet>('gate').catch(() => undefined);
        return packet?.status === 'open' ? packet.digest : undefined;
      };
      let digest = await open();
      for (; digest === undefined; digest = await open()) await pause(50);
      const decision = { v: 1, id: `ana-${name}`, digest, verdict, reviewer: 'ana', comment: 'said' };
      await step.signal('decide', decision);
      return step;
    };
    await says('one', 'approve');
    await (await says('two', 'approve')).result();
    const killed = ended(worker!);
    // What is executed next is the undo of the second step.
    writeFileSync(join(directory.path, 'die-after-effect'), '');
    await says('three', 'reject');
    await killed;
    const mine = async (name: 'rows' | 'attempts') =>
      (await table(name)).filter(({ n }) => Math.floor(n / 10_000) === nth);
    expect((await mine('rows')).map(({ n }) => n)).toEqual([of(0), of(1), of(1, 1)]);
    worker = (await background(['worker'], env())).child;
    expect(await plan.result()).toMatchObject({
      outcome: 'rejected',
      approvals: [true, true, false],
      steps: [
        { name: 'one', outcome: 'executed', undo: { outcome: 'executed' } },
        { name: 'two', outcome: 'executed', undo: { outcome: 'executed' } },
        { name: 'three', outcome: 'rejected' },
      ],
    });
    expect((await mine('rows')).map(({ n }) => n)).toEqual([of(0), of(1), of(1, 1), of(0, 1)]);
    const keys = (await mine('attempts')).filter(({ n }) => n === of(1, 1)).map(({ key }) => key);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  },
  60_000,
);
