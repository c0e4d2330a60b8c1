/** The whole workflow on a real server: what goes wrong around it, and what hostile or hasty senders do to it. */
import { randomUUID } from 'node:crypto';
import type { DecideInput, Packet } from '../../src/client';
import {
  pause,
  refusals,
  sendRaw,
  SHIP,
  startWorkflowEnv,
  types,
  within,
  type WorkflowEnv,
} from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterEach(() => {
  Object.assign(env.faults, { storeDown: false, historyUnreadable: false, agentTakes: 0 });
});
afterAll(() => env.stop());

const by = (packet: Packet, reviewer: string, more: Partial<DecideInput> = {}): DecideInput => ({
  id: `${reviewer}-${more.verdict ?? 'approve'}`,
  digest: packet.digest!,
  verdict: 'approve',
  reviewer,
  ...more,
});
const effects = async () => (await env.actions.effects()).length;
const run = (action: string, args: object = {}) =>
  env.opened({ proposal: { ...SHIP, action, args: args as never } });
const bytes = (text: string) => new TextEncoder().encode(text);

describe('the audit store is down', () => {
  test('nothing executes, the gate says what it waits for, and it goes on when the store returns', async () => {
    const before = await effects();
    const packet = await env.opened();
    env.faults.storeDown = true;
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    const waiting = await env.until(packet.workflowId, ({ waitingFor }) => waitingFor !== undefined);
    expect(waiting).toMatchObject({ status: 'approved', waitingFor: expect.stringContaining('audit store') });
    await pause(1_500);
    expect(await effects()).toBe(before);
    expect(await env.store.entries(packet.workflowId)).toEqual([]);
    env.faults.storeDown = false;
    expect((await env.countersign.result(packet.workflowId)).outcome).toBe('executed');
    expect(await effects()).toBe(before + 1);
    expect((await env.countersign.show(packet.workflowId)).waitingFor).toBeUndefined();
    expect(await env.failedTasks(packet.workflowId)).toEqual([]);
  });

  test('the requester who cancels while it is down voids the approval', async () => {
    const before = await effects();
    const packet = await env.opened();
    env.faults.storeDown = true;
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    await env.until(packet.workflowId, ({ waitingFor }) => waitingFor !== undefined);
    await env.countersign.send(
      packet.workflowId,
      by(packet, 'rita', { verdict: 'cancel', comment: 'wrong order' }),
    );
    await env.until(packet.workflowId, ({ status }) => status === 'closed');
    env.faults.storeDown = false;
    const result = await env.countersign.result(packet.workflowId);
    expect(result).toMatchObject({ outcome: 'cancelled', reason: 'rita called it off: wrong order' });
    expect(await effects()).toBe(before);
    expect(types(await env.audit(packet.workflowId))).toEqual([
      'proposed',
      'opened',
      'decided',
      'approved',
      'decided',
      'closed',
    ]);
  });
});

describe('temporal workflow cancel', () => {
  const cancel = (workflowId: string) => env.client.workflow.getHandle(workflowId).cancel();

  test('while the agent thinks: cancelled, and no gate', async () => {
    env.faults.agentTakes = 20_000;
    const { workflowId } = await env.countersign.propose({ task: 'answer: 42', requester: 'rita' });
    await env.until(workflowId, ({ status }) => status === 'proposing');
    await cancel(workflowId);
    await pause(300);
    env.faults.agentTakes = 0;
    expect(await env.countersign.result(workflowId)).toMatchObject({
      outcome: 'cancelled',
      reason: 'the workflow was cancelled',
    });
    expect(types(await env.audit(workflowId))).toEqual(['closed']);
  });

  test('while the gate is open: cancelled', async () => {
    const packet = await env.opened();
    await cancel(packet.workflowId);
    expect(await env.countersign.result(packet.workflowId)).toMatchObject({
      outcome: 'cancelled',
      decisions: [],
    });
    expect(types(await env.audit(packet.workflowId))).toEqual(['proposed', 'opened', 'closed']);
  });

  test('between two attempts: cancelled, and it says that an effect is not ruled out', async () => {
    const packet = await run('flaky', { failures: 1_000_000 });
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    await env.until(packet.workflowId, ({ status }) => status === 'executing');
    await pause(500);
    await cancel(packet.workflowId);
    const result = await env.countersign.result(packet.workflowId);
    expect(result.outcome).toBe('cancelled');
    expect(result.reason).toContain('whether an earlier attempt had an effect is not known');
  });

  test('while the effect runs: the effect is left to end, and its result counts', async () => {
    const before = await effects();
    const packet = await run('slow');
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    while (env.actions.runs['slow'] === undefined) await pause(20);
    await cancel(packet.workflowId);
    await pause(300);
    expect((await env.countersign.show(packet.workflowId)).status).toBe('executing');
    env.actions.release();
    expect(await env.countersign.result(packet.workflowId)).toMatchObject({
      outcome: 'executed',
      result: { done: 'slow' },
    });
    expect(await effects()).toBe(before + 1);
  });
});

test('a reset brings the decision before its gate: it counts, and the keyed effect is not repeated', async () => {
  const packet = await env.opened();
  await env.countersign.send(packet.workflowId, by(packet, 'ana'));
  const first = await env.countersign.result(packet.workflowId);
  const [before, runs] = [await effects(), env.actions.runs['ship']!];
  const finished = (await env.history(packet.workflowId)).find(
    (event) => event.workflowTaskCompletedEventAttributes,
  );
  const { runId } = await env.connection.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: packet.workflowId },
    reason: 'test',
    requestId: randomUUID(),
    workflowTaskFinishEventId: finished!.eventId!,
  });
  const again = await env.client.workflow.getHandle(packet.workflowId, runId).result();
  expect(again).toMatchObject({ outcome: 'executed', digest: first.digest, result: first.result });
  expect(again.decisions).toHaveLength(1);
  const events = await env.history(packet.workflowId, runId);
  const at = (is: (event: (typeof events)[number]) => unknown) =>
    events.findIndex((event) => is(event) != null);
  // The decision was there before the gate: its signal precedes the marker of the assessment.
  expect(at((event) => event.workflowExecutionSignaledEventAttributes)).toBeLessThan(
    at((event) => event.markerRecordedEventAttributes),
  );
  expect(env.actions.runs['ship']).toBe(runs); // what came of it is known by its receipt
  expect(await effects()).toBe(before); // under the same key
});

describe('what never opens a gate', () => {
  const ended = async (packet: Packet) => ({
    result: await env.countersign.result(packet.workflowId),
    told: types(await env.audit(packet.workflowId)),
  });

  test('an action that is not registered: failed, and the reason names it', async () => {
    const { result, told } = await ended(await run('launch'));
    expect(result.outcome).toBe('failed');
    expect(result.reason).toMatch(/^UNREGISTERED_ACTION: there is no action "launch"; registered: .*ship/);
    expect(told).toEqual(['proposed', 'closed']);
  });

  test('args that do not fit: failed, and the reason names the keys', async () => {
    const { result, told } = await ended(await run('ship', { order: '', units: 'two' }));
    expect(result.outcome).toBe('failed');
    expect(result.reason).toMatch(/^INVALID_ARGS: /);
    for (const key of ['args.order', 'args.units']) expect(result.reason).toContain(key);
    expect(told).toEqual(['proposed', 'closed']);
  });

  test('a key that the action does not know is not dropped: failed, and the reason names it', async () => {
    const { result } = await ended(await run('ship', { ...SHIP.args, urgent: true }));
    expect(result).toMatchObject({ outcome: 'failed', reason: 'INVALID_ARGS: args.urgent: unknown key' });
  });

  test('an argument that is no start: the workflow fails with INVALID_INPUT, naming each key', async () => {
    const argument = { v: 1, requester: 'rita', tusk: 'x', policy: within('3 parsecs') };
    const handle = await env.client.workflow.start('proposeAndExecute', {
      taskQueue: env.taskQueue,
      workflowId: 'invalid',
      args: [argument],
    });
    const failure = await handle.result().catch((error: unknown) => error);
    const { cause } = failure as { cause: { type: string; message: string } };
    expect(cause.type).toBe('INVALID_INPUT');
    for (const key of ['task:', 'tusk: unknown key', 'policy.levels[0].respondWithin'])
      expect(cause.message).toContain(key);
    expect((await handle.describe()).status.name).toBe('FAILED');
  });
});

describe('edits', () => {
  test('what comes behind an edit waits for it, and finds the new revision', async () => {
    const packet = await env.opened({ policy: within('1 hour', { quorum: 2 }) });
    await env.stopWorker();
    const edited = { order: 'A-7', units: 1 };
    await env.countersign.send(packet.workflowId, by(packet, 'bo', { verdict: 'edit', args: edited }));
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    await env.countersign.send(packet.workflowId, by(packet, 'cy', { verdict: 'reject', comment: 'no' }));
    await env.startWorker();
    const revised = await env.until(packet.workflowId, ({ revision }) => revision === 2);
    expect(revised).toMatchObject({ status: 'open', proposal: { args: edited } });
    expect(revised.signatures.map(({ reviewer }) => reviewer)).toEqual(['bo']);
    for (const id of ['ana-approve', 'cy-reject'])
      await expect(env.countersign.receipt(packet.workflowId, id)).resolves.toMatchObject({
        code: 'STALE_REVISION',
      });
    await env.countersign.send(packet.workflowId, by(revised, 'ana', { id: 'ana-again' }));
    const result = await env.countersign.result(packet.workflowId);
    expect(result).toMatchObject({ outcome: 'executed', result: { done: 'A-7 × 1' } });
    expect(types(await env.audit(packet.workflowId))).toEqual([
      'proposed',
      'opened',
      'decided',
      'revised',
      'refused',
      'refused',
      'decided',
      'approved',
      'executed',
      'closed',
    ]);
  });

  test('an edit whose args do not fit is refused INVALID_ARGS, and the gate stays open', async () => {
    const packet = await env.opened();
    const wrong = by(packet, 'bo', { verdict: 'edit', args: { order: 'A-7', units: -1 } });
    const receipt = await env.countersign.decide(packet.workflowId, wrong);
    expect(receipt).toMatchObject({ status: 'refused', code: 'INVALID_ARGS', revision: 1 });
    expect(receipt.message).toContain('args.units');
    const smuggled = by(packet, 'bo', {
      id: 'smuggled',
      verdict: 'edit',
      args: { ...SHIP.args, refund: 900 },
    });
    const refused = await env.countersign.decide(packet.workflowId, smuggled);
    expect(refused).toMatchObject({ status: 'refused', code: 'INVALID_ARGS' });
    expect(refused.message).toContain('args.refund: unknown key');
    const still = await env.countersign.show(packet.workflowId);
    expect(still).toMatchObject({ status: 'open', revision: 1, digest: packet.digest, signatures: [] });
    await env.countersign.send(packet.workflowId, by(packet, 'bo'));
    expect((await env.countersign.result(packet.workflowId)).outcome).toBe('executed');
    expect(refusals(await env.audit(packet.workflowId))).toEqual(['INVALID_ARGS', 'INVALID_ARGS']);
  });
});

describe('hostile senders', () => {
  test('2,000 signals at once, most of them malformed: no task fails, and a good decision lands', async () => {
    const before = await effects();
    const packet = await env.opened();
    await env.stopWorker();
    const handle = env.client.workflow.getHandle(packet.workflowId);
    const junk = [
      null,
      'approve',
      [],
      { v: 1 },
      { ...by(packet, 'eve'), v: 1, extra: 1 },
      { id: 'x', verdict: 'yes' },
    ];
    for (let sent = 0; sent < 2_000; sent += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          index === 7
            ? handle.signal('decide', {
                v: 1,
                ...by(packet, 'zoe', { id: `z${String(sent)}`, digest: '0'.repeat(64) }),
              })
            : handle.signal('decide', junk[(sent + index) % junk.length]),
        ),
      );
    await env.startWorker();
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    const result = await env.countersign.result(packet.workflowId);
    expect(result.outcome).toBe('executed');
    expect(result.decisions.map(({ reviewer }) => reviewer)).toEqual(['ana']);
    expect(await effects()).toBe(before + 1);
    expect(await env.failedTasks(packet.workflowId)).toEqual([]);
    const entries = await env.audit(packet.workflowId);
    expect(refusals(entries)).toHaveLength(100);
    expect(entries.find(({ type }) => type === 'refusals-counted')).toMatchObject({ count: 1_900 });
  }, 90_000);

  test('payloads that do not decode are on record, wedge nothing, and a good decision lands', async () => {
    const packet = await env.opened();
    const encoded = (encoding: string, data: string) => ({
      metadata: { encoding: bytes(encoding) },
      data: bytes(data),
    });
    await sendRaw(env, packet.workflowId, [encoded('binary/unheard-of', '??')]);
    await sendRaw(env, packet.workflowId, [encoded('json/plain', '{"v":1,')]);
    await sendRaw(env, packet.workflowId, [{ data: bytes('{}') }]);
    await sendRaw(env, packet.workflowId, undefined);
    await sendRaw(env, packet.workflowId, [encoded('json/plain', '{}')], 'decied');
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    expect((await env.countersign.result(packet.workflowId)).outcome).toBe('executed');
    const entries = await env.audit(packet.workflowId);
    expect(refusals(entries)).toEqual(Array(4).fill('MALFORMED_DECISION'));
    const told = entries.flatMap((entry) => (entry.type === 'refused' ? [entry.message] : []));
    expect(told[0]).toContain('does not decode (encoding binary/unheard-of)');
    expect(told[1]).toContain('does not decode (encoding json/plain)');
    expect(told[2]).toContain('does not decode (encoding none)');
    expect(told[3]).toContain('holds nothing');
    expect(entries.find(({ type }) => type === 'unknown-signal')).toMatchObject({ name: 'decied' });
    expect(await env.failedTasks(packet.workflowId)).toEqual([]);
  });
});

describe('the effect', () => {
  test('a PermanentError is not tried again: failed, with its message', async () => {
    const packet = await run('broken');
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    const result = await env.countersign.result(packet.workflowId);
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: 'EXECUTE_FAILED: the warehouse refuses order 7',
    });
    expect(env.actions.runs['broken']).toBe(1);
    expect(types(await env.audit(packet.workflowId))).toEqual([
      'proposed',
      'opened',
      'decided',
      'approved',
      'closed',
    ]);
  });

  test('another error is tried again, and the effect is there once', async () => {
    env.actions.runs['flaky'] = 0;
    const before = await effects();
    const packet = await run('flaky', { failures: 1 });
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    expect((await env.countersign.result(packet.workflowId)).outcome).toBe('executed');
    expect(env.actions.runs['flaky']).toBe(2);
    expect(await effects()).toBe(before + 1);
  });

  test('a remote effect gets the input, the key, the digest and the permit; its answer has no receipt', async () => {
    const packet = await run('remote', {
      taskQueue: env.otherQueue,
      activity: 'shipElsewhere',
      input: { order: 'A-7' },
    });
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    const result = await env.countersign.result(packet.workflowId);
    expect(result).toMatchObject({ outcome: 'executed', result: { elsewhere: true } });
    const entries = await env.audit(packet.workflowId);
    const approved = entries.find(({ type }) => type === 'approved');
    const key = approved?.type === 'approved' ? approved.key : '';
    const audience = { taskQueue: env.otherQueue, activity: 'shipElsewhere' };
    expect(env.remoteCalls).toEqual([
      {
        input: { order: 'A-7' },
        key,
        workflowId: packet.workflowId,
        digest: packet.digest,
        permit: expect.objectContaining({ effectKey: key, digest: packet.digest, audience }),
      },
    ]);
    expect(entries.find(({ type }) => type === 'executed')).toMatchObject({
      key,
      by: audience,
      receipt: 'none',
    });
  });
});
