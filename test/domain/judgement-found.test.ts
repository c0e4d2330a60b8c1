/** What a second judgement, written from the target alone, found that the first had let through, or had refused without a reason. */
import { evidenceOf, type Evidence } from '../../src/domain/gate/evidence';
import type { Decision } from '../../src/domain/gate/decision';
import type { ApprovedGate } from '../../src/domain/gate';
import type { Heard } from '../../src/domain/heard';
import type { Own } from '../../src/domain/judgement';
import { policyNow } from '../../src/domain/policy-now';
import type { Policy } from '../../src/domain/policy';
import type { Directory } from '../../src/domain/reviewers';
import { createRules } from '../../src/providers/policy';
import {
  above,
  approved,
  asks,
  byDelegate,
  byEdit,
  executed,
  examiner,
  inOpen,
  inSigned,
  NOW,
  signed2,
} from './evidence';
import {
  approve,
  cancel,
  delegate,
  DIRECTORY,
  HOUR,
  keyOf,
  OPENED,
  reject,
  signedBy,
  withdraw,
  type Said,
} from './given';
import { shortfall } from './judged';

/** What stands behind the approval, as the store holds it. */
const stored = (gate: ApprovedGate): Heard[] =>
  evidenceOf(gate).decisions.map(({ at, revision: _, level, ...decision }) => ({
    decision,
    level,
    at: Date.parse(at),
  }));
/** Said of the approved question so many seconds after it was opened. */
const later = (gate: ApprovedGate, said: Said, nth: number): Heard => {
  const { decision, at } = said(gate, nth);
  return { decision, level: 'HUMAN', at };
};
const code = (gate: ApprovedGate, evidence: Partial<Evidence>, own: Partial<Own> = {}, now = NOW) =>
  shortfall({ ...evidenceOf(gate), ...evidence }, executed(gate), examiner({ now }), own)?.code;

it.each([inOpen, inSigned, byEdit, byDelegate, above])('as it is, each of them holds', (gate) => {
  expect(code(gate, {}, { heard: stored(gate) })).toBeUndefined();
});

it('a decision that no signature names, and that nobody has verified, gives no more time', () => {
  const now = OPENED + 4 * HOUR;
  const { decisions } = evidenceOf(inSigned);
  const iso = new Date(now).toISOString();
  const junk = { ...decisions[0]!, id: 'junk', signature: { ...decisions[0]!.signature!, issued: iso } };
  const executeBefore = new Date(now + HOUR).toISOString();
  expect(code(inSigned, { executeBefore, decisions: [...decisions, junk] }, {}, now)).toBe(
    'APPROVAL_EXPIRED',
  );
});

describe('who acts for whom is told by what was heard, whatever the evidence names', () => {
  const gate = approved(signed2, [signedBy(approve('ana')), signedBy(approve('bo'))]);

  it('two who have one voice are one', () => {
    const heard = [later(gate, signedBy(delegate('ana', 'bo')), 0), ...stored(gate)];
    expect(code(gate, {}, { heard })).toBe('QUORUM_NOT_MET');
  });

  it('a delegate’s no is a no', () => {
    const heard = [
      ...stored(gate),
      later(gate, signedBy(delegate('ana', 'dan')), 5),
      later(gate, signedBy(reject('dan')), 6),
    ];
    expect(code(gate, {}, { heard })).toBe('APPROVAL_VOID');
  });

  it('but nobody is a delegate by a delegation that nobody has signed', () => {
    const heard = [
      ...stored(gate),
      later(gate, delegate('ana', 'dan'), 5),
      later(gate, signedBy(reject('dan')), 6),
    ];
    expect(code(gate, {}, { heard })).toBeUndefined();
  });
});

it('one’s own later no takes back what one has signed, also where it takes more to reject it', () => {
  const gate = approved({ ...signed2, levels: signed2.levels.map((one) => ({ ...one, rejections: 2 })) }, [
    signedBy(approve('ana')),
    signedBy(approve('bo')),
  ]);
  const heard = [...stored(gate), later(gate, signedBy(reject('ana')), 5)];
  expect(code(gate, {}, { heard })).toBe('APPROVAL_VOID');
});

it('an approval from before a no is not made newer by another proof of the same words', () => {
  const again = signedBy(approve('ana', { id: 'd1', shown: inSigned.decisions[0]!.shown }), {
    expires: OPENED + 3 * HOUR,
  })(inSigned, 9).decision;
  const { decisions, signatures } = evidenceOf(inSigned);
  const at = new Date(OPENED + 9_000).toISOString();
  const renewed = {
    decisions: [{ ...decisions[0]!, ...again, at }, decisions[1]!],
    signatures: [{ ...signatures[0]!, at }, signatures[1]!],
  };
  const bo = stored(inSigned)[1]!;
  const heard = [
    stored(inSigned)[0]!,
    later(inSigned, signedBy(reject('cy')), 5),
    { ...bo, at: OPENED + 6_000 },
    { decision: again, level: 'HUMAN', at: OPENED + 9_000 },
  ];
  expect(code(inSigned, renewed, { heard })).toBe('APPROVAL_VOID');
});

describe('who spoke at another level', () => {
  const spoke: Heard = { ...later(above, approve('mia'), 0), level: 'HUMAN' };
  const delegated: Heard = { ...later(above, delegate('ana', 'mia'), 0), level: 'HUMAN' };
  const ana: Heard = { ...later(above, approve('ana', { id: 'd-ana' }), 1), level: 'HUMAN' };

  it.each<[string, readonly Heard[]]>([
    ['the same voice', [delegated, ana]],
    ['herself, on behalf of one who is asked there', [delegated, { ...spoke, at: OPENED + 2_000 }]],
  ])('%s does not sign here, though the evidence leaves it out', (_, said) => {
    const { gate } = { gate: above };
    const heard = [...said, ...stored(gate)];
    expect(code(gate, { before: [] }, { heard })).toBe('SIGNED_AT_ANOTHER_LEVEL');
  });
});

it('an edit of another revision than the one before is not the edit that made it', () => {
  const shownFor = (_: string, revision?: number) =>
    revision === undefined || revision === 0 ? byEdit.decisions.map(({ shown }) => shown!) : [];
  expect(code(byEdit, {}, { heard: stored(byEdit), shownFor })).toBe('SHOWN_OTHERWISE');
});

describe('a no of somebody who was not asked', () => {
  it('is none: not the requester’s, who may only call it off', () => {
    const { policy } = inOpen;
    const all = { ...policy, levels: policy.levels.map((one) => ({ ...one, approvers: { people: ['*'] } })) };
    const gate = approved(all, [approve('ana'), approve('bo')]);
    const no = later(gate, reject('req'), 5);
    expect(code(gate, {}, { heard: [...stored(gate), no] })).toBeUndefined();
    const called = later(gate, cancel('r.quest'), 5);
    expect(code(gate, {}, { heard: [...stored(gate), called] })).toBe('APPROVAL_VOID');
  });

  it('stays one where the evidence alone says that its sender answers for the agent', () => {
    const heard = [...stored(inSigned), later(inSigned, signedBy(reject('cy')), 5)];
    expect(code(inSigned, { owners: ['cy'] }, { heard })).toBe('APPROVAL_VOID');
  });
});

it('a requester who is nobody’s name in the directory may call it off where names are believed', () => {
  const people: Directory = { people: [{ name: 'ana' }, { name: 'bo' }] };
  const gate = { ...inOpen, requester: 'svc-orders', reviewers: people };
  const heard = [...stored(gate), later(gate, cancel('svc-orders'), 5)];
  const found = (all: readonly Heard[]) =>
    shortfall(evidenceOf(gate), executed(gate), examiner({ reviewers: people }), { heard: all })?.code;
  expect([found(stored(gate)), found(heard)]).toEqual([undefined, 'APPROVAL_VOID']);
});

it('a withdrawal that nobody has signed frees nobody to sign at another level', () => {
  const heard = [
    later(inSigned, signedBy(approve('ana', { id: 'd-elsewhere' }), { level: 'BEFORE' }), 0),
    later(inSigned, withdraw('ana', { id: 'd-free' }), 1),
  ].map((one) => ({ ...one, level: 'BEFORE' }));
  const [level] = inSigned.policy.levels;
  const policy = { ...inSigned.policy, levels: [level!, { ...level!, name: 'BEFORE' }] };
  const own = { policy, heard: [...heard, ...stored(inSigned)] };
  expect(code(inSigned, {}, own)).toBe('SIGNED_AT_ANOTHER_LEVEL');
});

it('an expired signature is not good by its receive time where a door vouches beside it whose key is revoked since', () => {
  const { people } = DIRECTORY;
  const identity = { method: 'oidc', issuer: 'https://id.example', subject: 'ana' };
  const revoked = new Date(OPENED + 2 * HOUR).toISOString();
  const keys = [{ id: 'web-1', public: keyOf('web').public, revoked }];
  const directory: Directory = {
    ...DIRECTORY,
    people: people.map((one) => (one.name === 'ana' ? { ...one, identities: [identity] } : one)),
    doors: [{ name: 'web', methods: ['oidc'], keys, upTo: 'VERIFY' }],
  };
  const at = (seconds: number) => new Date(OPENED + seconds * 1_000).toISOString();
  const vouch: NonNullable<Decision['vouch']> = {
    ...{ door: 'web', key: 'web-1', person: 'ana', ...identity, authTime: at(0), session: 'b'.repeat(64) },
    ...{ issued: at(0), expires: at(200), value: `${'A'.repeat(85)}A==` },
  };
  const { decisions } = evidenceOf(inSigned);
  const both = [{ ...decisions[0]!, vouch }, decisions[1]!];
  const heard = both.map(({ at: when, revision: _, level, ...decision }) => ({
    decision,
    level,
    at: Date.parse(when),
  }));
  const evidence = { ...evidenceOf(inSigned), decisions: both, reviewers: directory };
  const { executeBefore: _, ...unlimited } = evidence;
  const { executeWithin: _w, ...policy } = inSigned.policy;
  const verdict = (now: number) =>
    shortfall(
      unlimited,
      executed(inSigned),
      { ...examiner({ reviewers: directory, now }), verifies: () => true },
      { policy, heard, receivedAt: (one) => heard.find(({ decision }) => decision.id === one.id)?.at },
    )?.code;
  expect([verdict(NOW), verdict(OPENED + 3 * HOUR)]).toEqual([undefined, 'KEY_REVOKED']);
});

it.each<[string, (policy: Policy) => object]>([
  [
    'without rejections, whose count would never be reached',
    ({ levels: [level] }) => ({ levels: [{ ...level, rejections: undefined }] }),
  ],
  ['without a confirmation, which would take any door’s word', () => ({ confirmation: undefined })],
  ['without separation', () => ({ separation: {} })],
  ['with two levels of one name', ({ levels: [level] }) => ({ levels: [level, level] })],
])('a recorded policy %s, is none', (_, change) => {
  const evidence = evidenceOf(
    approved({ ...signed2, levels: signed2.levels.map((one) => ({ ...one, ...asks })) }, [
      signedBy(approve('ana')),
      signedBy(approve('bo')),
    ]),
  );
  const rules = createRules(undefined);
  const met = {
    rules,
    directory: DIRECTORY,
    action: 'refund',
    args: {},
    risk: 'medium',
    effect: true,
    requesterProof: 'claimed',
  } as const;
  expect(policyNow(evidence, met)).toMatchObject({ ok: true });
  const policy = { ...evidence.policy, ...change(evidence.policy) };
  expect(policyNow({ ...evidence, policy }, met)).toMatchObject({ ok: false, code: 'POLICY_TOO_WEAK' });
});
