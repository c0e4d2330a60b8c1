/** The whole workflow on a real server: what goes wrong around it, and what hostile or hasty senders do to it. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Execution } from '../../src/activities/types';
import type { DecideInput, Packet } from '../../src/client';
import { append, openChain } from '../../src/domain/audit';
import { digestOf, effectKey } from '../../src/domain/digest';
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
  expect(env.actions.runs['ship']).toBe(runs + 1); // it did run again
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

  test.each(['binary/unheard-of', 'json/plain'])(
    'a start argument that does not decode (%s) is INVALID_INPUT',
    async (encoding) => {
      const workflowId = `undecodable-${encoding.replace('/', '-')}`;
      await env.connection.workflowService.startWorkflowExecution({
        namespace: 'default',
        workflowId,
        requestId: randomUUID(),
        workflowType: { name: 'proposeAndExecute' },
        taskQueue: { name: env.taskQueue },
        input: { payloads: [{ metadata: { encoding: bytes(encoding) }, data: bytes('{') }] },
      });
      await expect(env.countersign.result(workflowId)).rejects.toThrow(/INVALID_INPUT: .*does not decode/);
    },
  );
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

  test('a remote effect gets the input, the key and the digest', async () => {
    const packet = await run('remote', {
      taskQueue: env.otherQueue,
      activity: 'shipElsewhere',
      input: { order: 'A-7' },
    });
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    const result = await env.countersign.result(packet.workflowId);
    expect(result).toMatchObject({ outcome: 'executed', result: { elsewhere: true } });
    const approved = (await env.audit(packet.workflowId)).find(({ type }) => type === 'approved');
    expect(env.remoteCalls).toEqual([
      {
        input: { order: 'A-7' },
        key: approved?.type === 'approved' ? approved.key : '',
        workflowId: packet.workflowId,
        digest: packet.digest,
      },
    ]);
  });
});

describe('the executor trusts nobody who can start an activity', () => {
  let honest: Execution;
  const execute = (execution: Execution) =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
      env.activities.execute,
      execution,
    );

  beforeAll(async () => {
    const packet = await env.opened();
    await env.countersign.send(packet.workflowId, by(packet, 'ana'));
    await env.countersign.result(packet.workflowId);
    const record = (await env.store.entries(packet.workflowId)).find(({ entry }) =>
      entry.includes('"type":"approved"'),
    )!;
    const root = { workflowId: packet.workflowId, firstRunId: record.firstRunId };
    const [digest, evidence] = [packet.digest!, { seq: record.seq, hash: record.hash }];
    const { action, args } = packet.proposal!;
    honest = {
      root,
      gate: 'main',
      revision: 1,
      digest,
      action,
      args,
      key: effectKey(root, 'main', digest),
      evidence,
    };
  });

  /** Everything consistent with other args, but for the approval. */
  function consistent(args: Execution['args']): Execution {
    const digest = digestOf({ ...honest.root, gate: 'main', revision: 1, action: honest.action, args });
    return { ...honest, args, digest, key: effectKey(honest.root, 'main', digest) };
  }

  test('an honest one runs, so that the refusals below have a reason', async () => {
    await expect(execute(honest)).resolves.toEqual({ done: 'A-7 × 2' });
  });

  test.each<[string, () => Execution, string]>([
    [
      'other args under the approved digest',
      () => ({ ...honest, args: { order: 'A-7', units: 99 } }),
      'DIGEST_MISMATCH',
    ],
    ['another action under the approved digest', () => ({ ...honest, action: 'slow' }), 'DIGEST_MISMATCH'],
    ['another revision', () => ({ ...honest, revision: 2 }), 'DIGEST_MISMATCH'],
    ['a key of its own, for a second effect', () => ({ ...honest, key: 'f'.repeat(64) }), 'KEY_MISMATCH'],
    [
      'other args, digest and key, with the evidence of the approved ones',
      () => consistent({ order: 'B-1', units: 1 }),
      'NO_EVIDENCE',
    ],
    [
      'evidence that is not in the store',
      () => ({ ...honest, evidence: { seq: 4, hash: '0'.repeat(64) } }),
      'NO_EVIDENCE',
    ],
    [
      'an entry that is not an approval',
      () => ({ ...honest, evidence: { ...honest.evidence, seq: 1 } }),
      'NO_EVIDENCE',
    ],
  ])('%s', async (_, forged, code) => {
    const [before, runs] = [await effects(), env.actions.runs['ship']];
    await expect(execute(forged())).rejects.toMatchObject({ type: code, nonRetryable: true });
    expect(await effects()).toBe(before);
    expect(env.actions.runs['ship']).toBe(runs);
  });

  test('nobody writes evidence but the worker’s own workflows: scheduled by another, nothing is recorded or run', async () => {
    const scheduled = new MockActivityEnvironment({ isLocal: false }, { logger: new DefaultLogger('ERROR') });
    const [before, runs] = [await effects(), env.actions.runs['ship']];
    const chain = append(
      openChain(honest.root),
      { type: 'closed', outcome: 'executed' },
      '2026-01-01T00:00:00.000Z',
    );
    const entries = chain.pending;
    const root = { workflowId: 'forged', firstRunId: 'forged' };
    const request = { chain, execution: honest, at: '2026-01-01T00:00:00.000Z' };
    const refused = { type: 'NOT_LOCAL', nonRetryable: true };
    await expect(scheduled.run(env.activities.record, { root, entries })).rejects.toMatchObject(refused);
    await expect(scheduled.run(env.activities.recordAndExecute, request)).rejects.toMatchObject(refused);
    expect(await env.store.entries('forged')).toEqual([]);
    expect([await effects(), env.actions.runs['ship']]).toEqual([before, runs]);
  });

  test('an approval whose text is not that of its hash is none, though it comes with the effect', async () => {
    const local = new MockActivityEnvironment({ isLocal: true }, { logger: new DefaultLogger('ERROR') });
    const root = { workflowId: 'forged-too', firstRunId: 'forged' };
    const args = { order: 'B-1', units: 1 };
    const digest = digestOf({ ...root, gate: 'main', revision: 1, action: 'ship', args });
    const key = effectKey(root, 'main', digest);
    const closed = append(
      openChain(root),
      { type: 'closed', outcome: 'rejected' },
      '2026-01-01T00:00:00.000Z',
    );
    const [entry] = closed.pending;
    const pending = [{ ...entry!, entry: JSON.stringify({ type: 'approved', digest }) }];
    const execution = { ...honest, root, args, digest, key, evidence: { seq: 1, hash: entry!.hash } };
    const request = { chain: { ...closed, pending }, execution, at: '2026-01-01T00:00:00.000Z' };
    const runs = env.actions.runs['ship'];
    await expect(local.run(env.activities.recordAndExecute, request)).rejects.toMatchObject({
      nonRetryable: true,
    });
    expect(env.actions.runs['ship']).toBe(runs);
  });
});
