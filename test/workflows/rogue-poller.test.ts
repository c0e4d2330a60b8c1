/**
 * Somebody who may write to the namespace, and has no key and no store, polls our own task queue for workflows that are genuinely ours. What
 * he answers is history, and a genuine worker believes history at replay: markers of our local activities, a run that goes on with a gate of
 * his own making. No effect that has to be signed happens without the signatures. What he can do instead is said at the end.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { append, openChain, type Fact } from '../../src/domain/audit';
import type { Decision } from '../../src/domain/gate/decision';
import { digestOf, effectKey, type Root } from '../../src/domain/digest';
import type { Asked } from '../../src/domain/gate';
import { Policy } from '../../src/domain/policy';
import type { Packet } from '../../src/domain/packet';
import type { Reconciled } from '../../src/domain/reconcile';
import type { Directory } from '../../src/domain/reviewers';
import { privateKeyFile } from '../../src/signing';
import { temporaryDirectory, until } from '../support/app';
import { cli } from '../support/cli-person';
import { carriedBy, type Forgery } from '../support/carried';
import { SEED } from '../support/forged';
import { ending, MALLORY, marker, pictured, scheduling, starting, taken, type Task } from '../support/forger';
import { DIRECTORY, MINUTE, pair, placeOf, signed, type Place, type SignedAs } from '../support/reviewers';
import { SHIP, startWorkflowEnv, types, type Entry, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: DIRECTORY });
});
afterAll(() => env.stop());

const TWO = Policy.parse({
  confirmation: 'CONFIRM',
  authentication: 'signed',
  levels: [{ name: 'HUMAN', approvers: { people: ['ana', 'bo', 'cy'] }, quorum: 2, respondWithin: '1 hour' }],
});
const GIVEN = { v: 1, task: 'ship it', requester: 'rita', proposal: SHIP, policy: TWO };
const ASKED = { v: 1, action: 'Delete it', level: 'CONFIRM', requester: 'rita', policy: TWO };
const WRITTEN = { v: 1, task: 'answer: It is on its way.', requester: 'rita', policy: TWO };

let nth = 0;
async function begun(type = 'proposeAndExecute', argument: object = GIVEN): Promise<string> {
  const workflowId = `rogue-${String(++nth)}`;
  await env.client.workflow.start(type, { taskQueue: env.taskQueue, workflowId, args: [argument] });
  return workflowId;
}

/** He takes the workflow's next task while no worker of ours polls. */
async function mine(workflowId: string): Promise<Task> {
  const task = await taken(env, env.taskQueue);
  expect(task.root.workflowId).toBe(workflowId);
  return task;
}

const saying = (digest: string, reviewer: string, more: Partial<Decision> = {}): Decision => ({
  v: 1,
  id: `${reviewer}-${String(++nth)}`,
  digest,
  verdict: 'approve',
  reviewer,
  ...more,
});
const approves = (packet: Packet, reviewer: string) =>
  signed(saying(packet.digest!, reviewer), placeOf(packet));
const signal = (workflowId: string, decision: Decision) =>
  env.client.workflow.getHandle(workflowId).signal('decide', decision);
const ended = (workflowId: string): Promise<unknown> => env.client.workflow.getHandle(workflowId).result();
const told = async (workflowId: string): Promise<Entry[]> =>
  (await env.store.entries(workflowId)).map(({ text = '' }) => JSON.parse(text) as Entry);
/** The code that the executor has refused the effect with. */
async function refused(workflowId: string): Promise<unknown> {
  // One that he has started as a child is there a moment later.
  await until(
    () =>
      env.client.workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => undefined),
    (run) => run !== undefined,
  );
  const { outcome } = (await ended(workflowId)) as { outcome: string };
  const [failed] = (await env.history(workflowId)).flatMap((one) => {
    const failure =
      one.activityTaskFailedEventAttributes?.failure ?? one.markerRecordedEventAttributes?.failure;
    return failure?.applicationFailureInfo?.type ?? [];
  });
  return { outcome, code: failed };
}
const NOTHING = (code: string) => ({ outcome: 'failed', code });
const effects = async () => (await env.actions.effects()).map(({ what }) => what);

/** What the worker would have said of the proposal. */
const ASSESSED = {
  ok: true,
  assessment: { args: SHIP.args, risk: 'low', runs: { in: 'worker', timeout: '1 minute' } },
  policy: TWO,
  deployment: 'default',
  requesterProof: 'claimed',
  reviewers: DIRECTORY,
};
const [{ authentication: _, ...BELIEVING }] = [TWO];
const [LEVEL] = TWO.levels;
/** Of a question that is asked elsewhere. */
const OTHER: Place = { workflowId: 'another', firstRunId: 'another', gate: 'main', level: 'HUMAN' };
const zeros = (decision: Decision): Decision => ({
  ...decision,
  signature: { ...decision.signature!, value: `${'A'.repeat(86)}==` },
});
/** eve's key under ana's name. */
const HIS_OWN: Directory = {
  people: [{ name: 'ana', keys: [{ id: 'ana-1', public: pair('eve-1').public }] }, { name: 'bo' }],
};

async function nothingRuns(workflowId: string, code: string): Promise<void> {
  expect(await refused(workflowId)).toEqual(NOTHING(code));
  expect(await effects()).not.toContain('mallory × 7777');
  expect(env.executions.filter(({ root }) => root.workflowId === workflowId)).toHaveLength(1);
  const { key } = env.executions.find(({ root }) => root.workflowId === workflowId)!;
  expect(await env.store.effect(key)).toEqual({});
}

describe('with a forged marker of', () => {
  /** The first task of a genuine root, answered with that alone; our worker goes on from there. */
  async function assessedAs(said: object): Promise<string> {
    await env.stopWorker();
    const workflowId = await begun();
    await (await mine(workflowId)).answer(marker(1, 'assess', { ...ASSESSED, ...said }));
    await env.startWorker();
    return workflowId;
  }
  const open = (workflowId: string) => env.until(workflowId, ({ status }) => status === 'open');

  test('assess, as it should be, the signed approvals of two run it: the refusals below have a reason', async () => {
    const workflowId = await assessedAs({});
    const packet = await open(workflowId);
    for (const reviewer of ['ana', 'bo']) await signal(workflowId, approves(packet, reviewer));
    await expect(ended(workflowId)).resolves.toMatchObject({ outcome: 'executed' });
  });

  test.each<[string, object]>([
    ['asks nobody', { ...TWO, confirmation: 'INFO' }],
    [
      'takes silence for consent',
      { ...TWO, levels: [{ ...LEVEL, respondWithin: '1 second', onSilence: 'approve' }] },
    ],
  ])('assess, with a policy that %s: nothing runs', async (_said, policy) => {
    const workflowId = await assessedAs({ policy });
    await nothingRuns(workflowId, 'POLICY_TOO_WEAK');
  });

  test('assess, without a directory, so that names are believed: nothing runs', async () => {
    const workflowId = await assessedAs({ policy: BELIEVING, reviewers: undefined });
    const { digest } = await open(workflowId);
    for (const reviewer of ['ana', 'bo']) await signal(workflowId, saying(digest!, reviewer));
    await nothingRuns(workflowId, 'UNAUTHENTICATED');
  });

  test('assess, with a directory of his own, which has his key under ana’s name: nothing runs', async () => {
    const policy = { ...TWO, levels: [{ ...LEVEL, quorum: 1 }] };
    const workflowId = await assessedAs({ policy, reviewers: HIS_OWN });
    const packet = await open(workflowId);
    await signal(workflowId, signed(saying(packet.digest!, 'ana'), placeOf(packet), { by: 'eve-1' }));
    await nothingRuns(workflowId, 'BAD_SIGNATURE');
  });

  test('verify: two signatures of zeros are admitted, recorded and approved, and nothing runs', async () => {
    const packet = await env.opened({ policy: TWO });
    const { workflowId } = packet;
    await env.stopWorker();
    for (const reviewer of ['ana', 'bo']) await signal(workflowId, zeros(approves(packet, reviewer)));
    await (await mine(workflowId)).answer(marker(2, 'verify', [{ signature: true }, { signature: true }]));
    await env.startWorker();
    await nothingRuns(workflowId, 'BAD_SIGNATURE');
    expect(types(await told(workflowId))).toEqual(expect.arrayContaining(['decided', 'approved', 'closed']));
  });

  test('record: what is said to be stored, and the store does not have, is no approval', async () => {
    const packet = await env.opened({ policy: TWO });
    const { workflowId } = packet;
    await env.stopWorker();
    for (const reviewer of ['ana', 'bo']) await signal(workflowId, zeros(approves(packet, reviewer)));
    await (
      await mine(workflowId)
    ).answer(marker(2, 'verify', [{ signature: true }, { signature: true }]), marker(3, 'record'));
    await env.startWorker();
    await nothingRuns(workflowId, 'NO_EVIDENCE');
  });
});

describe('execute, scheduled by himself for a genuine root', () => {
  let genuine: (typeof env.executions)[number];
  beforeAll(async () => {
    const packet = await env.opened({ policy: TWO });
    for (const reviewer of ['ana', 'bo']) await signal(packet.workflowId, approves(packet, reviewer));
    await ended(packet.workflowId);
    genuine = env.executions.at(-1)!;
  });

  /** Under his root's own digest and key. */
  function of(root: Root, change: object) {
    const execution = { ...genuine, root, ...change };
    const digest = digestOf({ ...root, ...execution });
    return { ...execution, digest, key: effectKey(root, execution.gate, digest) };
  }

  test.each<[string, (root: Root) => unknown, string]>([
    ['with another’s approval', () => genuine, 'NOT_ITS_WORKFLOW'],
    ['with that approval, as its own', (root) => of(root, {}), 'NO_EVIDENCE'],
    ['with args of his own', (root) => of(root, { args: MALLORY }), 'NO_EVIDENCE'],
    ['as a step of it', (root) => of(root, { gate: 'a', record: genuine.root }), 'NOT_ITS_WORKFLOW'],
    ['with nothing', () => ({}), 'NOT_ITS_WORKFLOW'],
  ])('%s: nothing runs', async (_said, forged, code) => {
    const runs = env.actions.runs['ship'];
    await env.stopWorker();
    const workflowId = await begun();
    const task = await mine(workflowId);
    await task.answer(scheduling('execute', env.taskQueue, forged(task.root)));
    await env.startWorker();
    const failed = await until(
      async () =>
        (await env.history(workflowId)).flatMap(
          ({ activityTaskFailedEventAttributes: one }) => one?.failure?.applicationFailureInfo?.type ?? [],
        ),
      ({ length }) => length > 0,
    );
    expect(failed).toEqual([code]);
    expect(env.actions.runs['ship']).toBe(runs);
    await env.client.workflow.getHandle(workflowId).terminate();
  });
});

interface GoesOn {
  readonly forgery: Forgery;
  readonly type?: string;
  readonly argument?: object;
  readonly proposal?: Asked['proposal'];
}

/** Genuine runs of ours go on by his hand, all while no worker of ours polls; their ids, in order. He takes every task before one goes on. */
async function goneOn(all: readonly GoesOn[]): Promise<string[]> {
  await env.stopWorker();
  const ids: string[] = [];
  for (const { type, argument } of all) ids.push(await begun(type, argument));
  const tasks = new Map<string, Task>();
  while (tasks.size < ids.length) {
    const task = await taken(env, env.taskQueue);
    tasks.set(task.root.workflowId, task);
  }
  for (const [nth, one] of all.entries()) {
    const { forgery, type = 'proposeAndExecute', argument = GIVEN, proposal = SHIP } = one;
    const task = tasks.get(ids[nth]!)!;
    const carried = carriedBy(task.root, { proposal, policy: TWO }, forgery);
    await task.goOnAs(type, env.taskQueue, [argument, carried]);
  }
  await env.startWorker();
  return ids;
}

/** The next run believes what it is given, and bo signs what he is shown. */
async function signedByBo(workflowId: string): Promise<void> {
  const packet = await env.until(workflowId, ({ status }) => status === 'open');
  const bo = approves(packet, 'bo');
  await signal(workflowId, bo);
  await expect(env.countersign.confirmed(workflowId, bo.id, 10_000)).resolves.toMatchObject({
    status: 'admitted',
  });
}

const as =
  (how: SignedAs = {}, more: Partial<Decision> = {}, where: Partial<Place> = {}): Forgery['ana'] =>
  ({ digest, ...place }) =>
    signed(saying(digest, 'ana', more), { ...place, ...where }, how);
const who =
  (reviewer: string, how: SignedAs = {}): Forgery['ana'] =>
  ({ digest, ...place }) =>
    signed(saying(digest, reviewer), place, how);
const ELSEWHERE = 'e'.repeat(64);

test('a run that goes on by his hand, with ana’s own signature: it runs, so that the refusals below have a reason', async () => {
  const [workflowId = ''] = await goneOn([{ forgery: { ana: as() } }]);
  await signedByBo(workflowId);
  await expect(ended(workflowId)).resolves.toMatchObject({ outcome: 'executed' });
});

describe('a gate of his own making, in which bo approves and ana is said to have', () => {
  const FORGERIES: readonly (readonly [string, Forgery, string])[] = [
    [
      'without a signature',
      { ana: ({ digest, shown }) => saying(digest, 'ana', { shown }) },
      'UNAUTHENTICATED',
    ],
    ['with a signature of zeros', { ana: (of) => zeros(as()(of)) }, 'BAD_SIGNATURE'],
    ['with eve’s signature', { ana: as({ by: 'eve-1' }) }, 'BAD_SIGNATURE'],
    ['with bo’s key', { ana: as({ keyId: 'bo-1' }) }, 'UNKNOWN_KEY'],
    ['with a key that was revoked', { ana: as({ keyId: 'ana-revoked' }) }, 'KEY_REVOKED'],
    [
      'with a signature that has expired',
      { ana: as({ issued: -20 * MINUTE, expires: -MINUTE }) },
      'SIGNATURE_EXPIRED',
    ],
    ['signed for another level', { ana: as({}, {}, { level: 'MANAGER' }) }, 'BAD_SIGNATURE'],
    ['signed for another gate', { ana: as({}, {}, { gate: 'second' }) }, 'BAD_SIGNATURE'],
    ['signed for another workflow', { ana: as({}, {}, { workflowId: 'another' }) }, 'BAD_SIGNATURE'],
    ['signed for another run', { ana: as({}, {}, { firstRunId: 'earlier' }) }, 'BAD_SIGNATURE'],
    ['signed for another deployment', { ana: as({}, {}, { deployment: 'elsewhere' }) }, 'BAD_SIGNATURE'],
    [
      'of another deployment, as all of the gate says it is',
      { gate: { deployment: 'elsewhere' }, ana: as() },
      'BAD_SIGNATURE',
    ],
    [
      'on another question, whole as she signed it there',
      { ana: ({ shown }) => signed(saying(ELSEWHERE, 'ana'), { ...OTHER, shown }) },
      'NOT_SIGNED',
    ],
    ['naming what another question shows', { ana: as({}, { shown: ELSEWHERE }) }, 'SHOWN_OTHERWISE'],
    [
      'and all of it says that what another question shows was shown',
      { state: () => ({ shown: ELSEWHERE }), ana: as() },
      'SHOWN_OTHERWISE',
    ],
    [
      'on another title than the gate has now',
      { state: ({ proposal }) => ({ proposal: { ...proposal, title: 'Nothing much' } }), ana: as() },
      'SHOWN_OTHERWISE',
    ],
    ['as a rejection', { ana: as({}, { verdict: 'reject', comment: 'no' }) }, 'NOT_SIGNED'],
    ['and is the requester', { ana: who('rita') }, 'NOT_AN_APPROVER'],
    ['and answers for the agent', { ana: who('olaf') }, 'NOT_AN_APPROVER'],
    ['and is nobody who was asked', { ana: who('dee') }, 'NOT_AN_APPROVER'],
  ];
  let ids: string[];
  beforeAll(async () => {
    ids = await goneOn(FORGERIES.map(([, forgery]) => ({ forgery })));
  });

  test.each(FORGERIES.map(([said, , code], at) => ({ said, code, at })))(
    '$said: nothing runs',
    async ({ code, at }) => {
      const runs = env.actions.runs['ship'];
      const workflowId = ids[at]!;
      await signedByBo(workflowId);
      expect(await refused(workflowId)).toEqual(NOTHING(code));
      expect(env.actions.runs['ship']).toBe(runs);
    },
  );
});

test('entries that name another’s chain, behind what is on record there: they are not stored, and nothing runs', async () => {
  const victim = await env.opened({ policy: TWO });
  const { root } = victim;
  const before = await env.store.entries(victim.workflowId);
  const last = before.at(-1) ?? { seq: 0, hash: '0'.repeat(64) };
  const theirs = { ...openChain(root!, SEED), seq: last.seq, head: last.hash };
  const { pending } = append(theirs, { type: 'closed', outcome: 'rejected' }, new Date().toISOString());
  const record: Forgery['record'] = (chain) => ({
    ...chain,
    pending: pending.map((entry) => ({ ...entry, ...root })),
  });
  const [workflowId = ''] = await goneOn([{ forgery: { ana: as(), record } }]);
  await signedByBo(workflowId);
  const { waitingFor } = await env.until(workflowId, (packet) => packet.waitingFor !== undefined);
  expect(waitingFor).toContain('the audit store does not take it');
  expect(await env.store.entries(victim.workflowId)).toEqual(before);
  expect(JSON.stringify(env.executions).includes(JSON.stringify(workflowId))).toBe(false);
  await env.client.workflow.getHandle(workflowId).terminate();
});

test('a step that never was, on record by his hand, and what would take it back: nothing runs', async () => {
  const undo = { action: 'ship', args: MALLORY };
  await env.stopWorker();
  const plan = await begun('multiStepApproval', {
    v: 1,
    requester: 'rita',
    steps: [{ name: 's', proposal: SHIP, policy: TWO }],
  });
  const task = await mine(plan);
  const question = { revision: 1, action: SHIP.action, args: SHIP.args };
  const digest = digestOf({ ...task.root, gate: 's', ...question, undo });
  const key = effectKey(task.root, 's', digest);
  const at = new Date().toISOString();
  const facts: Fact[] = [
    { type: 'opened', gate: 's', revision: 1, digest, policy: TWO, level: 'HUMAN', shown: ELSEWHERE },
    {
      ...{ type: 'approved', gate: 's', revision: 1, digest, level: 'HUMAN', signers: ['ana', 'bo'] },
      ...{ action: SHIP.action, key, basis: 'signatures', evidence: ELSEWHERE },
    },
    { type: 'executed', gate: 's', key, result: ELSEWHERE, receipt: 'none' },
  ] as Fact[];
  // A workflow of ours under the step's id goes on by his hand with that record, and stores it as it expires.
  const { taskQueue } = env;
  await env.client.workflow.start('proposeAndExecute', { taskQueue, workflowId: `${plan}/s`, args: [GIVEN] });
  const step = await mine(`${plan}/s`);
  const chain = facts.reduce((on, fact) => append(on, fact, at), openChain(step.root, SEED));
  const past = { deadline: Date.now() - MINUTE, firstDeadline: Date.now() - MINUTE };
  const forgery: Forgery = { state: () => past, ana: as(), record: () => chain };
  await step.goOnAs('proposeAndExecute', taskQueue, [
    GIVEN,
    carriedBy(step.root, { proposal: SHIP, policy: TWO }, forgery),
  ]);
  await env.startWorker();
  await ended(`${plan}/s`);
  expect(types(await told(`${plan}/s`)).slice(0, 3)).toEqual(['opened', 'approved', 'executed']);

  const [, { seq, hash }] = chain.pending as [unknown, { seq: number; hash: string }];
  const taking = {
    ...{ v: 1, root: task.root, requester: 'rita', step: { name: 's', proposal: SHIP, undo } },
    plan: { onReject: 'undo', at: 1, steps: [{ name: 's', about: 's' }] },
    context: { step: 's', steps: [] },
    undoing: { record: step.root, seq, hash, question, policy: TWO },
  };
  await task.answer(starting('reviewStep', `${plan}/undo/s`, taskQueue, taking));
  expect(await refused(`${plan}/undo/s`)).toEqual(NOTHING('NOT_CONSENT'));
  expect(await effects()).not.toContain('mallory × 7777');
  await env.client.workflow.getHandle(plan).terminate();
});

describe('an approval without an effect, in which bo approves and ana is said to have', () => {
  const CONFIRM = { ...SHIP, action: 'confirm', args: { question: 'Delete it' } };
  const ANSWER = { ...SHIP, action: 'answer', args: { output: 'It is on its way.' } };
  const TYPES = [
    ['confirm', ASKED, CONFIRM],
    ['generateAndReview', WRITTEN, ANSWER],
  ] as const;

  const FORGERIES = TYPES.flatMap(([type, argument, proposal]) =>
    (
      [
        ['without a signature', ({ digest, shown }) => saying(digest, 'ana', { shown }), 'UNAUTHENTICATED'],
        ['with a signature of zeros', (of) => zeros(as()(of)), 'BAD_SIGNATURE'],
        ['signed for another workflow', as({}, {}, { workflowId: 'another' }), 'BAD_SIGNATURE'],
        ['naming what another question shows', as({}, { shown: ELSEWHERE }), 'SHOWN_OTHERWISE'],
      ] satisfies [string, Forgery['ana'], string][]
    ).map(([how, ana, code]) => ({ how, code, goes: { type, argument, proposal, forgery: { ana } } })),
  );
  const CONTROLS = TYPES.map(([type, argument, proposal]) => ({
    ...{ type, argument, proposal },
    forgery: { ana: as() },
  }));
  let controls: string[];
  let ids: string[];
  beforeAll(async () => {
    const all = await goneOn([...CONTROLS, ...FORGERIES.map(({ goes }) => goes)]);
    [controls, ids] = [all.slice(0, CONTROLS.length), all.slice(CONTROLS.length)];
  });

  test.each(TYPES.map(([type], at) => ({ type, at })))(
    '$type, the control: both have signed, and it is approved',
    async ({ at }) => {
      await signedByBo(controls[at]!);
      await expect(ended(controls[at]!)).resolves.toMatchObject({ outcome: 'approved' });
    },
  );

  test.each(FORGERIES.map(({ how, code, goes: { type } }, at) => ({ type, how, code, at })))(
    '$type, $how: it is not approved, and says $code',
    async ({ code, at }) => {
      const workflowId = ids[at]!;
      await signedByBo(workflowId);
      expect(await refused(workflowId)).toEqual(NOTHING(code));
    },
  );
});

describe('what he can do', () => {
  test('he shows another picture of a genuine gate: whoever has a key signs what the picture stands for, or nothing', async () => {
    const packet = await env.opened({ policy: TWO });
    const { workflowId, digest } = packet;
    const folder = temporaryDirectory();
    const key = path.join(folder.path, 'ana.pem');
    writeFileSync(key, privateKeyFile({ privateKeyPem: pair('ana-1').private, keyId: 'ana-1' }), {
      mode: 0o600,
    });
    const argv = ['approve', workflowId, '--digest', digest!, '--reviewer', 'ana', '--key', key, '--json'];
    await env.stopWorker();
    const harmless = { ...packet.proposal!, args: { order: 'A-7', units: 1 } };
    for (const [lie, code] of [
      [{ ...packet, proposal: harmless }, 'DIGEST_MISMATCH'],
      [{ ...packet, proposal: { ...packet.proposal!, title: 'Nothing much' } }, 'SHOWN_OTHERWISE'],
    ] as const) {
      const asked = cli({ countersign: env.countersign }, argv, { data: folder.path });
      await pictured(env, lie);
      const { out, err } = await asked;
      expect(out + err).toContain(code);
    }
    await env.startWorker();
    expect(await env.countersign.show(workflowId)).toMatchObject({ status: 'open', signatures: [] });
    folder.remove();
  });

  test.each([
    [
      'that tells of a record',
      { audit: { entries: 7, head: ELSEWHERE } },
      "the workflow's result tells of 7 entries, the store has 0",
    ],
    ['that tells of none', {}, 'its result names no record'],
  ])('he ends a genuine workflow with a result %s: reconcile says so', async (_said, more, problem) => {
    await env.stopWorker();
    const since = new Date(Date.now() - MINUTE).toISOString();
    const workflowId = await begun('confirm', ASKED);
    const result = { v: 1, outcome: 'approved', confirmed: true, decisions: [], escalations: [], ...more };
    await (await mine(workflowId)).answer(ending(result));
    await env.startWorker();
    await expect(ended(workflowId)).resolves.toMatchObject({ outcome: 'approved', confirmed: true });
    expect(await told(workflowId)).toEqual([]);
    const found = await until(
      () => mismatches(since),
      (said) => said.some((one) => one.startsWith(`${workflowId}: `)),
    );
    expect(found).toContainEqual(expect.stringContaining(`${workflowId}: ${problem}`));
  });
});

/** What reconcile finds of the workflows that were closed since. */
async function mismatches(since: string): Promise<readonly string[]> {
  const workflowId = `reconcile-${String(++nth)}`;
  const args = [{ v: 1, since, settle: '1 second' }];
  const handle = await env.client.workflow.start('reconcile', { taskQueue: env.taskQueue, workflowId, args });
  const error: unknown = await handle.result().catch((caught: unknown) => caught);
  const { details } = (error as { cause?: { details?: [Reconciled] } }).cause ?? {};
  return details?.[0].mismatches ?? [];
}
