/**
 * The authority matrix: whoever may write to the namespace forges, replays, edits, and approves for himself, by signal, by update, at
 * our own command line, and by starting the executor. Nothing executes, each attempt has its code, and a good decision lands.
 */
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import type { Execution } from '../../src/activities/types';
import type { Packet } from '../../src/client';
import type { Decision } from '../../src/domain/gate/decision';
import { COUNTERSIGN, run, temporalBinary, temporaryDirectory } from '../support/app';
import { DIRECTORY, MINUTE, pair, placeOf, signed, type Place, type SignedAs } from '../support/reviewers';
import { pause, refusals, SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';
import { workflowBundle } from '../support/workflow-bundle';
import { privateKeyFile } from '../../src/signing';
import { writeFileSync } from 'node:fs';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: DIRECTORY });
});
afterEach(() => {
  env.configured.reviewers = DIRECTORY;
});
afterAll(() => env.stop());

const levels = (more: object = {}) => [
  {
    kind: 'people' as const,
    name: 'HUMAN',
    approvers: { people: ['ana', 'bo', 'rita', 'olaf'] },
    quorum: 2,
    respondWithin: '1 hour',
    ...more,
  },
];
const open = (more: object = {}) => env.opened({ policy: { confirmation: 'CONFIRM', levels: levels(more) } });

let nth = 0;
const saying = (packet: Packet, reviewer: string, more: Partial<Decision> = {}): Decision => ({
  v: 1,
  id: `d${String(++nth)}`,
  digest: packet.digest!,
  verdict: 'approve',
  reviewer,
  ...more,
});
/** Signed as it should be, but for what the case says. */
const as =
  (reviewer: string, how: SignedAs = {}, more: Partial<Decision> = {}) =>
  (packet: Packet): Decision =>
    signed(saying(packet, reviewer, more), placeOf(packet), how);
const elsewhere =
  (where: Partial<Place>, reviewer = 'ana') =>
  (packet: Packet): Decision =>
    signed(saying(packet, reviewer), { ...placeOf(packet), ...where });
/** Signed, and changed afterwards. */
const changed = (change: Partial<Decision>, said: Partial<Decision> = {}) => {
  return (packet: Packet): Decision => ({ ...as('ana', {}, said)(packet), ...change });
};
const value = (of: string) => (packet: Packet) => {
  const decision = as('ana')(packet);
  return { ...decision, signature: { ...decision.signature!, value: of } };
};
const EDIT: Partial<Decision> = { verdict: 'edit', args: { order: 'A-7', units: 1 } };

const FORGERIES: readonly (readonly [string, (packet: Packet) => Decision, string])[] = [
  ['not signed', (packet) => saying(packet, 'ana'), 'UNAUTHENTICATED'],
  [
    'a rejection that is not signed',
    (p) => saying(p, 'ana', { verdict: 'reject', comment: 'no' }),
    'UNAUTHENTICATED',
  ],
  [
    'a delegation that is not signed',
    (p) => saying(p, 'ana', { verdict: 'delegate', to: 'dee' }),
    'UNAUTHENTICATED',
  ],
  [
    'a cancellation in the requester’s name that is not signed',
    (p) => saying(p, 'rita', { verdict: 'cancel' }),
    'UNAUTHENTICATED',
  ],
  [
    'a comment that is not signed',
    (p) => saying(p, 'ana', { verdict: 'comment', comment: 'hm' }),
    'UNAUTHENTICATED',
  ],
  ['bo’s key in ana’s name', as('ana', { keyId: 'bo-1' }), 'UNKNOWN_KEY'],
  ['a key that nobody has', as('ana', { keyId: 'eve-1' }), 'UNKNOWN_KEY'],
  ['ana’s key id over somebody else’s signature', as('ana', { by: 'eve-1' }), 'BAD_SIGNATURE'],
  ['bo’s signature under ana’s key id', as('ana', { by: 'bo-1' }), 'BAD_SIGNATURE'],
  ['signed for another workflow', elsewhere({ workflowId: 'another' }), 'BAD_SIGNATURE'],
  ['signed for an earlier run of the workflow id', elsewhere({ firstRunId: 'earlier' }), 'BAD_SIGNATURE'],
  ['signed for another deployment', elsewhere({ deployment: 'elsewhere' }), 'BAD_SIGNATURE'],
  ['signed on something else than is shown', elsewhere({ shown: 'e'.repeat(64) }), 'SHOWN_OTHERWISE'],
  ['signed on nothing that was shown', elsewhere({ shown: undefined }), 'SHOWN_OTHERWISE'],
  [
    'another hash of what was shown put in',
    (p) => ({ ...elsewhere({ shown: undefined })(p), shown: p.shown }),
    'BAD_SIGNATURE',
  ],
  ['signed for another gate', elsewhere({ gate: 'second' }), 'BAD_SIGNATURE'],
  ['signed for another level', elsewhere({ level: 'MANAGER' }), 'BAD_SIGNATURE'],
  [
    'signed as a rejection, sent as an approval',
    changed({ verdict: 'approve', comment: 'no' }, { verdict: 'reject', comment: 'no' }),
    'BAD_SIGNATURE',
  ],
  [
    'signed with a comment, sent with another',
    changed({ comment: 'gladly' }, { comment: 'never' }),
    'BAD_SIGNATURE',
  ],
  ['signed and sent under another id', changed({ id: 'another-id' }), 'BAD_SIGNATURE'],
  [
    'an edit whose args were changed after it was signed',
    changed({ args: { order: 'A-7', units: 99 } }, EDIT),
    'BAD_SIGNATURE',
  ],
  [
    'a delegation to somebody else than was signed',
    changed({ to: 'mo' }, { verdict: 'delegate', to: 'dee' }),
    'BAD_SIGNATURE',
  ],
  [
    'bo’s decision in ana’s name, with bo’s key id',
    (p) => ({ ...as('bo')(p), reviewer: 'ana' }),
    'UNKNOWN_KEY',
  ],
  ['a signature of zeros', value(`${'A'.repeat(86)}==`), 'BAD_SIGNATURE'],
  ['half a signature', value('AAAA'), 'MALFORMED_DECISION'],
  [
    'a signature with a key too many',
    (p) => ({ ...as('ana')(p), signature: { ...as('ana')(p).signature!, trust: true } as never }),
    'MALFORMED_DECISION',
  ],
  ['expired', as('ana', { issued: -20 * MINUTE, expires: -MINUTE }), 'SIGNATURE_EXPIRED'],
  ['issued in the future', as('ana', { issued: 30 * MINUTE, expires: 40 * MINUTE }), 'SIGNATURE_TIMES'],
  [
    'its expiry was put off after it was signed',
    (p) => {
      const d = as('ana', { issued: -20 * MINUTE, expires: -MINUTE })(p);
      return { ...d, signature: { ...d.signature!, expires: new Date(Date.now() + MINUTE).toISOString() } };
    },
    'BAD_SIGNATURE',
  ],
  [
    'valid for longer than a day',
    (p) => {
      const d = as('ana')(p);
      return {
        ...d,
        signature: { ...d.signature!, expires: new Date(Date.now() + 48 * 60 * MINUTE).toISOString() },
      };
    },
    'SIGNATURE_TIMES',
  ],
  ['a key that was revoked', as('ana', { keyId: 'ana-revoked' }), 'KEY_REVOKED'],
  ['a key that is valid no more', as('ana', { keyId: 'ana-old' }), 'KEY_NOT_VALID'],
  ['a key that is not valid yet', as('ana', { keyId: 'ana-next' }), 'KEY_NOT_VALID'],
  ['the requester, signed', as('rita'), 'REQUESTER_CANNOT_DECIDE'],
  [
    'the requester under an alias, signed',
    as('rita@example.com', { keyId: 'rita-1' }),
    'REQUESTER_CANNOT_DECIDE',
  ],
  ['who answers for the agent, signed', as('olaf'), 'OWNER_CANNOT_DECIDE'],
  ['somebody who is no approver, signed', as('mo'), 'NOT_AN_APPROVER'],
  ['a delegate of nobody, signed', as('dee'), 'NOT_AN_APPROVER'],
  ['somebody whom the directory does not know', as('eve', { keyId: 'eve-1' }), 'UNKNOWN_REVIEWER'],
  [
    'a delegation to the requester, signed',
    as('ana', {}, { verdict: 'delegate', to: 'rita@example.com' }),
    'DELEGATE_NOT_ALLOWED',
  ],
  [
    'a delegation to who answers for the agent, signed',
    as('ana', {}, { verdict: 'delegate', to: 'olaf' }),
    'DELEGATE_NOT_ALLOWED',
  ],
  ['a withdrawal of what somebody else signed', as('bo', {}, { verdict: 'withdraw' }), 'NOTHING_TO_WITHDRAW'],
  [
    'an edit of an action’s args that do not fit, signed',
    as('ana', {}, { verdict: 'edit', args: { order: 'A-7', units: -1 } }),
    'INVALID_ARGS',
  ],
  ['another digest, signed', as('ana', {}, { digest: 'f'.repeat(64) }), 'STALE_REVISION'],
];

describe('by signal and by update', () => {
  test.each(FORGERIES)('%s', async (_, forge, code) => {
    const packet = await open();
    const { workflowId } = packet;
    const [byUpdate, bySignal] = [forge(packet), forge(packet)];
    const [runs, handle] = [env.actions.runs['ship'], env.client.workflow.getHandle(workflowId)];
    if (code === 'MALFORMED_DECISION')
      await expect(handle.executeUpdate('decide', { args: [byUpdate] })).rejects.toMatchObject({
        cause: { message: expect.stringContaining(code) },
      });
    else
      await expect(handle.executeUpdate('decide', { args: [byUpdate] })).resolves.toMatchObject({
        status: 'refused',
        code,
      });
    const id = bySignal.id === 'another-id' ? 'another-id' : bySignal.id;
    await handle.signal('decide', bySignal);
    await expect(env.countersign.confirmed(workflowId, id, 10_000)).resolves.toMatchObject({
      status: 'refused',
      code,
    });
    const after = await env.countersign.show(workflowId);
    expect(after).toMatchObject({ status: 'open', revision: 1, signatures: [] });
    expect(env.actions.runs['ship']).toBe(runs);
    for (const reviewer of ['ana', 'bo']) await handle.signal('decide', as(reviewer)(packet));
    const result = await env.countersign.result(workflowId);
    expect(result.outcome).toBe('executed');
    expect(refusals(await env.audit(workflowId))).toContain(code);
    expect(await env.failedTasks(workflowId)).toEqual([]);
  });

  test('there are forty of them and more, each its own', () => {
    expect(new Set(FORGERIES.map(([said]) => said)).size).toBeGreaterThanOrEqual(40);
  });
});

describe('replays', () => {
  test('a whole decision of another workflow: its digest is another question', async () => {
    const [one, other] = [await open(), await open()];
    const replayed = as('ana')(one);
    await expect(env.countersign.decide(other.workflowId, replayed)).resolves.toMatchObject({
      code: 'STALE_REVISION',
    });
  });

  test('a decision of an earlier run under the same workflow id', async () => {
    const policy = { confirmation: 'CONFIRM' as const, levels: levels() };
    const start = () =>
      env.client.workflow.start('proposeAndExecute', {
        taskQueue: env.taskQueue,
        workflowId: 'used-again',
        args: [{ v: 1, task: 'ship', requester: 'rita', proposal: SHIP, policy }],
      });
    await start();
    const first = await env.until('used-again', ({ status }) => status === 'open');
    const replayed = as('ana')(first);
    await env.client.workflow.getHandle('used-again').terminate();
    await start();
    const second = await env.until('used-again', ({ status }) => status === 'open');
    await expect(env.countersign.decide('used-again', replayed)).resolves.toMatchObject({
      code: 'STALE_REVISION',
    });
    const redirected = { ...replayed, digest: second.digest! };
    await expect(env.countersign.decide('used-again', redirected)).resolves.toMatchObject({
      code: 'ID_REUSED',
    });
    await expect(
      env.countersign.decide('used-again', { ...redirected, id: 'redirected' }),
    ).resolves.toMatchObject({ code: 'BAD_SIGNATURE' });
  });

  test('the same decision twice counts once, and one person under two names is one', async () => {
    const packet = await open();
    const decision = as('ana')(packet);
    for (let times = 0; times < 3; times += 1)
      await expect(env.countersign.decide(packet.workflowId, decision)).resolves.toMatchObject({
        status: 'admitted',
      });
    await expect(
      env.countersign.decide(packet.workflowId, as('ana@example.com', { keyId: 'ana-1' })(packet)),
    ).resolves.toMatchObject({ code: 'ALREADY_SIGNED' });
    expect((await env.countersign.show(packet.workflowId)).signatures).toHaveLength(1);
  });

  test('a signature for HUMAN does not count at MANAGER, nor does its signer', async () => {
    const manager = { ...levels()[0]!, name: 'MANAGER', approvers: { people: ['mo', 'ana'] }, quorum: 1 };
    const policy = { confirmation: 'CONFIRM' as const, levels: [...levels(), manager] };
    const packet = await env.opened({ policy });
    const signature = as('ana')(packet);
    await env.countersign.decide(packet.workflowId, signature);
    await env.countersign.decide(
      packet.workflowId,
      as('bo', {}, { verdict: 'escalate', comment: 'up' })(packet),
    );
    const child = await env.until(`${packet.workflowId}/MANAGER`, ({ status }) => status === 'open');
    await expect(env.countersign.decide(child.workflowId, signature)).resolves.toMatchObject({
      code: 'SIGNED_AT_ANOTHER_LEVEL',
    });
    await expect(
      env.countersign.decide(child.workflowId, signed(saying(child, 'mo'), placeOf(packet))),
    ).resolves.toMatchObject({ code: 'SHOWN_OTHERWISE' });
    await expect(
      env.countersign.decide(child.workflowId, elsewhere({ level: 'HUMAN' }, 'mo')(child)),
    ).resolves.toMatchObject({ code: 'BAD_SIGNATURE' });
    await env.countersign.send(child.workflowId, as('mo')(child));
    await expect(env.countersign.result(packet.workflowId)).resolves.toMatchObject({ outcome: 'executed' });
  });
});

describe('at our own command line', () => {
  const directory = temporaryDirectory();
  afterAll(() => {
    directory.remove();
  });
  const keyFile = (name: string, keyId: string): string => {
    const file = path.join(directory.path, `${name}.pem`);
    const text = privateKeyFile({ privateKeyPem: pair(name).private, keyId });
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const countersign = (...args: string[]) =>
    run(process.execPath, [COUNTERSIGN, ...args, '--json'], {
      ...process.env,
      TEMPORAL_ADDRESS: env.connection.options.address,
      COUNTERSIGN_TASK_QUEUE: env.taskQueue,
      COUNTERSIGN_DATA: directory.path,
    });

  test.each([
    ['no key', () => [], /--key/],
    ['somebody else’s key', () => ['--key', keyFile('eve-1', 'ana-1')], /BAD_SIGNATURE/],
    ['another reviewer’s key', () => ['--key', keyFile('bo-1', 'bo-1')], /UNKNOWN_KEY/],
    ['a revoked key', () => ['--key', keyFile('ana-revoked', 'ana-revoked')], /KEY_REVOKED/],
  ])('approve with %s', async (_, flags, said) => {
    const packet = await open();
    const { workflowId, digest = '' } = packet;
    const { code, out } = await countersign(
      'approve',
      workflowId,
      '--reviewer',
      'ana',
      '--digest',
      digest,
      ...flags(),
    );
    expect({ code: code === 0, out }).toEqual({ code: false, out: expect.stringMatching(said) });
    expect(await env.countersign.show(workflowId)).toMatchObject({ status: 'open', signatures: [] });
  });

  test('approve with ana’s own key: admitted', async () => {
    const { workflowId, digest = '' } = await open();
    const flags = ['--reviewer', 'ana', '--digest', digest, '--key', keyFile('ana-1', 'ana-1')];
    expect(await countersign('approve', workflowId, ...flags)).toMatchObject({
      code: 0,
      out: expect.stringContaining('"admitted"'),
    });
  });
});

describe('the executor, started by somebody else', () => {
  let genuine: Execution;
  let attacker: Worker;
  let running: Promise<void>;

  beforeAll(async () => {
    const packet = await open();
    const before = env.executions.length;
    for (const reviewer of ['ana', 'bo']) await env.countersign.send(packet.workflowId, as(reviewer)(packet));
    await env.countersign.result(packet.workflowId);
    genuine = env.executions[before]!;
    attacker = await Worker.create({
      connection: env.native,
      taskQueue: 'attacker',
      workflowBundle: await workflowBundle(path.join(__dirname, '../support/workflow-attacker.ts')),
    });
    running = attacker.run();
  });
  afterAll(async () => {
    attacker.shutdown();
    await running;
  });

  const FORGED = {
    genuine: () => genuine,
    nothing: () => ({}),
    'a root of nothing': () => ({ ...genuine, root: {} }),
  };
  test.each([
    ['execute', 'genuine', 'NOT_ITS_WORKFLOW'],
    ['execute', 'nothing', 'NOT_ITS_WORKFLOW'],
    ['execute', 'a root of nothing', 'NOT_ITS_WORKFLOW'],
    ['notify', 'nothing', 'NOT_ITS_WORKFLOW'],
    ['record', 'nothing', 'NOT_LOCAL'],
  ] as const)('%s, by the stock CLI without any workflow, with %s', async (type, input, code) => {
    const runs = env.actions.runs['ship'];
    const {
      code: exit,
      out,
      err,
    } = await run(temporalBinary(), [
      ...['activity', 'execute', '--activity-id', `standalone-${type}-${input.replaceAll(' ', '-')}`],
      ...['--type', type, '--task-queue', env.taskQueue, '--start-to-close-timeout', '10s'],
      ...['--retry-maximum-attempts', '1', '--address', env.connection.options.address, '-o', 'json'],
      ...['--input', JSON.stringify(FORGED[input]())],
    ]);
    expect({ failed: exit !== 0, said: out + err }).toEqual({
      failed: true,
      said: expect.stringContaining(code),
    });
    expect(env.actions.runs['ship']).toBe(runs);
  });

  test.each(['execute', 'record', 'recordAndExecute'])('%s, from a workflow of his own', async (activity) => {
    const runs = env.actions.runs['ship'];
    const started = env.client.workflow.execute('schedule', {
      taskQueue: 'attacker',
      workflowId: `attack-${activity}`,
      args: [
        env.taskQueue,
        activity,
        activity === 'execute' ? genuine : { execution: genuine, chain: { pending: [] } },
      ],
    });
    await expect(started).rejects.toMatchObject({
      cause: {
        cause: {
          type: activity === 'execute' ? 'NOT_ITS_WORKFLOW' : expect.stringMatching(/NOT_LOCAL|NotFound/),
        },
      },
    });
    expect(env.actions.runs['ship']).toBe(runs);
    await pause(100);
  });
});
