/** The scripted reviewer of `countersign/testing`, against the real handlers on a real server. */
import type { ProposeInput } from '../../src/client';
import {
  approve,
  comment,
  defer,
  edit,
  reject,
  respond,
  scriptedReviewer,
  signed,
  staySilent,
  testKey,
  type Step,
  type TestKey,
} from '../../src/testing';
import type { Directory } from '../../src/domain/reviewers';
import { SHIP, startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';
import { forward } from '../support/workflow-skipping';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

async function started(policy: ProposeInput['policy'] = within('3 hours')): Promise<string> {
  const { workflowId } = await env.countersign.propose({
    task: 'ship',
    requester: 'svc',
    proposal: SHIP,
    policy,
  });
  return workflowId;
}

/** What became of each decision: admitted, or the code of its refusal. */
async function played(workflowId: string, script: readonly Step[], reviewer = 'ana') {
  const receipts = await scriptedReviewer({ client: env.client, reviewer, script }).review(workflowId);
  return receipts.map(({ status, code }) => code ?? status);
}

const endOf = (workflowId: string) => env.countersign.result(workflowId);

it('says it all in order, on the revision that is open by then', async () => {
  const workflowId = await started(within('3 hours', { quorum: 2 }));
  const bo = [comment('too many'), edit({ order: 'A-7', units: 1 }, 'one is enough')];
  expect(await played(workflowId, bo, 'bo')).toEqual(['admitted', 'admitted']);
  expect(await played(workflowId, [approve('fine')], 'ana')).toEqual(['admitted']);
  expect(await endOf(workflowId)).toMatchObject({
    outcome: 'executed',
    result: { done: 'A-7 × 1' },
    decisions: [
      { verdict: 'comment', reviewer: 'bo', comment: 'too many' },
      { verdict: 'edit', reviewer: 'bo', comment: 'one is enough' },
      { verdict: 'approve', reviewer: 'ana', comment: 'fine' },
    ],
  });
});

it('rejects, and answers in place of the action', async () => {
  const rejected = await started();
  expect(await played(rejected, [reject('not today')])).toEqual(['admitted']);
  expect(await endOf(rejected)).toMatchObject({ outcome: 'rejected' });
  const answered = await started();
  expect(await played(answered, [respond({ instead: 'ask the depot' })])).toEqual(['admitted']);
  expect(await endOf(answered)).toMatchObject({ outcome: 'answered', result: { instead: 'ask the depot' } });
});

it('what it says after the end is refused, as a receipt', async () => {
  const workflowId = await started();
  const script = [reject('no'), approve()];
  const [first, second] = await played(workflowId, script);
  expect(first).toBe('admitted');
  // The gate is closed; a moment later so is the workflow, and then the refusal is the client's.
  expect(['GATE_CLOSED', 'ALREADY_CLOSED']).toContain(second);
  await endOf(workflowId);
  await expect(played(workflowId, [approve()])).rejects.toThrow(
    `the gate main of ${workflowId} is closed already, outcome rejected: there is nothing to review`,
  );
});

it('defers, and time passes: an hour leaves time to approve, four do not', async () => {
  const inTime = await started();
  const skip = (of: string) => (duration: unknown) => forward(env.connection, of, duration as '1 hour');
  expect(await played(inTime, [defer('1 hour', skip(inTime)), approve()])).toEqual(['admitted']);
  expect(await endOf(inTime)).toMatchObject({ outcome: 'executed' });
  const late = await started();
  const [said] = await played(late, [defer('4 hours', skip(late)), approve()]);
  expect(['DEADLINE_PASSED', 'GATE_CLOSED', 'ALREADY_CLOSED']).toContain(said);
  expect(await endOf(late)).toMatchObject({ outcome: 'expired', decisions: [] });
});

describe('with a key', () => {
  const key = testKey('ana-1');
  const reviewers = (): Directory => ({ people: [{ name: 'ana', keys: [key.entry] }, { name: 'bo' }] });
  beforeAll(() => {
    env.configured.reviewers = reviewers();
  });
  afterAll(() => {
    env.configured.reviewers = undefined;
  });
  const signing = (workflowId: string, script: readonly Step[], with_: TestKey = key) =>
    scriptedReviewer({ client: env.client, reviewer: 'ana', script, key: with_ })
      .review(workflowId)
      .then((receipts) => receipts.map(({ status, code }) => code ?? status));

  it('signs what it says, on the revision that is open by then', async () => {
    const workflowId = await started(within('3 hours', { quorum: 1 }));
    expect(await played(workflowId, [approve()])).toEqual(['UNAUTHENTICATED']);
    expect(await signing(workflowId, [approve()], testKey('ana-1'))).toEqual(['BAD_SIGNATURE']);
    expect(await signing(workflowId, [comment('hm'), edit({ order: 'A-7', units: 1 })])).toEqual([
      'admitted',
      'admitted',
    ]);
    expect(await endOf(workflowId)).toMatchObject({ outcome: 'executed', result: { done: 'A-7 × 1' } });
  });

  it('signs by the time that the workflow has', async () => {
    const workflowId = await started(within('40 hours'));
    const skip = (duration: unknown) => forward(env.connection, workflowId, duration as '1 hour');
    expect(await signing(workflowId, [defer('30 hours', skip), approve()])).toEqual(['admitted']);
    expect((await endOf(workflowId)).outcome).toBe('executed');
  });

  it('what this machine’s clock says would be long expired then', async () => {
    const workflowId = await started(within('40 hours'));
    await forward(env.connection, workflowId, '30 hours');
    const late = scriptedReviewer({
      client: env.client,
      reviewer: 'ana',
      script: [approve()],
      key,
      now: Date.now,
    });
    const [receipt] = await late.review(workflowId);
    expect(receipt).toMatchObject({ status: 'refused', code: 'SIGNATURE_EXPIRED' });
    await env.client.workflow.getHandle(workflowId).terminate();
  });

  it('does not sign what shows something else than it stands for', async () => {
    const workflowId = await started();
    const packet = await env.until(workflowId, ({ status }) => status === 'open');
    const said = {
      v: 1 as const,
      id: 'd',
      digest: packet.digest!,
      verdict: 'approve' as const,
      reviewer: 'ana',
    };
    await expect(signed({ ...packet, requester: 'rita' }, said, key)).rejects.toThrow(/^SHOWN_OTHERWISE: /);
    await expect(signed(packet, { ...said, digest: 'f'.repeat(64) }, key)).rejects.toThrow(
      /^STALE_REVISION: /,
    );
    await env.client.workflow.getHandle(workflowId).terminate();
  });
});

it('in real time, where no sleep is given', async () => {
  const workflowId = await started();
  const before = Date.now();
  expect(await played(workflowId, [defer(200), approve()])).toEqual(['admitted']);
  expect(Date.now() - before).toBeGreaterThanOrEqual(200);
});

it('stays silent: nothing after it is said, and the gate stays open', async () => {
  const workflowId = await started();
  expect(await played(workflowId, [comment('hm'), staySilent(), approve()])).toEqual(['admitted']);
  expect(await env.countersign.show(workflowId)).toMatchObject({ status: 'open', signatures: [] });
  await env.client.workflow.getHandle(workflowId).terminate();
});

it('a gate that does not open is said so, within its time', async () => {
  const reviewer = scriptedReviewer({
    client: env.countersign,
    reviewer: 'ana',
    script: [approve()],
    within: 300,
  });
  await expect(reviewer.review('nobody')).rejects.toThrow(
    /^nobody did not open a gate within 0.3 s: there is no workflow nobody here/,
  );
  const workflowId = await started();
  const other = scriptedReviewer({
    client: env.client,
    reviewer: 'ana',
    script: [],
    gate: 'second',
    within: 300,
  });
  await expect(other.review(workflowId)).rejects.toThrow(
    /did not open the gate second within 0.3 s: its gate main is (?:proposing|open)/,
  );
  await env.client.workflow.getHandle(workflowId).terminate();
});
