/** What the executor goes through before a step's effect and before one is taken back: one thing is forged, and nothing runs. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Execution } from '../../src/activities/types';
import { evidenceHash, type Evidence } from '../../src/domain/gate/evidence';
import { append, openChain, type Fact } from '../../src/domain/audit';
import { digestOf, effectKey } from '../../src/domain/digest';
import type { Undone } from '../../src/domain/gate';
import { SEED } from '../support/forged';
import { serverSaysRunning, type SaidRun } from '../support/server-says';
import { SHIP, startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
/** Of a plan whose second step was rejected: its first step, and what took that back. */
let step: Execution;
let back: Execution;
const AT = '2026-11-01T00:00:00.000Z';
const order = (name: string) => ({ order: name, units: 1 });
const STEPS = [
  { name: 'a', proposal: { ...SHIP, args: order('a') }, undo: { action: 'ship', args: order('a-back') } },
  { name: 'b', proposal: { ...SHIP, args: order('b') } },
];

beforeAll(async () => {
  env = await startWorkflowEnv();
  await taken('plan');
  await taken('plan-2');
  [step, back] = env.executions.slice(0, 2) as [Execution, Execution];
});
afterAll(() => env.stop());

/** The first step approved, the second rejected, the first taken back. */
async function taken(id: string): Promise<void> {
  const argument = { v: 1, requester: 'rita', onReject: 'undo', policy: within('1 hour'), steps: STEPS };
  const { taskQueue } = env;
  const plan = await env.client.workflow.start('multiStepApproval', {
    taskQueue,
    workflowId: id,
    args: [argument],
  });
  for (const [name, verdict] of [
    ['a', 'approve'],
    ['b', 'reject'],
  ] as const) {
    const { digest } = await env.until(`${id}/${name}`, ({ status }) => status === 'open');
    const decision = { digest: digest!, verdict, reviewer: 'ana', comment: 'said' };
    await env.countersign.send(`${id}/${name}`, decision);
    await env.until(
      id,
      ({ plan: view }) => view?.steps.find((one) => one.name === name)?.outcome !== undefined,
    );
  }
  await plan.result();
}

async function runOf(workflowId: string): Promise<string> {
  return (await env.client.workflow.getHandle(workflowId).describe()).runId;
}

/** As if the server had said that this workflow schedules it, and runs still. */
async function execute(
  execution: Execution,
  workflowId: string,
  runId?: string,
  ...runs: SaidRun[]
): Promise<unknown> {
  const mock = new MockActivityEnvironment(
    { isLocal: false, workflowExecution: { workflowId, runId: runId ?? (await runOf(workflowId)) } },
    { logger: new DefaultLogger('ERROR'), client: serverSaysRunning(env.client, ...runs) },
  );
  return mock.run(env.activities.execute, execution);
}

/** As if the run that the record names were the step's, started by the plan. */
function executeOnItsRecord(execution: Execution): Promise<unknown> {
  const { workflowId, firstRunId } = execution.record!;
  const { root } = execution;
  const parent = { workflowId: root.workflowId, runId: root.firstRunId };
  const run = { workflowId, firstRunId, parent, type: 'reviewStep' };
  return execute(execution, workflowId, firstRunId, run);
}

test('the honest ones run again under their keys, and change nothing', async () => {
  const before = await env.actions.effects();
  await expect(execute(step, 'plan/a')).resolves.toMatchObject({ result: { done: 'a × 1' } });
  await expect(execute(back, 'plan/undo/a')).resolves.toMatchObject({ result: { done: 'a-back × 1' } });
  expect(await env.actions.effects()).toEqual(before);
});

test('what is executed of a step says whose it is', () => {
  expect(step).toMatchObject({
    root: { workflowId: 'plan' },
    record: { workflowId: 'plan/a' },
    gate: 'a',
    undo: { action: 'ship', args: order('a-back') },
    approval: { basis: 'signatures' },
  });
  expect(back).toMatchObject({
    record: { workflowId: 'plan/undo/a' },
    gate: 'undo/a',
    approval: { basis: 'step' },
  });
});

describe('whose workflow it is', () => {
  const NOT = { type: 'NOT_ITS_WORKFLOW' };

  test('not the plan’s own, nor another step’s, nor nobody’s', async () => {
    await expect(execute(step, 'plan')).rejects.toMatchObject(NOT);
    await expect(execute(step, 'plan/b')).rejects.toMatchObject(NOT);
    await expect(execute({ ...step, record: step.root }, 'plan/a')).rejects.toMatchObject(NOT);
    await expect(
      execute({ ...step, record: { ...step.root, firstRunId: 'x' } }, 'plan'),
    ).rejects.toMatchObject(NOT);
    await expect(execute({ ...back, gate: 'a' }, 'plan/undo/a')).rejects.toMatchObject(NOT);
  });

  test('not one that somebody has started by hand under the step’s id', async () => {
    const argument = { v: 1, action: 'Look', level: 'INFO', requester: 'rita' };
    const { taskQueue } = env;
    const handle = await env.client.workflow.start('confirm', {
      taskQueue,
      workflowId: 'plan/a',
      args: [argument],
    });
    await handle.result();
    await expect(execute(step, 'plan/a', handle.firstExecutionRunId)).rejects.toMatchObject(NOT);
  });

  test('not the step of another run under the plan’s id', async () => {
    await taken('plan');
    await expect(execute(step, 'plan/a')).rejects.toMatchObject(NOT);
    await expect(execute(back, 'plan/undo/a')).rejects.toMatchObject(NOT);
  });
});

test.each<[string, Partial<Execution>, string]>([
  [
    'another undo than was signed',
    { undo: { action: 'ship', args: order('everything') } },
    'DIGEST_MISMATCH',
  ],
  ['no undo, where one was signed', { undo: undefined } as unknown as Partial<Execution>, 'DIGEST_MISMATCH'],
  ['other args', { args: order('everything') }, 'DIGEST_MISMATCH'],
  ['the key of another', { key: 'k' }, 'KEY_MISMATCH'],
])('a step with %s', async (_, change, type) => {
  const mine = env.executions.find(({ root, gate }) => root.workflowId === 'plan-2' && gate === 'a')!;
  await expect(execute({ ...mine, ...change }, 'plan-2/a')).rejects.toMatchObject({ type });
});

describe('an undo that nobody was asked about again', () => {
  let root: Execution['root'];
  let honest: Execution;

  beforeAll(async () => {
    await taken('plan-3');
    honest = env.executions.find(({ root: of, gate }) => of.workflowId === 'plan-3' && gate === 'undo/a')!;
    root = honest.root;
  });

  /** On record as approved on its step's approval, by a forger who can write the store. */
  async function forged(change: Partial<Execution>, evidence: Partial<Evidence>): Promise<Execution> {
    const changed = { ...honest, ...change, approval: { ...honest.approval, ...evidence } };
    const { gate, action, args, approval } = changed;
    const digest = digestOf({ ...root, gate, revision: 1, action, args });
    const key = effectKey(root, gate, digest);
    const record = { workflowId: 'plan-3/undo/a', firstRunId: `forged-${digest}-${evidenceHash(approval)}` };
    const fact: Fact = {
      type: 'approved',
      gate,
      revision: 1,
      digest,
      level: 'HUMAN',
      signers: [],
      action,
      key,
      basis: 'step',
      evidence: evidenceHash(approval),
    };
    const chain = append(openChain(record, SEED), fact, AT);
    await env.store.append(chain.pending.map((entry) => ({ ...record, ...entry })));
    const { seq, hash } = chain.pending[0]!;
    return { ...changed, record, digest, key, evidence: { seq, hash } };
  }

  /** A step's record as somebody would write it who can write the store. */
  async function written(facts: Fact[], workflowId = 'plan-3/a'): Promise<Undone> {
    const record = { workflowId, firstRunId: `written-${String(facts.length)}-${workflowId}` };
    const chain = facts.reduce((on, one) => append(on, one, AT), openChain(record, SEED));
    await env.store.append(chain.pending.map((entry) => ({ ...record, ...entry })));
    const { seq, hash } = chain.pending[0]!;
    return { record, seq, hash, question: honest.approval.undoes!.question };
  }

  const refusedAs = (message: string) => ({ type: 'NOT_CONSENT', message: expect.stringContaining(message) });

  test('the control: as it was, on a record of its own, it runs', async () => {
    await expect(executeOnItsRecord(await forged({}, {}))).resolves.toMatchObject({
      result: { done: 'a-back × 1' },
    });
  });

  test.each<[string, () => Promise<[Partial<Execution>, Partial<Evidence>]>, string]>([
    [
      'of other args than were signed',
      () => Promise.resolve([{ args: order('everything') }, {}]),
      'another undo',
    ],
    [
      'under another policy than the step’s',
      () => Promise.resolve([{}, { policy: { ...honest.approval.policy, confirmation: 'INFO' as const } }]),
      'under another policy',
    ],
    [
      'of no step',
      () => Promise.resolve([{}, { undoes: undefined } as unknown as Partial<Evidence>]),
      'is not named',
    ],
    [
      'of a step that the store does not have',
      () => Promise.resolve([{}, { undoes: { ...honest.approval.undoes!, hash: 'f'.repeat(64) } }]),
      'does not know as approved',
    ],
    [
      'of an entry that is no approval',
      async () => [{}, { undoes: await written([{ type: 'closed', outcome: 'executed' }]) }],
      'does not know as approved',
    ],
    [
      'of another plan’s step',
      async () => {
        await taken('plan-4');
        const other = env.executions.find(
          ({ root: of, gate }) => of.workflowId === 'plan-4' && gate === 'undo/a',
        )!;
        return [{}, { undoes: other.approval.undoes! }];
      },
      'is another one',
    ],
  ])('%s', async (_, change, message) => {
    const [execution, evidence] = await change();
    await expect(executeOnItsRecord(await forged(execution, evidence))).rejects.toMatchObject(
      refusedAs(message),
    );
  });

  test('of a step that was approved and not executed', async () => {
    const entries = await env.store.entries('plan-3/a', honest.approval.undoes!.record.firstRunId);
    const facts = entries.map(({ text = '' }) => JSON.parse(text) as Fact);
    const opened = facts.find(({ type }) => type === 'opened')!;
    const question = { revision: 1, action: 'ship', args: order('never') };
    const undo = { action: honest.action, args: honest.args };
    const digest = digestOf({ ...root, gate: 'a', ...question, undo });
    const approved = { ...facts.find(({ type }) => type === 'approved')!, digest } as Fact;
    const record = { workflowId: 'plan-3/a', firstRunId: 'never-executed' };
    const chain = [opened, approved].reduce((on, one) => append(on, one, AT), openChain(record, SEED));
    await env.store.append(chain.pending.map((entry) => ({ ...record, ...entry })));
    const { seq, hash } = chain.pending[1]!;
    const execution = await forged({}, { undoes: { record, seq, hash, question } });
    await expect(executeOnItsRecord(execution)).rejects.toMatchObject(refusedAs('was not executed'));
  });
});
