/** The list of admission rules is complete: for each code of a refusal, the rule that gives it, in a scene where it does. */
import {
  cancel as callOff,
  expire,
  startExecuting,
  type ApprovedGate,
  type Gate,
  type WaitingGate,
} from '../../src/domain/gate';
import { admit, RULES } from '../../src/domain/gate/admit';
import { openLevel } from '../../src/domain/gate/levels';
import type { RefusalCode } from '../../src/domain/gate/refusals';
import type { Vouch } from '../../src/domain/gate/signature';
import { Directory } from '../../src/domain/reviewers';
import {
  approve,
  at,
  cancel,
  comment,
  DEADLINE,
  delegate,
  edit,
  escalateTo,
  extend,
  HOUR,
  keyOf,
  ladder,
  OPENED,
  open,
  openAmong,
  play,
  policy,
  reject,
  respond,
  revise,
  says,
  signedBy,
  UNKNOWN_DIGEST,
  waitingAbove,
  withdraw,
  type Said,
} from './given';

/** The rule, and a gate on which it refuses the last of the decisions. */
type Scene = readonly [rule: string, gate: () => Gate, ...decisions: Said[]];

const MINUTE = 60_000;
const iso = (instant: number) => new Date(instant).toISOString();
const person = (name: string, key: object = {}) => ({
  name,
  identities: [{ method: 'oidc', issuer: 'https://id', subject: name }],
  keys: [{ id: `${name}-1`, public: keyOf(name).public, ...key }],
});
const AMONG = Directory.parse({
  people: [
    person('ana'),
    person('bo', { revoked: iso(OPENED - HOUR) }),
    person('cy', { until: iso(OPENED - HOUR) }),
    { name: 'req' },
  ],
  doors: [
    { name: 'web', methods: ['oidc'], keys: [{ id: 'web-1', public: keyOf('web').public }] },
    { name: 'back', methods: ['saml'], keys: [{ id: 'back-1', public: keyOf('back').public }] },
  ],
});

const among = (authentication: 'open' | 'vouched' | 'signed', rest: Parameters<typeof policy>[1] = {}) => {
  const approvers = { people: ['ana', 'bo', 'cy'] };
  return () => openAmong(policy({ approvers }, { authentication, ...rest }), { reviewers: AMONG });
};
const vouched = (said: Said, change: Partial<Vouch> = {}): Said => {
  return (gate, nth) => {
    const sent = said(gate, nth);
    const { reviewer } = sent.decision;
    const vouch: Vouch = {
      ...{ door: 'web', key: 'web-1', person: reviewer, method: 'oidc', issuer: 'https://id' },
      ...{ subject: reviewer, authTime: iso(sent.at - HOUR), session: 'b'.repeat(64) },
      ...{ issued: iso(sent.at - 1_000), expires: iso(sent.at + 4 * MINUTE), value: `${'A'.repeat(86)}==` },
      ...change,
    };
    return { ...sent, decision: { ...sent.decision, vouch } };
  };
};
const verify = () => open(policy({}, { confirmation: 'VERIFY', phrase: 'REFUND A-4711' }));
const owned = () => openAmong(policy({ approvers: { people: ['ana', 'dan'] } }), { by: 'AGENT' });
const unproposed = () => ({ ...open(), failure: { code: 'AGENT_FAILED', message: 'no idea' } });
const full = () => ({ ...open(), weight: 272 * 1024 });
const approved = () => play(open(), [approve('ana')]).gate as ApprovedGate;
const above = () => {
  const signed = play(open(ladder({}, { quorum: 2 }, { approvers: { people: ['ana', 'mia'] } })), [
    approve('ana'),
  ]);
  return openLevel(expire(signed.gate, DEADLINE) as WaitingGate, DEADLINE);
};

/** None where no rule gives the code. */
const GIVEN_BY: { readonly [Code in RefusalCode]: readonly Scene[] } = {
  ASK_CHILD: [['statusTakesIt', () => waitingAbove(), approve('ana')]],
  BEING_REVISED: [['statusTakesIt', () => play(open(), [revise('ana')]).gate, approve('bo', { id: 'late' })]],
  GATE_CLOSED: [
    ['statusTakesIt', approved, approve('bo', { id: 'late' })],
    ['statusTakesIt', () => startExecuting(approved()), cancel('req', { id: 'late' })],
    ['statusTakesIt', () => callOff(open(), 'off'), cancel('req')],
  ],
  STALE_REVISION: [['readsCurrentRevision', open, approve('ana', { digest: UNKNOWN_DIGEST })]],
  NOTHING_PROPOSED: [['verdictIsOffered', unproposed, approve('ana')]],
  REVISIONS_EXHAUSTED: [['verdictIsOffered', () => open(policy({}, { maxRevisions: 0 })), revise('ana')]],
  NO_NEXT_LEVEL: [['verdictIsOffered', open, escalateTo('ana')]],
  VERDICT_NOT_OFFERED: [
    ['verdictIsOffered', () => open(policy({}, { verdicts: ['approve'] })), edit('ana')],
    ['verdictIsOffered', unproposed, extend('ana', DEADLINE + HOUR)],
  ],
  DEADLINE_PASSED: [['beforeDeadline', open, at(DEADLINE, approve('ana'))]],
  NOT_THE_REQUESTER: [['isAskedHere', open, cancel('ana')]],
  REQUESTER_CANNOT_DECIDE: [['isAskedHere', open, approve('req')]],
  OWNER_CANNOT_DECIDE: [['isAskedHere', owned, approve('dan')]],
  UNKNOWN_REVIEWER: [['isAskedHere', owned, approve('nobody')]],
  NOT_AN_APPROVER: [['isAskedHere', open, approve('zoe')]],
  SIGNED_AT_ANOTHER_LEVEL: [['isAskedHere', above, approve('ana', { id: 'twice' })]],
  UNAUTHENTICATED: [['isSignedIfRequired', among('signed'), approve('ana')]],
  UNKNOWN_KEY: [['isSignedIfRequired', among('signed'), signedBy(approve('ana'), { key: 'ana-9' })]],
  KEY_REVOKED: [['isSignedIfRequired', among('signed'), signedBy(approve('bo'))]],
  KEY_NOT_VALID: [['isSignedIfRequired', among('signed'), signedBy(approve('cy'))]],
  SIGNATURE_TIMES: [
    ['isSignedIfRequired', among('signed'), signedBy(approve('ana'), { expires: OPENED + 48 * HOUR })],
  ],
  SIGNATURE_EXPIRED: [
    [
      'isSignedIfRequired',
      among('signed'),
      signedBy(approve('ana'), { issued: OPENED - HOUR, expires: OPENED }),
    ],
  ],
  NOT_YOU: [['isSignedIfRequired', among('vouched'), vouched(approve('ana'), { person: 'bo' })]],
  UNKNOWN_IDENTITY: [['isSignedIfRequired', among('vouched'), vouched(approve('ana'), { subject: '9' })]],
  UNKNOWN_DOOR: [['isSignedIfRequired', among('vouched'), vouched(approve('ana'), { door: 'side' })]],
  DOOR_NOT_ALLOWED: [
    ['isSignedIfRequired', among('vouched'), vouched(approve('ana'), { door: 'back', key: 'back-1' })],
  ],
  SIGNATURE_TOO_OLD: [
    [
      'isSignedInTime',
      among('signed', { executeWithin: '30 minutes' }),
      signedBy(approve('ana'), { issued: OPENED - HOUR }),
    ],
  ],
  SHOWN_OTHERWISE: [
    ['readsWhatIsShown', among('signed'), signedBy(approve('ana', { shown: undefined }))],
    ['readsWhatIsShown', open, approve('ana', { shown: UNKNOWN_DIGEST })],
  ],
  ARGS_REQUIRED: [['hasWhatVerdictNeeds', open, says('ana', 'edit')]],
  ANSWER_REQUIRED: [['hasWhatVerdictNeeds', open, says('ana', 'respond')]],
  DELEGATE_REQUIRED: [['hasWhatVerdictNeeds', open, says('ana', 'delegate')]],
  UNTIL_REQUIRED: [['hasWhatVerdictNeeds', open, says('ana', 'extend')]],
  COMMENT_REQUIRED: [['hasWhatVerdictNeeds', open, reject('ana', { comment: ' ' })]],
  UNEXPECTED_FIELD: [
    ['hasWhatVerdictNeeds', open, respond('ana', { args: {} })],
    ['phraseMatches', open, approve('ana', { phrase: 'REFUND A-4711' })],
  ],
  PHRASE_REQUIRED: [['phraseMatches', verify, approve('ana')]],
  PHRASE_MISMATCH: [['phraseMatches', verify, approve('ana', { phrase: 'refund a-4711' })]],
  ALREADY_SIGNED: [['notSaidTwice', () => open(policy({ quorum: 2 })), approve('ana'), approve('ana')]],
  NOTHING_TO_WITHDRAW: [['notSaidTwice', open, withdraw('ana')]],
  DELEGATE_NOT_ALLOWED: [['mayDelegateTo', open, delegate('ana', 'req')]],
  EXTENSION_NOT_ALLOWED: [['mayExtendTo', open, extend('ana', OPENED)]],
  GATE_FULL: [['fitsTheRecord', full, comment('ana')]],

  // Before the rules: of an id that was used before, of what is no decision, and before a gate is open.
  ID_REUSED: [],
  MALFORMED_DECISION: [],
  TOO_EARLY: [],
  // Besides the rules: of what has to be found out first, from the history, the registry, the rules of policy, and keys.
  RECEIVE_TIME_UNKNOWN: [],
  INVALID_ARGS: [],
  NOT_ASSESSED: [],
  DENIED: [],
  POLICY_TOO_WEAK: [],
  NOT_VERIFIED: [],
  BAD_SIGNATURE: [],
  BAD_VOUCH: [],
};

const scenes = Object.entries(GIVEN_BY).flatMap(([code, list]) =>
  list.map(([name, gate, ...saids]) => [code, name, { gate, saids }] as const),
);

it.each(scenes)('%s is what %s says', (code, name, { gate, saids }) => {
  const [last] = saids.slice(-1);
  const { gate: here } = play(gate(), saids.slice(0, -1));
  const { decision, at: when } = (last as Said)(here, saids.length);
  const refusing = RULES.find((rule) => rule(here, decision, when) !== undefined);
  expect([refusing?.name, refusing?.(here, decision, when)?.code]).toEqual([name, code]);
  expect(admit(here, decision, when)?.code).toBe(code);
});

it('each rule has a scene, in which the rules before it let the decision through', () => {
  const named = new Set(scenes.map(([, name]) => name));
  expect(RULES.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
});
