/**
 * Grades on a real server: a front door's vouch, a passkey's touch and a key file's signature, each of which must hold, and none of which
 * counts for more than the worker's directory lets it. What is shown is the same everywhere that it is told.
 */
import type { Packet } from '../../src/client';
import type { Decision } from '../../src/domain/gate/decision';
import { shownOfPacket } from '../../src/domain/packet';
import { decisionText, type Vouch } from '../../src/domain/gate/signature';
import { assertionOf, testPasskey, type Bent } from '../support/passkey';
import { MINUTE, placeOf, signed, vouched, whereOf, withDoor } from '../support/reviewers';
import { past, refusals, SHIP, startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
const PHONE = testPasskey(-7);
const DIRECTORY = withDoor(PHONE.entry);

beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: DIRECTORY });
});
afterEach(() => {
  env.configured.reviewers = DIRECTORY;
});
afterAll(() => env.stop());

const open = (level: Record<string, unknown> = {}, more: object = {}) =>
  env.opened({ policy: { ...within('1 hour', level), ...more } });

let nth = 0;
const saying = (packet: Packet, reviewer: string, more: Partial<Decision> = {}): Decision => ({
  v: 1,
  id: `d${String(++nth)}`,
  digest: packet.digest!,
  verdict: 'approve',
  reviewer,
  ...more,
});
const byDoor = (packet: Packet, reviewer = 'ana', change: Parameters<typeof vouched>[2] = {}) =>
  vouched(saying(packet, reviewer), placeOf(packet), change);
const byKey = (packet: Packet) => signed(saying(packet, 'ana'), placeOf(packet));

/** As a page does it. */
function byPasskey(packet: Packet, bent: Bent = {}): Decision {
  const { shown } = packet;
  const said = { ...saying(packet, 'cy'), ...(shown === undefined ? {} : { shown }) };
  const now = Date.now();
  const times = {
    key: PHONE.entry.id,
    issued: new Date(now - 1_000).toISOString(),
    expires: new Date(now + 9 * MINUTE).toISOString(),
  };
  const text = decisionText(whereOf(placeOf(packet)), said, times);
  return { ...said, signature: { ...times, ...assertionOf(PHONE, text, bent) } };
}

const isAnswered = (packet: Packet, decision: Decision, answer: object) =>
  expect(env.countersign.decide(packet.workflowId, decision)).resolves.toMatchObject(answer);
const ADMITTED = { status: 'admitted' };

test('a vouch counts where the directory has doors, stands on record with its grade, and its action runs', async () => {
  const packet = await open({ quorum: 2 });
  expect(packet).toMatchObject({
    authentication: 'vouched',
    requesterProof: 'claimed',
    deployment: 'default',
  });
  await isAnswered(packet, saying(packet, 'ana'), { code: 'UNAUTHENTICATED' });
  await isAnswered(packet, byDoor(packet), ADMITTED);
  await env.countersign.send(packet.workflowId, byDoor(packet, 'bo'));
  await expect(env.countersign.result(packet.workflowId)).resolves.toMatchObject({ outcome: 'executed' });
  const entries = await env.audit(packet.workflowId);
  const decided = entries.filter(({ type }) => type === 'decided');
  expect(decided).toMatchObject([
    { authentication: 'vouched', decision: { reviewer: 'ana', vouch: { person: 'ana' } } },
    { authentication: 'vouched', decision: { reviewer: 'bo', vouch: { person: 'bo' } } },
  ]);
});

const later = (ms: number) => new Date(Date.now() + ms).toISOString();
const after = (change: (vouch: Vouch) => Partial<Decision>) => (packet: Packet) => {
  const good = byDoor(packet);
  return { ...good, ...change(good.vouch!) };
};
const elsewhere = (where: object) => (packet: Packet) =>
  vouched(saying(packet, 'ana'), { ...placeOf(packet), ...where });
const saidBy = (change: Parameters<typeof vouched>[2]) => (packet: Packet) => byDoor(packet, 'ana', change);

const FORGERIES: readonly (readonly [string, (packet: Packet) => Decision, string])[] = [
  ['made with another key under the door’s', saidBy({ by: 'eve-1' }), 'BAD_VOUCH'],
  ['made with a person’s key under the door’s', saidBy({ by: 'ana-1' }), 'BAD_VOUCH'],
  ['for another deployment', elsewhere({ deployment: 'elsewhere' }), 'BAD_VOUCH'],
  ['for another workflow', elsewhere({ workflowId: 'another' }), 'BAD_VOUCH'],
  ['for an earlier run', elsewhere({ firstRunId: 'earlier' }), 'BAD_VOUCH'],
  ['for another gate', elsewhere({ gate: 'second' }), 'BAD_VOUCH'],
  ['for another level', elsewhere({ level: 'MANAGER' }), 'BAD_VOUCH'],
  ['of another verdict', after(() => ({ verdict: 'reject', comment: 'no' })), 'BAD_VOUCH'],
  ['sent under another id', after(() => ({ id: `other-${String(++nth)}` })), 'BAD_VOUCH'],
  [
    'of an authentication put off',
    after((vouch) => ({ vouch: { ...vouch, authTime: later(0) } })),
    'BAD_VOUCH',
  ],
  ['put off itself', after((vouch) => ({ vouch: { ...vouch, expires: later(4.5 * MINUTE) } })), 'BAD_VOUCH'],
  ['of zeros', after((vouch) => ({ vouch: { ...vouch, value: `${'A'.repeat(86)}==` } })), 'BAD_VOUCH'],
  ['on something else than is shown', elsewhere({ shown: 'e'.repeat(64) }), 'SHOWN_OTHERWISE'],
  ['on nothing that was shown', elsewhere({ shown: undefined }), 'SHOWN_OTHERWISE'],
  ['in another’s name', after(() => ({ reviewer: 'bo' })), 'NOT_YOU'],
  ['for another person', saidBy({ person: 'bo', subject: 'bo' }), 'NOT_YOU'],
  ['by an identity of nobody', saidBy({ subject: 'eve' }), 'UNKNOWN_IDENTITY'],
  ['of another issuer', saidBy({ issuer: 'https://evil.example' }), 'UNKNOWN_IDENTITY'],
  ['of a door that nobody lists', saidBy({ door: 'back' }), 'UNKNOWN_DOOR'],
  ['with a key of nobody', saidBy({ key: 'web-2' }), 'UNKNOWN_DOOR'],
  ['that has expired', saidBy({ issued: later(-3 * MINUTE), expires: later(-MINUTE) }), 'SIGNATURE_EXPIRED'],
  [
    'for longer than five minutes',
    after((vouch) => ({ vouch: { ...vouch, expires: later(9 * MINUTE) } })),
    'SIGNATURE_TIMES',
  ],
  [
    'beside a signature that is none',
    (packet) => ({
      ...byDoor(packet),
      signature: { ...byKey(packet).signature!, value: `${'A'.repeat(86)}==` },
    }),
    'BAD_SIGNATURE',
  ],
  [
    'that is none, beside a signature',
    (packet) => ({ ...byKey(packet), vouch: { ...byDoor(packet).vouch! } }),
    'BAD_VOUCH',
  ],
];

describe('a vouch that is forged counts by no way', () => {
  test.each(FORGERIES)('%s', async (_, forge, code) => {
    const packet = await open();
    const runs = env.actions.runs['ship'];
    await isAnswered(packet, forge(packet), { status: 'refused', code });
    const sent = await env.countersign.send(packet.workflowId, forge(packet));
    await expect(env.countersign.confirmed(packet.workflowId, sent.id, 10_000)).resolves.toMatchObject({
      status: 'refused',
      code,
    });
    expect(await env.countersign.show(packet.workflowId)).toMatchObject({ status: 'open', signatures: [] });
    expect(env.actions.runs['ship']).toBe(runs);
    await env.countersign.send(packet.workflowId, byDoor(packet));
    await expect(env.countersign.result(packet.workflowId)).resolves.toMatchObject({ outcome: 'executed' });
    expect(refusals(await env.audit(packet.workflowId))).toEqual([code, code]);
    expect(await env.failedTasks(packet.workflowId)).toEqual([]);
  });
});

describe('no more than the directory lets it', () => {
  test('at VERIFY, where somebody holds keys, her own signature alone counts', async () => {
    const packet = await open({}, { confirmation: 'VERIFY', phrase: 'SHIP A-7' });
    const typed = { phrase: 'SHIP A-7' };
    expect(packet.authentication).toBe('signed');
    await isAnswered(packet, vouched(saying(packet, 'ana', typed), placeOf(packet)), {
      code: 'DOOR_NOT_ALLOWED',
    });
    await isAnswered(packet, signed(saying(packet, 'ana', typed), placeOf(packet)), ADMITTED);
  });

  test('a door for people in a role that she has not', async () => {
    env.configured.reviewers = withDoor(PHONE.entry, { roles: ['oncall'] });
    const packet = await open();
    await isAnswered(packet, byDoor(packet), { code: 'DOOR_NOT_ALLOWED' });
    await isAnswered(packet, byKey(packet), ADMITTED);
  });

  test('two are vouched for, and one of them has to sign: she signs over it', async () => {
    const packet = await open({ quorum: 2, signedAtLeast: 1 });
    await isAnswered(packet, byDoor(packet), ADMITTED);
    await isAnswered(packet, byDoor(packet, 'bo'), ADMITTED);
    expect(await env.countersign.show(packet.workflowId)).toMatchObject({
      status: 'open',
      signatures: [{ authentication: 'vouched' }, { authentication: 'vouched' }],
    });
    await isAnswered(packet, byDoor(packet), { code: 'ALREADY_SIGNED' });
    await isAnswered(packet, byKey(packet), ADMITTED);
    const { outcome, decisions } = await env.countersign.result(packet.workflowId);
    expect([outcome, decisions.map(({ reviewer }) => reviewer)]).toEqual(['executed', ['ana', 'bo', 'ana']]);
  });
});

describe('a passkey', () => {
  test('signs, and what it signs runs', async () => {
    const packet = await open({}, { authentication: 'signed' });
    await isAnswered(packet, byPasskey(packet), ADMITTED);
    await expect(env.countersign.result(packet.workflowId)).resolves.toMatchObject({ outcome: 'executed' });
    const [decided] = (await env.audit(packet.workflowId)).filter(({ type }) => type === 'decided');
    expect(decided).toMatchObject({
      authentication: 'signed',
      decision: { signature: { key: PHONE.entry.id } },
    });
  });

  test.each<[string, Bent]>([
    ['of another text', { challenge: 'AAAA' }],
    ['on another origin', { origin: 'https://evil.example' }],
    ['without its owner verified', { flags: 0x01 }],
  ])('%s counts for nothing', async (_, bent) => {
    const packet = await open();
    await isAnswered(packet, byPasskey(packet, bent), { code: 'BAD_SIGNATURE' });
    await isAnswered(packet, byPasskey(packet), ADMITTED);
  });
});

describe('in time', () => {
  test('a vouch that expired before it was read, and not before the server had it, counts', async () => {
    const packet = await open({ quorum: 2 });
    await env.stopWorker();
    const expires = later(2_000);
    await env.countersign.send(packet.workflowId, byDoor(packet, 'ana', { expires }));
    expect(Date.now()).toBeLessThan(Date.parse(expires)); // or the test proves nothing
    await past(expires);
    const late = await env.countersign.send(packet.workflowId, byDoor(packet, 'bo', { expires }));
    await env.startWorker();
    await expect(env.countersign.confirmed(packet.workflowId, late.id, 20_000)).resolves.toMatchObject({
      code: 'SIGNATURE_EXPIRED',
    });
    const { signatures } = await env.countersign.show(packet.workflowId);
    expect(signatures).toMatchObject([{ reviewer: 'ana', authentication: 'vouched' }]);
    expect(Date.parse(signatures[0]!.at)).toBeLessThan(Date.parse(expires));
  });

  test('a signature that is as old as its approval may wait is refused, by update and by signal', async () => {
    const packet = await open({}, { executeWithin: '10 minutes' });
    const old = (at: Packet) => signed(saying(at, 'ana'), placeOf(at), { issued: -10 * MINUTE });
    await isAnswered(packet, old(packet), { code: 'SIGNATURE_TOO_OLD' });
    const sent = await env.countersign.send(packet.workflowId, old(packet));
    await expect(env.countersign.confirmed(packet.workflowId, sent.id, 10_000)).resolves.toMatchObject({
      code: 'SIGNATURE_TOO_OLD',
    });
    await isAnswered(packet, byKey(packet), ADMITTED);
  });
});

describe('what is shown', () => {
  const CALLBACK = 'https://orders.example/done';
  const shownOnRecord = async (workflowId: string) =>
    (await env.audit(workflowId)).flatMap((entry) => (entry.type === 'opened' ? [entry.shown] : []));

  test('at each level of a step with an undo: made anew from the packet, and on record in that level’s own chain', async () => {
    const level = (name: string, person: string) => ({
      name,
      approvers: { people: [person] },
      respondWithin: '1 hour',
    });
    const { workflowId } = await env.countersign.start('multiStepApproval', {
      v: 1,
      requester: 'rita',
      callback: CALLBACK,
      policy: { confirmation: 'CONFIRM', levels: [level('HUMAN', 'ana'), level('MANAGER', 'bo')] },
      steps: [{ name: 'a', proposal: SHIP, undo: { action: 'ship', args: { order: 'back', units: 1 } } }],
    });
    const step = `${workflowId}/a`;
    await env.until(workflowId, ({ waitingOn }) => waitingOn === step);
    const first = await env.until(step, ({ status }) => status === 'open');
    await isAnswered(
      first,
      vouched(saying(first, 'ana', { verdict: 'escalate', comment: 'up' }), placeOf(first)),
      ADMITTED,
    );
    const above = await env.until(`${step}/MANAGER`, ({ status }) => status === 'open');
    const waiting = await env.countersign.show(step);
    expect(waiting).toMatchObject({ status: 'waiting', level: 'MANAGER' });
    expect(waiting).not.toHaveProperty('shown');
    for (const packet of [first, above]) {
      expect(packet).toMatchObject({
        ...{ callback: CALLBACK, plan: { at: 0 }, undo: { args: { order: 'back' } }, preview: { stock: 7 } },
        ...{ by: 'rita', risk: 'low', deployment: 'default' },
      });
      expect(shownOfPacket(packet)).toBe(packet.shown);
    }
    expect(above.shown).not.toBe(first.shown);
    await isAnswered(above, { ...byDoor(above, 'bo'), shown: first.shown! }, { code: 'SHOWN_OTHERWISE' });
    await isAnswered(above, byDoor(above, 'bo'), ADMITTED);
    await expect(env.countersign.result(workflowId)).resolves.toMatchObject({ completed: true });
    expect(await shownOnRecord(step)).toEqual([first.shown]);
    expect(await shownOnRecord(`${step}/MANAGER`)).toEqual([above.shown]);
  });

  test('after an edit it is another: what was read before is another revision, and on record are both', async () => {
    const packet = await open({ quorum: 2 });
    const edit = { verdict: 'edit' as const, args: { order: 'A-7', units: 1 } };
    await isAnswered(packet, vouched(saying(packet, 'ana', edit), placeOf(packet)), ADMITTED);
    const revised = await env.countersign.show(packet.workflowId);
    expect(revised).toMatchObject({ revision: 2, by: 'ana', signatures: [{ authentication: 'vouched' }] });
    expect(shownOfPacket(revised)).toBe(revised.shown);
    expect(revised.shown).not.toBe(packet.shown);
    await isAnswered(
      revised,
      { ...byDoor(revised, 'bo'), shown: packet.shown! },
      { code: 'SHOWN_OTHERWISE' },
    );
    await isAnswered(revised, byDoor(revised, 'bo'), ADMITTED);
    await env.countersign.result(packet.workflowId);
    const entries = await env.audit(packet.workflowId);
    expect(
      entries.flatMap((entry) =>
        entry.type === 'opened' || entry.type === 'revised' ? [[entry.type, entry.shown]] : [],
      ),
    ).toEqual([
      ['opened', packet.shown],
      ['revised', revised.shown],
    ]);
  });
});
