/**
 * What an effect comes to, on a real server: somebody completes its activity by hand, gives it more attempts, or starts it over; and a
 * call of another worker is what was approved, whatever the workflow's state says.
 */
import { activityInfo } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';
import path from 'node:path';
import { z } from 'zod';
import type { RemoteAction } from '../../src/actions/action';
import { defineAction } from '../../src/actions/action';
import { dataConverter } from '../../src/connection';
import type { Packet } from '../../src/client';
import { assessmentText, hashOf, receiptText, type EffectReceipt } from '../../src/domain/permit';
import { permitCheck, withReceipt, type RemoteCall, type WorkerKey } from '../../src/permit';
import { generateKey } from '../../src/signing';
import { ownKey } from '../../src/signing/own-key';
import type { Directory } from '../../src/domain/reviewers';
import { run, temporalBinary } from '../support/app';
import { DIRECTORY, placeOf, signed } from '../support/reviewers';
import { workflowBundle } from '../support/workflow-bundle';
import {
  pause,
  SHIP,
  startWorkflowEnv,
  types,
  within,
  type Configured,
  type WorkflowEnv,
} from '../support/workflow-env';

let env: WorkflowEnv;
const workerKey = ownKey(generateKey().private);
/** Of the worker on the other queue. */
const paying = generateKey();
const remoteKey = ownKey(paying.private, 'payments-1');
const known = ({ id, public: key }: { id: string; public: string }): WorkerKey => ({ id, public: key });

/** Its attempts wait until the test says how they end. */
const single = { runs: 0, ends: undefined as 'well' | 'badly' | undefined };
const once = defineAction({
  name: 'once',
  input: z.object({ n: z.int() }),
  risk: 'low',
  attempts: 1,
  run: async ({ n }) => {
    single.runs += 1;
    while (single.ends === undefined) await pause(20);
    if (single.ends === 'badly') throw new Error('the line is dead');
    return { n };
  },
});
/** Whoever changes the workflow's state, or the action between asking and running, has it say another thing than was approved. */
const moved = { activity: 'shipElsewhere' };
const elsewhere: RemoteAction = {
  name: 'elsewhere',
  input: z.object({ taskQueue: z.string(), order: z.string() }),
  risk: 'low',
  dispatch: (args) => {
    const { taskQueue, order } = args as { taskQueue: string; order: string };
    return { taskQueue, activity: moved.activity, input: { order }, timeout: '5 seconds' };
  },
};
const booked: RemoteCall[] = [];
const refusedCalls: string[] = [];
const configured: Configured = {
  actions: [once, elsewhere],
  workerKey,
  remote: {
    book(argument) {
      try {
        const call = permitCheck({ keys: [known(workerKey)], deployment: 'default' }).check(
          argument,
          activityInfo(),
        );
        booked.push(call);
        return { booked: call.input };
      } catch (error) {
        refusedCalls.push((error as { code: string }).code);
        throw error;
      }
    },
    waits: () => pause(2_000),
    bookWithReceipt(argument) {
      const call = permitCheck({ keys: [known(workerKey)], deployment: 'default' }).check(
        argument,
        activityInfo(),
      );
      return withReceipt(
        call,
        { booked: call.input },
        { keyId: 'payments-1', privateKeyPem: paying.private },
      );
    },
  },
};

beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, configured);
});
afterEach(() => {
  Object.assign(env.faults, { storeDown: false, answerHeld: false });
  Object.assign(single, { runs: 0, ends: undefined });
  configured.reviewers = undefined;
});
afterAll(() => env.stop());

const approve = async (packet: Packet) => {
  await env.countersign.send(packet.workflowId, {
    digest: packet.digest!,
    verdict: 'approve',
    reviewer: 'ana',
  });
  return packet;
};
const approved = async (action: string, args: object, policy?: object) =>
  approve(
    await env.opened({
      proposal: { ...SHIP, action, args: args as never },
      ...(policy === undefined ? {} : { policy: policy as never }),
    }),
  );

/** The stock CLI, which anybody with access to the namespace has. */
async function cli(...args: string[]): Promise<string> {
  const { address } = env.connection.options;
  const { code, out, err } = await run(temporalBinary(), [...args, '--address', address]);
  if (code !== 0) throw new Error(err || out);
  return out;
}
const completed = (packet: Packet, activity: string, result: unknown) =>
  cli(
    ...['activity', 'complete', '--workflow-id', packet.workflowId, '--activity-id', activity],
    ...['--result', JSON.stringify(result)],
  );

/** The activity of the effect, once it is as told. */
async function pending(
  { workflowId }: Packet,
  is: (activity: { attempt: number; failed: boolean }) => boolean,
): Promise<string> {
  for (const latest = Date.now() + 20_000; ; await pause(30)) {
    const { raw } = await env.client.workflow.getHandle(workflowId).describe();
    const found = raw.pendingActivities?.[0];
    const at = { attempt: found?.attempt ?? 0, failed: found?.lastFailure != null };
    if (found?.activityId != null && is(at)) return found.activityId;
    if (Date.now() > latest) throw new Error(`it never came: ${JSON.stringify(at)}`);
  }
}

const fact = async ({ workflowId }: Packet, type: string) =>
  (await env.audit(workflowId)).find((entry) => entry.type === type);
const result = ({ workflowId }: Packet) => env.countersign.result(workflowId);

test('an effect that came off is on record with a receipt of the worker’s own, over its very result', async () => {
  const packet = await approved('ship', SHIP.args);
  const { result: told, digest } = await result(packet);
  expect(told).toEqual({ done: 'A-7 × 2' });
  const executed = await fact(packet, 'executed');
  if (executed?.type !== 'executed' || executed.receipt === 'none') throw new Error('there is no receipt');
  const { value, ...said } = executed.receipt;
  expect(said).toEqual({
    effectKey: executed.key,
    digest,
    result: hashOf(told!),
    directory: 'd'.repeat(64),
    rules: 'e'.repeat(64),
    registry: 'f'.repeat(64),
    signer: workerKey.id,
  });
  expect(value).toBe(workerKey.sign(receiptText(said)));
  expect(await env.store.effect(executed.key)).toEqual({ done: { receipt: executed.receipt, result: told } });
});

test('what the worker has computed for a question it vouches for, over the workflow and its first run', async () => {
  const packet = await env.opened();
  const { preview, policy, assessed, root } = packet;
  const values = { preview, policy: policy!, risk: 'low' as const };
  expect(preview).toEqual({ order: 'A-7', stock: 7 });
  expect(assessed).toEqual({
    signer: workerKey.id,
    value: workerKey.sign(assessmentText(root!, values, workerKey.id)),
  });
  const others = [
    assessmentText(root!, { ...values, preview: { order: 'A-7', stock: 8 } }, workerKey.id),
    assessmentText({ ...root!, firstRunId: 'other' }, values, workerKey.id),
    assessmentText(root!, { ...values, risk: 'high' }, workerKey.id),
    assessmentText(root!, { ...values, phrase: 'SHIP A-7' }, workerKey.id),
  ];
  for (const text of others) expect(workerKey.sign(text)).not.toBe(assessed?.value);
});

describe('an activity that somebody completes by hand', () => {
  const BY_HAND = {
    outcome: 'failed',
    reason:
      'COMPLETED_BY_HAND: somebody completed the activity in place of the executor; whether it had an effect is not known',
  };

  test('before the effect: it is no effect, and the record says who did not run it', async () => {
    const packet = await approved('flaky', { failures: 1_000_000 });
    await completed(packet, await pending(packet, ({ failed }) => failed), { done: 'by hand' });
    expect(await result(packet)).toMatchObject(BY_HAND);
    expect(types(await env.audit(packet.workflowId)).slice(-2)).toEqual(['completed-by-hand', 'closed']);
    expect(await fact(packet, 'completed-by-hand')).toMatchObject({ result: hashOf({ done: 'by hand' }) });
  });

  test('while the effect runs: the same, though it goes on to happen', async () => {
    const packet = await approved('once', { n: 1 });
    const activity = await pending(packet, ({ attempt }) => attempt === 1);
    while (single.runs === 0) await pause(20);
    await completed(packet, activity, { n: 1 });
    expect(await result(packet)).toMatchObject(BY_HAND);
    single.ends = 'well';
    const { key } = (await fact(packet, 'completed-by-hand')) as { key: string };
    // Whoever looks afterwards finds in the store that it did.
    for (const latest = Date.now() + 10_000; ; await pause(50)) {
      const { done } = await env.store.effect(key);
      if (done !== undefined) break;
      if (Date.now() > latest) throw new Error('its receipt never came');
    }
  });

  test('after the effect, before its answer: the store knows what it came to, and that counts', async () => {
    env.faults.answerHeld = true;
    const packet = await approved('ship', { order: 'held', units: 1 });
    const activity = await pending(packet, ({ attempt }) => attempt === 1);
    const key = env.executions.at(-1)!.key;
    while ((await env.store.effect(key)).done === undefined) await pause(20);
    await completed(packet, activity, { done: 'forged' });
    env.faults.answerHeld = false;
    expect(await result(packet)).toMatchObject({ outcome: 'executed', result: { done: 'held × 1' } });
    expect(await fact(packet, 'executed')).toMatchObject({ result: hashOf({ done: 'held × 1' }) });
  });

  describe('with a receipt that is none', () => {
    const forged = (of: Partial<EffectReceipt>, key: { id: string; sign(text: string): string }) => {
      const said = { effectKey: '', digest: '', result: '', ...of, signer: key.id } as Omit<
        EffectReceipt,
        'value'
      >;
      return { ...said, value: key.sign(receiptText(said)) };
    };
    const stranger = ownKey(generateKey().private);
    test.each<[string, (of: { key: string; digest: string; result: string }) => Promise<unknown>]>([
      [
        'by a key of one’s own',
        async ({ key, digest, result: hash }) => forged({ effectKey: key, digest, result: hash }, stranger),
      ],
      [
        'by a key of one’s own, under the worker’s id',
        async ({ key, digest, result: hash }) =>
          forged({ effectKey: key, digest, result: hash }, { id: workerKey.id, sign: stranger.sign }),
      ],
      [
        'of another effect',
        async () => {
          const other = await approved('ship', SHIP.args);
          await result(other);
          return ((await fact(other, 'executed')) as { receipt: unknown }).receipt;
        },
      ],
      [
        'of another result',
        async ({ key, digest }) =>
          forged({ effectKey: key, digest, result: hashOf({ done: 'else' }) }, workerKey),
      ],
      [
        'of another digest',
        async ({ key, result: hash }) =>
          forged({ effectKey: key, digest: '0'.repeat(64), result: hash }, workerKey),
      ],
    ])('%s', async (_, receipt) => {
      const packet = await approved('flaky', { failures: 1_000_000 });
      const activity = await pending(packet, ({ failed }) => failed);
      const { key, digest } = env.executions.at(-1)!;
      const forgery = { done: 'forged' };
      const answer = {
        v: 1,
        result: forgery,
        receipt: await receipt({ key, digest, result: hashOf(forgery) }),
      };
      await completed(packet, activity, answer);
      expect(await result(packet)).toMatchObject(BY_HAND);
    });
  });

  test('of another worker: it counts, and stands in the record as that worker’s word alone', async () => {
    const args = { taskQueue: env.otherQueue, activity: 'waits', input: {} };
    const packet = await approved('remote', args);
    await completed(packet, await pending(packet, () => true), { done: 'by hand' });
    expect(await result(packet)).toMatchObject({ outcome: 'executed', result: { done: 'by hand' } });
    const { taskQueue, activity } = args;
    expect(await fact(packet, 'executed')).toMatchObject({ receipt: 'none', by: { taskQueue, activity } });
  });
});

describe('an effect whose target does not deduplicate', () => {
  const UNKNOWN =
    /^EFFECT_UNKNOWN: it was begun at .* It may or may not have taken effect.*\(key [0-9a-f]{64}\)/;

  test.each<[string, (packet: Packet, activity: string) => Promise<unknown>]>([
    [
      'is given more attempts',
      ({ workflowId }, activity) =>
        cli(
          ...['activity', 'update-options', '--workflow-id', workflowId, '--activity-id', activity],
          ...['--retry-maximum-attempts', '5'],
        ),
    ],
    [
      'is started over',
      async ({ workflowId }, activity) => {
        const of = ['--workflow-id', workflowId, '--activity-id', activity];
        await cli('activity', 'update-options', ...of, '--retry-maximum-attempts', '5');
        await cli('activity', 'reset', ...of);
      },
    ],
  ])('is begun once, though its activity %s', async (_, meddle) => {
    const packet = await approved('once', { n: 2 });
    const activity = await pending(packet, ({ attempt }) => attempt === 1);
    while (single.runs === 0) await pause(20);
    await meddle(packet, activity);
    single.ends = 'badly';
    expect(await result(packet)).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(UNKNOWN) });
    expect(single.runs).toBe(1);
  });

  const reset = async ({ workflowId }: Packet) => {
    const out = await cli(
      ...['workflow', 'reset', '--workflow-id', workflowId, '--type', 'FirstWorkflowTask'],
      ...['--reason', 'test', '-o', 'json'],
    );
    const { runId } = JSON.parse(out) as { runId: string };
    return (await env.client.workflow.getHandle(workflowId, runId).result()) as unknown;
  };

  test('is not begun again by a reset of its workflow: what is not known stays so', async () => {
    single.ends = 'badly';
    const packet = await approved('once', { n: 3 });
    expect(await result(packet)).toMatchObject({ reason: 'EXECUTE_FAILED: the line is dead' });
    single.ends = 'well';
    expect(await reset(packet)).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(UNKNOWN) });
    expect(single.runs).toBe(1);
  });

  test('is not begun again by a reset of its workflow: what is known is answered', async () => {
    single.ends = 'well';
    const packet = await approved('once', { n: 4 });
    await result(packet);
    expect(await reset(packet)).toMatchObject({ outcome: 'executed', result: { n: 4 } });
    expect(single.runs).toBe(1);
  });
});

describe('a call of another worker', () => {
  const book = (input: object) => ({ taskQueue: env.otherQueue, activity: 'book', input });

  test('comes with a permit that holds, and with it alone it is run', async () => {
    const packet = await approved('remote', book({ order: 'A-7' }));
    expect(await result(packet)).toMatchObject({ outcome: 'executed', result: { booked: { order: 'A-7' } } });
    const { permit } = booked.at(-1)!;
    expect(permit).toMatchObject({
      deployment: 'default',
      namespace: 'default',
      workflowId: packet.workflowId,
      root: packet.root,
      gate: 'main',
      revision: 1,
      digest: packet.digest,
      action: 'remote',
      input: hashOf({ order: 'A-7' }),
      audience: { taskQueue: env.otherQueue, activity: 'book' },
      basis: 'signatures',
      signer: workerKey.id,
    });
    expect(await env.store.effect(permit.effectKey)).toMatchObject({
      begun: { workflowId: packet.workflowId },
    });
  });

  test('the permit ends with the last attempt: by the policy’s own time, else after a day', async () => {
    await result(await approved('remote', book({ n: 1 })));
    const life = ({ permit }: RemoteCall) => Date.parse(permit.expires) - Date.parse(permit.issued);
    expect(life(booked.at(-1)!)).toBe(24 * 60 * 60_000);
    const policy = { ...within('1 hour'), executeWithin: '2 minutes' };
    const packet = await approved('remote', book({ n: 2 }), policy);
    await result(packet);
    expect(life(booked.at(-1)!)).toBeLessThanOrEqual(120_000);
    const scheduled = (await env.history(packet.workflowId)).find(
      (one) => one.activityTaskScheduledEventAttributes,
    );
    const until =
      Number(scheduled?.eventTime?.seconds) +
      Number(scheduled?.activityTaskScheduledEventAttributes?.scheduleToCloseTimeout?.seconds);
    expect(Math.abs(until - Date.parse(booked.at(-1)!.permit.expires) / 1000)).toBeLessThan(3);
  });

  test('is what the executor makes of the approved args, and not what the workflow was told before', async () => {
    moved.activity = 'shipElsewhere';
    const packet = await env.opened({
      proposal: { ...SHIP, action: 'elsewhere', args: { taskQueue: env.otherQueue, order: 'A-9' } },
    });
    moved.activity = 'book';
    await approve(packet);
    expect(await result(packet)).toMatchObject({ outcome: 'executed', result: { booked: { order: 'A-9' } } });
    const calls = (await env.history(packet.workflowId)).flatMap((one) =>
      one.activityTaskScheduledEventAttributes == null
        ? []
        : [one.activityTaskScheduledEventAttributes.activityType?.name],
    );
    expect(calls).toEqual(['book']);
  });

  test('a worker whose key the directory lists may sign what it came to', async () => {
    configured.reviewers = {
      people: [{ name: 'ana' }],
      workers: [
        { name: 'countersign', keys: [known(workerKey)] },
        { name: 'payments', keys: [known(remoteKey)] },
      ],
    };
    const packet = await approved('remote', { ...book({ order: 'A-8' }), activity: 'bookWithReceipt' });
    expect(await result(packet)).toMatchObject({ outcome: 'executed', result: { booked: { order: 'A-8' } } });
    expect(await fact(packet, 'executed')).toMatchObject({
      receipt: { signer: 'payments-1' },
      by: { taskQueue: env.otherQueue, activity: 'bookWithReceipt' },
    });
  });

  test('a worker whose key nobody lists has given its word alone', async () => {
    const packet = await approved('remote', { ...book({ order: 'A-8' }), activity: 'bookWithReceipt' });
    expect(await result(packet)).toMatchObject({ result: { v: 1, result: { booked: { order: 'A-8' } } } });
    expect(await fact(packet, 'executed')).toMatchObject({ receipt: 'none' });
  });

  describe('made by a workflow of somebody’s own, with a genuine permit or without', () => {
    let attacker: Worker;
    let ended: Promise<void>;
    let genuine: RemoteCall;

    beforeAll(async () => {
      await result(await approved('remote', book({ order: 'genuine' })));
      genuine = booked.at(-1)!;
      attacker = await Worker.create({
        connection: env.native,
        taskQueue: 'attacker',
        dataConverter,
        workflowBundle: await workflowBundle(path.join(__dirname, '../support/workflow-attacker.ts')),
      });
      ended = attacker.run();
    });
    afterAll(async () => {
      attacker.shutdown();
      await ended;
    });

    const call = (workflowId: string, activity: string, argument: unknown) =>
      env.client.workflow.execute('schedule', {
        taskQueue: 'attacker',
        workflowId,
        args: [env.otherQueue, activity, argument],
      });

    test.each<[string, () => unknown, string]>([
      ['without a permit', () => ({ ...genuine, permit: undefined }), 'NO_PERMIT'],
      ['with nothing at all', () => null, 'NO_PERMIT'],
      ['with another input', () => ({ ...genuine, input: { order: 'everything' } }), 'OTHER_CALL'],
      ['with another key, for a second effect', () => ({ ...genuine, key: 'f'.repeat(64) }), 'OTHER_CALL'],
      ['with the very same', () => genuine, 'OTHER_CALL'],
    ])('%s: it is refused', async (_, argument, code) => {
      const before = booked.length;
      await expect(call(`attack-${code}-${String(Math.random())}`, 'book', argument())).rejects.toThrow();
      expect(refusedCalls.at(-1)).toBe(code);
      expect(booked).toHaveLength(before);
    });

    test('of another activity, under the workflow id that was approved: refused', async () => {
      await expect(call(genuine.permit.workflowId, 'bookWithReceipt', genuine)).rejects.toThrow();
      await expect(call(genuine.permit.workflowId, 'book', { ...genuine, input: {} })).rejects.toThrow();
      expect(refusedCalls.at(-1)).toBe('OTHER_CALL');
    });

    test('what is left: the same call again under the same id, which the key keeps to one effect', async () => {
      await call(genuine.permit.workflowId, 'book', genuine);
      expect(booked.at(-1)).toEqual(genuine);
    });
  });
});

describe('an approval without an effect is judged, too: a key was revoked since', () => {
  /** Ana signs, her key is revoked, Bo signs: the gate has its quorum, and the executor's directory knows better. */
  async function signedByBoth(workflowId: string): Promise<void> {
    const packet = await env.until(workflowId, ({ status }) => status === 'open');
    const send = (reviewer: string) =>
      env.countersign.decide(
        workflowId,
        signed(
          { v: 1, id: `${reviewer}-signs`, digest: packet.digest!, verdict: 'approve', reviewer },
          placeOf(packet),
        ),
      );
    await send('ana');
    await env.until(workflowId, ({ signatures }) => signatures.length === 1);
    configured.reviewers = revoked('ana');
    await send('bo');
  }
  const revoked = (name: string): Directory => ({
    ...DIRECTORY,
    people: DIRECTORY.people.map((one) =>
      one.name === name ? { ...one, keys: [{ ...one.keys![0]!, revoked: '2026-11-01T00:00:00.000Z' }] } : one,
    ),
  });
  const both = (name: string) => ({
    kind: 'people',
    name,
    approvers: { people: ['ana', 'bo'] },
    quorum: 2,
    respondWithin: '1 hour',
  });
  const policy = { confirmation: 'CONFIRM', levels: [both('HUMAN')] };
  const started = async (type: string, argument: object) => {
    configured.reviewers = DIRECTORY;
    const workflowId = `judged-${String(Math.random())}`;
    const args = [{ v: 1, requester: 'svc-orders', ...argument }];
    await env.client.workflow.start(type, { taskQueue: env.taskQueue, workflowId, args });
    return workflowId;
  };
  const ended = (workflowId: string) => env.client.workflow.getHandle(workflowId).result();
  const REVOKED = { outcome: 'failed', reason: expect.stringMatching(/^KEY_REVOKED: .*ana/) };

  test('a question is not confirmed', async () => {
    const id = await started('confirm', { action: 'Delete it', level: 'CONFIRM', policy });
    await signedByBoth(id);
    expect(await ended(id)).toMatchObject({ ...REVOKED, confirmed: false });
    expect(types(await env.audit(id)).slice(-2)).toEqual(['approved', 'closed']);
  });

  test('an output is not approved', async () => {
    const id = await started('generateAndReview', { task: 'answer: It is on its way.', policy });
    await signedByBoth(id);
    expect(await ended(id)).toMatchObject(REVOKED);
  });

  test('a level has not approved: the gate that asked it has failed', async () => {
    const two = { confirmation: 'CONFIRM', levels: [{ ...both('HUMAN'), quorum: 1 }, both('MANAGER')] };
    const id = await started('proposeAndExecute', { task: 'ship it', proposal: SHIP, policy: two });
    const packet = await env.until(id, ({ status }) => status === 'open');
    const up = {
      v: 1 as const,
      id: 'up',
      digest: packet.digest!,
      verdict: 'escalate' as const,
      reviewer: 'bo',
    };
    await env.countersign.decide(id, signed({ ...up, comment: 'above my limit' }, placeOf(packet)));
    const runs = env.actions.runs['ship'];
    await signedByBoth(`${id}/MANAGER`);
    expect(await ended(`${id}/MANAGER`)).toMatchObject(REVOKED);
    expect(await ended(id)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^LEVEL_TERMINATED: the level MANAGER ended failed: KEY_REVOKED/),
    });
    expect(env.actions.runs['ship']).toBe(runs);
  });
});

describe('keys of workers that change while gates are open', () => {
  const listed = (...keys: WorkerKey[]): Directory => ({
    people: [{ name: 'ana' }],
    workers: [{ name: 'countersign', keys }],
  });
  const fresh = ownKey(generateKey().private);
  const reset = async ({ workflowId }: Packet) => {
    const out = await cli(
      ...['workflow', 'reset', '--workflow-id', workflowId, '--type', 'FirstWorkflowTask'],
      ...['--reason', 'test', '-o', 'json'],
    );
    const { runId } = JSON.parse(out) as { runId: string };
    return (await env.client.workflow.getHandle(workflowId, runId).result()) as unknown;
  };
  /** Its receipt was signed with the key that the worker had before. */
  const executedBefore = async (action: string, args: object) => {
    configured.workerKey = workerKey;
    const packet = await approved(action, args);
    await result(packet);
    configured.workerKey = fresh;
    await env.store.addWorkerKey({
      id: fresh.id,
      public: fresh.public,
      name: 'test',
      from: '2026-11-30T12:00:00.000Z',
    });
    return packet;
  };
  afterEach(() => {
    configured.workerKey = workerKey;
  });

  test.each<[string, () => Directory | undefined]>([
    ['nobody lists workers', () => undefined],
    [
      'the old one has its end in the directory',
      () => listed(known(fresh), { ...known(workerKey), until: '2026-01-01T00:00:00.000Z' }),
    ],
  ])('replaced, and %s: its receipts count, and nothing runs again', async (_, directory) => {
    single.ends = 'well';
    const packet = await executedBefore('once', { n: 10 });
    configured.reviewers = directory();
    expect(await reset(packet)).toMatchObject({ outcome: 'executed', result: { n: 10 } });
    expect(single.runs).toBe(1);
  });

  test('taken by somebody, and revoked: what it signed counts no more, and what is begun stays unknown', async () => {
    single.ends = 'well';
    const packet = await executedBefore('once', { n: 11 });
    configured.reviewers = listed(known(fresh), { ...known(workerKey), revoked: '2026-11-01T00:00:00.000Z' });
    expect(await reset(packet)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^EFFECT_UNKNOWN/),
    });
    expect(single.runs).toBe(1);
  });

  test('taken by somebody, and revoked: an effect that keeps its key is run again under it, and has a receipt that counts', async () => {
    const packet = await executedBefore('ship', { order: 'revoked', units: 1 });
    const [before, runs] = [await env.actions.effects(), env.actions.runs['ship']!];
    configured.reviewers = listed(known(fresh), { ...known(workerKey), revoked: '2026-11-01T00:00:00.000Z' });
    expect(await reset(packet)).toMatchObject({ outcome: 'executed', result: { done: 'revoked × 1' } });
    expect(env.actions.runs['ship']).toBe(runs + 1);
    expect(await env.actions.effects()).toEqual(before);
  });

  test('a worker that the directory lists no more executes nothing, says so, and goes on once it is listed', async () => {
    configured.reviewers = listed(known(fresh));
    const args = { taskQueue: env.otherQueue, activity: 'shipElsewhere', input: {} };
    const [own, other] = [
      await approved('ship', { order: 'unlisted', units: 1 }),
      await approved('remote', args),
    ];
    const waiting = await env.until(other.workflowId, ({ waitingFor }) => waitingFor !== undefined);
    expect(waiting.waitingFor).toContain(`this worker's key ${workerKey.id} is none of theirs`);
    await pending(own, ({ failed }) => failed);
    expect((await env.actions.effects()).some(({ what }) => what.startsWith('unlisted'))).toBe(false);
    configured.reviewers = listed(known(fresh), known(workerKey));
    expect(await result(own)).toMatchObject({ outcome: 'executed' });
    expect(await result(other)).toMatchObject({ outcome: 'executed' });
  });
});
