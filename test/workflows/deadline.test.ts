/** Deadlines of weeks, on a server that skips the time in which nothing happens. */
import { startWorkflowEnv, refusals, types, SHIP, within, type WorkflowEnv } from '../support/workflow-env';
import { forward } from '../support/workflow-skipping';

const DAY = 24 * 60 * 60 * 1000;
let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

const started = (workflowId: string, respondWithin = '30 days', more: object = {}) => ({
  input: { task: 'ship it', requester: 'rita', proposal: SHIP, policy: within(respondWithin), ...more },
  workflowId,
});

async function eventTimes(workflowId: string) {
  const events = await env.history(workflowId);
  const at = (event: (typeof events)[number] | undefined) => Number(event?.eventTime?.seconds ?? 0) * 1000;
  const fired = events.find((event) => event.timerFiredEventAttributes);
  return {
    started: at(events[0]),
    fired: fired === undefined ? undefined : at(fired),
    closed: at(events.at(-1)),
  };
}

test('thirty days of silence end in expired: the reason, the entry and the event times say so', async () => {
  const { input, workflowId } = started('silence');
  const began = Date.now();
  await env.skipping.propose(input, workflowId);
  const result = await env.skipping.result(workflowId);
  expect(Date.now() - began).toBeLessThan(20_000);
  const entries = await env.audit(workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'closed']);
  const [, opened, closed] = entries;
  const deadline = opened?.type === 'opened' ? opened.deadline! : '';
  expect(result).toMatchObject({
    outcome: 'expired',
    reason: `HUMAN did not decide by ${deadline}: 0 of 1 signatures`,
    decisions: [],
  });
  expect(closed).toMatchObject({ outcome: 'expired', reason: result.reason });
  expect(Date.parse(closed!.at)).toBeGreaterThanOrEqual(Date.parse(deadline));
  expect(Date.parse(deadline) - Date.parse(opened!.at)).toBe(30 * DAY);
  const times = await eventTimes(workflowId);
  expect(times.fired! - times.started).toBeGreaterThanOrEqual(30 * DAY - 1000);
  expect(times.fired! - times.started).toBeLessThan(30 * DAY + 60_000);
  expect(await env.actions.effects()).toEqual([]);
});

test('an approval on day 29 counts, and a comment on day 10 has not moved the deadline', async () => {
  const { workflowId, digest, deadline } = await env.opened({ policy: within('30 days') });
  await forward(env.connection, workflowId, '10 days');
  const comment = { digest: digest!, verdict: 'comment', reviewer: 'ana', comment: 'looking' } as const;
  await expect(env.countersign.decide(workflowId, comment)).resolves.toMatchObject({ status: 'admitted' });
  expect((await env.countersign.show(workflowId)).deadline).toBe(deadline);
  await forward(env.connection, workflowId, '19 days');
  const sent = await env.countersign.send(workflowId, {
    digest: digest!,
    verdict: 'approve',
    reviewer: 'ana',
  });
  const result = await env.countersign.result(workflowId);
  expect(result.outcome).toBe('executed');
  const approval = result.decisions.find(({ id }) => id === sent.id);
  const left = Date.parse(deadline!) - Date.parse(approval!.at);
  expect(left).toBeGreaterThan(0.9 * DAY);
  expect(left).toBeLessThan(1.1 * DAY);
  expect(types(await env.audit(workflowId))).toEqual([
    'proposed',
    'opened',
    'decided',
    'decided',
    'approved',
    'executed',
    'closed',
  ]);
});

test('a comment on day 29 buys no time: the gate expires on day 30', async () => {
  const { workflowId, digest, deadline } = await env.opened({ policy: within('30 days') });
  await forward(env.connection, workflowId, '29 days');
  const comment = { digest: digest!, verdict: 'comment', reviewer: 'ana', comment: 'wait for me' } as const;
  await env.countersign.decide(workflowId, comment);
  await forward(env.connection, workflowId, '2 days');
  const result = await env.countersign.result(workflowId);
  expect(result.outcome).toBe('expired');
  const entries = await env.audit(workflowId);
  expect(types(entries)).toEqual(['proposed', 'opened', 'decided', 'closed']);
  const late = Date.parse(entries.at(-1)!.at) - Date.parse(deadline!);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(60_000);
  expect(refusals(entries)).toEqual([]);
});

test('the deadline runs from the opening, not from the start: a slow agent costs the reviewer nothing', async () => {
  env.faults.agentTakes = 2_500;
  const began = Date.now();
  const packet = await env.propose({ task: 'answer: 42', requester: 'rita', policy: within('3 seconds') });
  env.faults.agentTakes = 0;
  const entries = async () => env.audit(packet.workflowId);
  await env.countersign.result(packet.workflowId);
  const [, opened] = await entries();
  expect(Date.parse(opened!.at) - began).toBeGreaterThanOrEqual(2_400);
  expect(Date.parse(packet.deadline!) - Date.parse(opened!.at)).toBe(3_000);
  const closed = (await entries()).at(-1);
  expect(closed).toMatchObject({ type: 'closed', outcome: 'expired' });
  expect(Date.parse(closed!.at)).toBeGreaterThanOrEqual(Date.parse(packet.deadline!));
});
