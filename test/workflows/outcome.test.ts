/** The quick way: a decision that is answered with the outcome, and short effects inside the workflow task. */
import { temporal } from '@temporalio/proto';
import type { DecideInput, Packet } from '../../src/client';
import { past, SHIP, startWorkflowEnv, types, within, type WorkflowEnv } from '../support/workflow-env';

const COMPLETED =
  temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage
    .UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED;

let env: WorkflowEnv;
beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());
afterEach(() => {
  env.faults.storeDown = false;
  env.actions.runs['quick'] = 0;
});

const quick = (args: object = {}, policy = within('1 hour')) =>
  env.opened({ proposal: { ...SHIP, action: 'quick', args: args as never }, policy });
const says = (
  packet: Packet,
  verdict: DecideInput['verdict'] = 'approve',
  more: Partial<DecideInput> = {},
) => ({
  digest: packet.digest ?? '',
  verdict,
  reviewer: 'ana',
  ...more,
});
const kinds = async ({ workflowId }: Packet) =>
  (await env.history(workflowId)).map((event) => {
    const key = Object.keys(event).find((name) => name.endsWith('EventAttributes'));
    return key ?? '';
  });

describe('a decision that is answered with the outcome', () => {
  test('approve: the answer holds receipt and result, the very result of the workflow', async () => {
    const packet = await env.opened();
    const answer = await env.countersign.decideForOutcome(packet.workflowId, says(packet));
    expect(answer).toMatchObject({ status: 'admitted', result: { outcome: 'executed' } });
    expect(answer.result).toEqual(await env.countersign.result(packet.workflowId));
    await env.audit(packet.workflowId); // the head that was answered is that of the store
  });

  test.each([
    ['reject', { verdict: 'reject', comment: 'no' }, 'rejected'],
    ['respond', { verdict: 'respond', answer: 7 }, 'answered'],
    ['cancel', { verdict: 'cancel', reviewer: 'rita' }, 'cancelled'],
  ] as const)('%s: answered with %s', async (verdict, more, outcome) => {
    const packet = await env.opened();
    const answer = await env.countersign.decideForOutcome(packet.workflowId, says(packet, verdict, more));
    expect(answer).toMatchObject({ status: 'admitted', result: { outcome } });
  });

  test('one of two signatures, a comment, a refusal: answered at once, without a result', async () => {
    const packet = await env.opened({ policy: within('1 hour', { quorum: 2 }) });
    const { workflowId } = packet;
    const answers = [
      await env.countersign.decideForOutcome(workflowId, says(packet)),
      await env.countersign.decideForOutcome(workflowId, says(packet, 'comment', { comment: 'hm' })),
      await env.countersign.decideForOutcome(workflowId, says(packet, 'approve', { digest: '0'.repeat(64) })),
    ];
    expect(answers.map((one) => [one.status, one.result])).toEqual([
      ['admitted', undefined],
      ['admitted', undefined],
      ['refused', undefined],
    ]);
    const last = await env.countersign.decideForOutcome(
      workflowId,
      says(packet, 'approve', { reviewer: 'bo' }),
    );
    expect(last.result?.outcome).toBe('executed');
  });

  test('an edit, which is assessed first: answered with what was executed', async () => {
    const packet = await env.opened();
    const args = { order: 'A-7', units: 1 };
    const answer = await env.countersign.decideForOutcome(packet.workflowId, says(packet, 'edit', { args }));
    expect(answer).toMatchObject({ revision: 1, result: { outcome: 'executed', proposal: { args } } });
  });

  test('two at once: both get the one outcome, the effect is there once', async () => {
    const packet = await quick();
    const approve = (reviewer: string) =>
      env.countersign.decideForOutcome(packet.workflowId, says(packet, 'approve', { reviewer }));
    const [first, second] = await Promise.allSettled([approve('ana'), approve('bo')]);
    const admitted = [first, second].filter(
      (one) => one.status === 'fulfilled' && one.value.status === 'admitted',
    );
    expect(admitted).toHaveLength(1);
    expect(env.actions.runs['quick']).toBe(1);
  });

  test('a repeat of it after the end is answered as already closed, and nothing runs again', async () => {
    const packet = await quick();
    const decision = says(packet, 'approve', { id: 'once' });
    await env.countersign.decideForOutcome(packet.workflowId, decision);
    await expect(env.countersign.decideForOutcome(packet.workflowId, decision)).rejects.toMatchObject({
      code: 'ALREADY_CLOSED',
      message: 'already closed: outcome executed',
    });
    expect(env.actions.runs['quick']).toBe(1);
  });

  test('late: refused at once with the deadline, and the gate ends expired', async () => {
    const packet = await env.opened({ policy: within('1 second') });
    const [late, result] = await Promise.all([
      past(packet.deadline ?? '').then(() =>
        env.countersign
          .decideForOutcome(packet.workflowId, says(packet))
          .catch((error: unknown) => error as { code: string }),
      ),
      env.countersign.result(packet.workflowId),
    ]);
    // The workflow's clock is the skipping server's: it may have read the decision before it noticed that its time is up, or after.
    expect(['DEADLINE_PASSED', 'GATE_CLOSED', 'ALREADY_CLOSED']).toContain((late as { code: string }).code);
    expect(result).toMatchObject({ outcome: 'expired', decisions: [] });
  });

  test('read after the deadline by a worker that was away: an update has no receive time, so it does not count', async () => {
    const packet = await env.opened({ policy: within('2 seconds') });
    await env.stopWorker();
    await past(packet.deadline ?? '');
    const answer = env.countersign
      .decideForOutcome(packet.workflowId, says(packet))
      .catch((error: unknown) => error as { code: string });
    await env.startWorker();
    // Either it came before the expiry in the same task, and was refused, or the gate was closed when it came.
    expect(['DEADLINE_PASSED', 'GATE_CLOSED', 'ALREADY_CLOSED']).toContain((await answer).code);
    expect(await env.countersign.result(packet.workflowId)).toMatchObject({ outcome: 'expired' });
  });

  test('undecodable: refused cleanly, no failing task, and a good one counts afterwards', async () => {
    const packet = await env.opened();
    const bytes = (text: string) => new TextEncoder().encode(text);
    const update = env.connection.workflowService.updateWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: packet.workflowId },
      waitPolicy: { lifecycleStage: COMPLETED },
      request: {
        meta: { updateId: 'undecodable', identity: 'client' },
        input: {
          name: 'decideForOutcome',
          args: { payloads: [{ metadata: { encoding: bytes('json/plain') }, data: bytes('{"v":1,') }] },
        },
      },
    });
    expect((await update).outcome?.failure?.message).toMatch(/MALFORMED_DECISION/);
    const good = await env.countersign.decideForOutcome(packet.workflowId, says(packet));
    expect(good.result?.outcome).toBe('executed');
    expect(await env.failedTasks(packet.workflowId)).toEqual([]);
  });

  test('malformed: refused by the validator, no trace', async () => {
    const packet = await env.opened();
    const update = env.client.workflow
      .getHandle(packet.workflowId)
      .executeUpdate('decideForOutcome', { args: [{ v: 1 }] });
    await expect(update).rejects.toThrow();
    expect(await kinds(packet)).not.toContain('workflowExecutionUpdateAcceptedEventAttributes');
  });
});

describe('a short effect', () => {
  test('runs inside the workflow task: recorded first, one effect, no activity task', async () => {
    const packet = await quick();
    const { result } = await env.countersign.decideForOutcome(packet.workflowId, says(packet));
    expect(result).toMatchObject({ outcome: 'executed', result: { done: 'quick' } });
    const there = await kinds(packet);
    expect(there).not.toContain('activityTaskScheduledEventAttributes');
    const last = there.lastIndexOf('workflowTaskCompletedEventAttributes');
    expect(there.slice(last + 1)).toEqual([
      'workflowExecutionUpdateAcceptedEventAttributes',
      'timerCanceledEventAttributes',
      'markerRecordedEventAttributes', // record, effect, record
      'workflowExecutionUpdateCompletedEventAttributes',
      'workflowExecutionCompletedEventAttributes',
    ]);
    expect(types(await env.audit(packet.workflowId))).toEqual([
      'proposed',
      'opened',
      'decided',
      'approved',
      'executed',
      'closed',
    ]);
  });

  test('that does not come off at once goes on as an activity, under the same key', async () => {
    const packet = await quick({ failures: 2 });
    const before = (await env.actions.effects()).length;
    const { result } = await env.countersign.decideForOutcome(packet.workflowId, says(packet));
    expect(result?.outcome).toBe('executed');
    expect(env.actions.runs['quick']).toBe(3);
    expect(await env.actions.effects()).toHaveLength(before + 1);
    expect(await kinds(packet)).toContain('activityTaskScheduledEventAttributes');
    expect(await env.failedTasks(packet.workflowId)).toEqual([]);
  });

  test('that says it can never come off is not tried again', async () => {
    const packet = await quick({ refused: true });
    const { result } = await env.countersign.decideForOutcome(packet.workflowId, says(packet));
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: 'EXECUTE_FAILED: the warehouse refuses order 8',
    });
    expect(await kinds(packet)).not.toContain('activityTaskScheduledEventAttributes');
  });

  test('does not run while the store is down, and the gate leaves the inbox and says what it waits for', async () => {
    const packet = await quick();
    env.faults.storeDown = true;
    await env.countersign.send(packet.workflowId, says(packet));
    const waiting = await env.until(packet.workflowId, ({ waitingFor }) => waitingFor !== undefined);
    expect(waiting.status).toBe('approved');
    expect(env.actions.runs['quick'] ?? 0).toBe(0);
    const described = await env.client.workflow.getHandle(packet.workflowId).describe();
    const state = described.typedSearchAttributes.getAll().find(({ key }) => key.name === 'CountersignState');
    expect(state?.value).toBe('approved');
    env.faults.storeDown = false;
    expect((await env.countersign.result(packet.workflowId)).outcome).toBe('executed');
    expect(env.actions.runs['quick']).toBe(1);
  });
});

describe('an effect that came off is not tried again for what it returns or says', () => {
  test.each([
    ['bigint', /holds a bigint/],
    ['circle', /deep|nested|circ/i],
    ['depth', /deep|nested/i],
    ['megabytes', /bytes|large|long/i],
  ])('%s: executed, once, with a note of what could not be kept', async (returns, note) => {
    const before = env.actions.runs['strange'] ?? 0;
    const packet = await env.opened({ proposal: { ...SHIP, action: 'strange', args: { returns } } });
    await env.countersign.send(packet.workflowId, says(packet));
    expect(await env.countersign.result(packet.workflowId)).toMatchObject({
      outcome: 'executed',
      result: { notKept: expect.stringMatching(note) },
    });
    expect(env.actions.runs['strange']).toBe(before + 1);
    await env.audit(packet.workflowId);
  });

  test('an error of megabytes is told by its beginning', async () => {
    const packet = await env.opened({ proposal: { ...SHIP, action: 'strange', args: { returns: 'error' } } });
    await env.countersign.send(packet.workflowId, says(packet));
    const { outcome, reason = '' } = await env.countersign.result(packet.workflowId);
    expect(outcome).toBe('failed');
    expect(reason).toMatch(/^EXECUTE_FAILED: it was: E{3000}/);
    expect(reason.length).toBeLessThan(5_000);
  });
});

test('answered with null: the result says so', async () => {
  const packet = await env.opened();
  await env.countersign.send(packet.workflowId, says(packet, 'respond', { answer: null }));
  expect(await env.countersign.result(packet.workflowId)).toMatchObject({
    outcome: 'answered',
    result: null,
  });
});
