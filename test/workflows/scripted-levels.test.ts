/** The scripted reviewer's steps that need a second level, a delegate or a phrase, against the real handlers. */
import type { PolicyInput } from '../../src/client';
import {
  approve,
  delegate,
  edit,
  escalate,
  extend,
  scriptedReviewer,
  withdraw,
  type Step,
} from '../../src/testing';
import { SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

const level = (name: string, more: object, ...people: string[]) => ({
  name,
  approvers: { people },
  respondWithin: '3 hours',
  ...more,
});

async function started(policy: PolicyInput): Promise<string> {
  const { workflowId } = await env.countersign.propose({
    task: 'ship',
    requester: 'svc',
    proposal: SHIP,
    policy,
  });
  return workflowId;
}

async function played(workflowId: string, script: readonly Step[], reviewer = 'ana') {
  const receipts = await scriptedReviewer({ client: env.client, reviewer, script }).review(workflowId);
  return receipts.map(({ status, code }) => code ?? status);
}

it('withdraws, extends, delegates and passes up; the next level decides in its own workflow', async () => {
  const workflowId = await started({
    confirmation: 'CONFIRM',
    levels: [level('HUMAN', { quorum: 2 }, 'ana', 'bo'), level('MANAGER', {}, 'mia')],
  });
  expect(await played(workflowId, [])).toEqual([]); // it waits until the gate is open
  const { deadline = '' } = await env.countersign.show(workflowId);
  const later = new Date(Date.parse(deadline) + 60_000);
  const script = [approve(), withdraw('too soon'), extend(later), delegate('dee', 'away'), withdraw()];
  expect(await played(workflowId, script)).toEqual([
    'admitted',
    'admitted',
    'admitted',
    'admitted',
    'NOTHING_TO_WITHDRAW',
  ]);
  expect(await env.countersign.show(workflowId)).toMatchObject({
    deadline: later.toISOString(),
    delegations: [{ from: 'ana', to: 'dee' }],
    signatures: [],
  });
  expect(await played(workflowId, [escalate('above us')], 'dee')).toEqual(['admitted']);
  expect(await played(`${workflowId}/MANAGER`, [approve('go')], 'mia')).toEqual(['admitted']);
  expect(await env.countersign.result(workflowId)).toMatchObject({
    outcome: 'executed',
    escalations: [{ from: 'HUMAN', to: 'MANAGER' }],
    decisions: [
      { verdict: 'approve', level: 'HUMAN' },
      { verdict: 'withdraw', comment: 'too soon' },
      { verdict: 'extend', until: later.toISOString() },
      { verdict: 'delegate', to: 'dee', comment: 'away' },
      { verdict: 'escalate', reviewer: 'dee', comment: 'above us' },
      { verdict: 'approve', reviewer: 'mia', level: 'MANAGER', comment: 'go' },
    ],
  });
});

it('at VERIFY the phrase is typed, for an approval as for an edit', async () => {
  const policy: PolicyInput = {
    confirmation: 'VERIFY',
    phrase: 'SHIP A-7',
    levels: [level('HUMAN', {}, 'ana')],
  };
  const approved = await started(policy);
  expect(await played(approved, [approve(), approve('now', 'ship A-7'), approve('now', 'SHIP A-7')])).toEqual(
    ['PHRASE_REQUIRED', 'PHRASE_MISMATCH', 'admitted'],
  );
  expect(await env.countersign.result(approved)).toMatchObject({ outcome: 'executed' });
  const edited = await started(policy);
  const one = { order: 'A-7', units: 1 };
  expect(await played(edited, [edit(one, 'fewer', 'SHIP A-7')])).toEqual(['admitted']);
  expect(await env.countersign.result(edited)).toMatchObject({
    outcome: 'executed',
    proposal: { args: one },
  });
});

it('a question of its own: the typed client’s confirm', async () => {
  const { workflowId } = await env.countersign.confirm({
    action: 'Delete resource orders-eu',
    level: 'VERIFY',
    details: { rows: 12 },
    requester: 'svc',
    policy: { levels: [level('HUMAN', {}, 'ana')] },
  });
  expect(await played(workflowId, [approve(undefined, 'DELETE orders-eu')])).toEqual(['admitted']);
  expect(await env.countersign.result(workflowId)).toMatchObject({ outcome: 'approved', confirmed: true });
});
