/** Levels after the first are child workflows: found, decided on there, lost, passed up, and never an approval by accident. */
import type { DecideInput, Packet } from '../../src/client';
import { pause, SHIP, startWorkflowEnv, types, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterEach(() => Object.assign(env.faults, { storeDown: false }));
afterAll(() => env.stop());

const by = (packet: Packet, reviewer: string, more: Partial<DecideInput> = {}): DecideInput => ({
  id: `${reviewer}-${more.verdict ?? 'approve'}-${String(packet.revision)}`,
  digest: packet.digest!,
  verdict: 'approve',
  reviewer,
  ...more,
});
const level = (name: string, people: string[], more: object = {}) => ({
  kind: 'people' as const,
  name,
  approvers: { people },
  respondWithin: '1 hour',
  ...more,
});
const LADDER = {
  confirmation: 'CONFIRM' as const,
  levels: [level('HUMAN', ['ana', 'bo']), level('MANAGER', ['mo', 'ana'])],
};
const effects = async () => (await env.actions.effects()).length;
const send = (packet: Packet, reviewer: string, more?: Partial<DecideInput>) =>
  env.countersign.send(packet.workflowId, by(packet, reviewer, more));

/** Opened at HUMAN, passed up by ana: the packets of the owner and of the level's own gate. */
async function passedUp(policy: object = LADDER): Promise<{ owner: Packet; child: Packet }> {
  const packet = await env.opened({ policy: policy as typeof LADDER });
  await send(packet, 'ana', { verdict: 'escalate', comment: 'above my limit' });
  const owner = await env.until(packet.workflowId, ({ status }) => status === 'waiting');
  const child = await env.until(owner.waitingOn!, ({ status }) => status === 'open');
  return { owner, child };
}

test('escalate: MANAGER is asked in a child workflow, the same digest is the same question, and its approval executes', async () => {
  const before = await effects();
  const { owner, child } = await passedUp();
  expect(owner).toMatchObject({
    status: 'waiting',
    waitingOn: `${owner.workflowId}/MANAGER`,
    level: 'MANAGER',
    verdicts: [],
    escalations: [{ from: 'HUMAN', to: 'MANAGER', reason: 'ana passed it up: above my limit' }],
  });
  expect(child).toMatchObject({
    workflowId: owner.waitingOn,
    root: { workflowId: owner.workflowId },
    digest: owner.digest,
    level: 'MANAGER',
    signatures: [],
  });
  await send(owner, 'mo', { id: 'at-the-owner' });
  await expect(env.countersign.receipt(owner.workflowId, 'at-the-owner')).resolves.toMatchObject({
    status: 'refused',
    code: 'ASK_CHILD',
    message: expect.stringContaining(owner.waitingOn!),
  });
  await send(child, 'mo');
  const result = await env.countersign.result(owner.workflowId);
  expect(result).toMatchObject({
    outcome: 'executed',
    escalations: [{ from: 'HUMAN', to: 'MANAGER', reason: 'ana passed it up: above my limit' }],
  });
  expect(result.decisions.map(({ reviewer, verdict, level: at }) => [reviewer, verdict, at])).toEqual([
    ['ana', 'escalate', 'HUMAN'],
    ['mo', 'approve', 'MANAGER'],
  ]);
  expect(await effects()).toBe(before + 1);
  expect(types(await env.audit(owner.workflowId))).toEqual([
    'proposed',
    'opened',
    'decided',
    'escalated',
    'level-opened',
    'refused',
    'level-ended',
    'approved',
    'executed',
    'closed',
  ]);
  expect(types(await env.audit(child.workflowId))).toEqual(['opened', 'decided', 'approved', 'closed']);
  expect(await env.failedTasks(owner.workflowId)).toEqual([]);
  expect(await env.failedTasks(child.workflowId)).toEqual([]);
});

test('the child is found by the inbox, for its own people', async () => {
  const { child } = await passedUp();
  const found: string[] = [];
  for (const latest = Date.now() + 10_000; !found.includes(child.workflowId) && Date.now() < latest;) {
    found.length = 0;
    for await (const item of env.countersign.list({ reviewer: 'mo' })) found.push(item.workflowId);
    await pause(100);
  }
  expect(found).toContain(child.workflowId);
  expect(found).not.toContain(child.root!.workflowId); // the owner waits, nobody decides there
});

test('one person, two levels: who signed at HUMAN does not sign at MANAGER', async () => {
  const policy = { ...LADDER, levels: [level('HUMAN', ['ana', 'bo'], { quorum: 2 }), LADDER.levels[1]] };
  const packet = await env.opened({ policy: policy as typeof LADDER });
  await send(packet, 'ana');
  await send(packet, 'bo', { verdict: 'escalate', comment: 'mo shall see it' });
  const child = await env.until(`${packet.workflowId}/MANAGER`, ({ status }) => status === 'open');
  const receipt = await env.countersign.decide(child.workflowId, by(child, 'ana'));
  expect(receipt).toMatchObject({ status: 'refused', code: 'SIGNED_AT_ANOTHER_LEVEL' });
  await send(child, 'mo', { verdict: 'reject', comment: 'no' });
  expect(await env.countersign.result(packet.workflowId)).toMatchObject({
    outcome: 'rejected',
    reason: 'mo rejected it: no',
  });
});

test('a level that an operator terminates: with none left the outcome is failed, LEVEL_TERMINATED', async () => {
  const before = await effects();
  const { owner, child } = await passedUp();
  await env.client.workflow.getHandle(child.workflowId).terminate('by hand');
  const result = await env.countersign.result(owner.workflowId);
  expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('LEVEL_TERMINATED') });
  expect(await effects()).toBe(before);
});

test('a level that is terminated, or cancelled by an operator, with another above it: that one is asked', async () => {
  const policy = { ...LADDER, levels: [...LADDER.levels, level('BOARD', ['zoe']), level('OWNER', ['al'])] };
  const { owner, child } = await passedUp(policy);
  await env.client.workflow.getHandle(child.workflowId).terminate('by hand');
  const board = await env.until(`${owner.workflowId}/BOARD`, ({ status }) => status === 'open');
  await env.client.workflow.getHandle(board.workflowId).cancel();
  const last = await env.until(`${owner.workflowId}/OWNER`, ({ status }) => status === 'open');
  await send(last, 'al');
  const result = await env.countersign.result(owner.workflowId);
  expect(result.outcome).toBe('executed');
  expect(result.escalations.map(({ from, to, reason }) => [from, to, reason])).toEqual([
    ['HUMAN', 'MANAGER', 'ana passed it up: above my limit'],
    ['MANAGER', 'BOARD', 'LEVEL_TERMINATED: the level MANAGER was terminated'],
    ['BOARD', 'OWNER', 'LEVEL_TERMINATED: the level BOARD was cancelled'],
  ]);
});

test('the requester calls it off at the level: cancelled, and nothing executes', async () => {
  const before = await effects();
  const { owner, child } = await passedUp();
  await send(child, 'rita', { verdict: 'cancel' });
  expect(await env.countersign.result(owner.workflowId)).toMatchObject({
    outcome: 'cancelled',
    reason: 'rita called it off',
  });
  expect(await effects()).toBe(before);
});

test('temporal workflow cancel of the owner ends the level, too, and nothing is left open', async () => {
  const { owner, child } = await passedUp();
  await env.client.workflow.getHandle(owner.workflowId).cancel();
  expect(await env.countersign.result(owner.workflowId)).toMatchObject({ outcome: 'cancelled' });
  const { status } = await env.client.workflow.getHandle(child.workflowId).describe();
  expect(status.name).toBe('COMPLETED');
});

test('an edit at the level closes it: the owner asks the level that the edited proposal’s policy asks for', async () => {
  const before = await effects();
  const policy = { ...LADDER, levels: [LADDER.levels[0], level('MANAGER', ['mo', 'max'], { quorum: 2 })] };
  const { owner, child } = await passedUp(policy);
  await send(child, 'mo', { verdict: 'edit', args: { order: 'A-7', units: 1 } });
  const again = await env.until(
    child.workflowId,
    ({ status, revision }) => status === 'open' && revision === 2,
  );
  expect(again).toMatchObject({ level: 'MANAGER', signatures: [{ reviewer: 'mo', revision: 2 }] });
  const stale = await env.countersign.decide(
    again.workflowId,
    by(again, 'max', { digest: child.digest!, id: 'stale' }),
  );
  expect(stale).toMatchObject({ status: 'refused', code: 'STALE_REVISION' });
  await send(again, 'max');
  const result = await env.countersign.result(owner.workflowId);
  expect(result).toMatchObject({
    outcome: 'executed',
    result: { done: 'A-7 × 1' },
    proposal: { args: { units: 1 } },
  });
  expect(await effects()).toBe(before + 1);
});

test('an edit at the level that the action does not take is refused there, and nothing changes', async () => {
  const { owner, child } = await passedUp();
  const receipt = await env.countersign.decide(
    child.workflowId,
    by(child, 'mo', { verdict: 'edit', args: { order: 'A-7', units: -1 } }),
  );
  expect(receipt).toMatchObject({ status: 'refused', code: 'INVALID_ARGS' });
  await send(child, 'mo');
  expect(await env.countersign.result(owner.workflowId)).toMatchObject({ outcome: 'executed' });
});

test('revise at the level: the agent proposes the next revision, which that level is asked', async () => {
  const packet = await env.propose({
    task: `propose: ${JSON.stringify({ action: 'ship', args: SHIP.args })}`,
    requester: 'rita',
    policy: LADDER,
  });
  await send(packet, 'ana', { verdict: 'escalate', comment: 'above my limit' });
  const child = await env.until(`${packet.workflowId}/MANAGER`, ({ status }) => status === 'open');
  await send(child, 'mo', { verdict: 'revise', comment: 'are you sure?' });
  const again = await env.until(
    child.workflowId,
    ({ status, revision }) => status === 'open' && revision === 2,
  );
  await send(again, 'mo');
  expect(await env.countersign.result(packet.workflowId)).toMatchObject({ outcome: 'executed' });
});

test('respond at the level: answered, and the answer is the result', async () => {
  const { owner, child } = await passedUp();
  await send(child, 'mo', { verdict: 'respond', answer: { shipped: 'by hand' } });
  expect(await env.countersign.result(owner.workflowId)).toMatchObject({
    outcome: 'answered',
    result: { shipped: 'by hand' },
  });
});

test('the level’s workflow id is taken: that level is lost, not believed', async () => {
  const packet = await env.opened({ policy: LADDER });
  await env.client.workflow.start('proposeAndExecute', {
    taskQueue: env.taskQueue,
    workflowId: `${packet.workflowId}/MANAGER`,
    args: [{ v: 1, task: 'squat', requester: 'eve', proposal: SHIP, policy: LADDER }],
  });
  await send(packet, 'ana', { verdict: 'escalate', comment: 'above my limit' });
  expect(await env.countersign.result(packet.workflowId)).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/^LEVEL_TERMINATED: .*workflow id is taken/),
  });
  await env.client.workflow.getHandle(`${packet.workflowId}/MANAGER`).terminate();
});

test('a level is asked by its gate alone: started by hand it is invalid input', async () => {
  const { child } = await passedUp();
  const start = (argument: unknown, ...more: unknown[]) =>
    env.client.workflow.execute('reviewLevel', {
      taskQueue: env.taskQueue,
      workflowId: `forged-${String(Math.random())}`,
      args: [argument, ...more],
    });
  const gate = { status: 'waiting', root: child.root };
  await expect(start({ v: 1, gate, setting: {} })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('INVALID_INPUT') },
  });
  await expect(start({ v: 1, gate: {} })).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/INVALID_INPUT: .*gate\.status.*setting/) },
  });
});

test('a gate that is approved already cannot be brought along at a start', async () => {
  const packet = await env.opened();
  const started = env.client.workflow.execute('proposeAndExecute', {
    taskQueue: env.taskQueue,
    workflowId: 'brought-along',
    args: [
      { v: 1, task: 'ship', requester: 'eve', proposal: SHIP },
      { gate: { ...packet, status: 'approved' }, ledger: {}, setting: {} },
    ],
  });
  await expect(started).rejects.toMatchObject({
    cause: { message: 'INVALID_INPUT: it takes one argument' },
  });
});

describe('silence', () => {
  const silent = (levels: object[], more: object = {}) =>
    env.skipping.propose({
      task: 'ship it',
      requester: 'rita',
      proposal: SHIP,
      policy: { confirmation: 'CONFIRM', levels, ...more } as typeof LADDER,
    });

  test('at HUMAN reaches MANAGER, and MANAGER’s silence ends expired', async () => {
    const before = await effects();
    const { workflowId } = await silent([
      level('HUMAN', ['ana'], { respondWithin: '7 days' }),
      level('MANAGER', ['mo'], { respondWithin: '14 days' }),
    ]);
    const result = await env.countersign.result(workflowId);
    expect(result).toMatchObject({
      outcome: 'expired',
      reason: expect.stringMatching(/^MANAGER did not decide by .*: 0 of 1 signatures$/),
      escalations: [
        { from: 'HUMAN', to: 'MANAGER', reason: expect.stringContaining('HUMAN did not decide') },
      ],
    });
    expect(await effects()).toBe(before);
  });

  test('that expires at HUMAN asks nobody else', async () => {
    const { workflowId } = await silent([
      level('HUMAN', ['ana'], { onSilence: 'expire' }),
      level('MANAGER', ['mo']),
    ]);
    expect(await env.countersign.result(workflowId)).toMatchObject({ outcome: 'expired', escalations: [] });
  });

  test('that the policy takes for consent, in words, executes, and the record says so', async () => {
    const before = await effects();
    const { workflowId } = await silent([level('HUMAN', ['ana'], { onSilence: 'approve' })]);
    expect(await env.countersign.result(workflowId)).toMatchObject({ outcome: 'executed', decisions: [] });
    expect(await effects()).toBe(before + 1);
    expect((await env.audit(workflowId)).find(({ type }) => type === 'approved')).toMatchObject({
      basis: 'silence',
      signers: [],
    });
  });
});
