/** What the executor goes through once more, just before the effect: from evidence that is good, one thing changed at a time. */
import { evidenceOf, type Evidence } from '../../src/domain/gate/evidence';
import { shortfall, type Examiner } from './judged';
import { type Admitted, type ApprovedGate, type Signature } from '../../src/domain/gate';
import type { Policy } from '../../src/domain/policy';
import { Directory } from '../../src/domain/reviewers';
import { ARGS, DIRECTORY, HOUR, OPENED, policy, UNKNOWN_DIGEST } from './given';
import {
  NOW,
  executed,
  examiner,
  inOpen,
  inSigned,
  byEdit,
  byDelegate,
  typing,
  edited,
  silent,
  info,
} from './evidence';

type Change = (evidence: Evidence) => Evidence;
const decision =
  (nth: number, change: (one: Admitted) => Partial<Admitted>): Change =>
  (evidence) => ({
    ...evidence,
    decisions: evidence.decisions.map((one, index) => (index === nth ? { ...one, ...change(one) } : one)),
  });
const signature =
  (nth: number, change: Partial<Signature>): Change =>
  (evidence) => ({
    ...evidence,
    signatures: evidence.signatures.map((one, index) => (index === nth ? { ...one, ...change } : one)),
  });
const same: Change = (evidence) => evidence;
const changedPolicy =
  (change: Partial<Policy>): Change =>
  (evidence) => ({ ...evidence, policy: { ...evidence.policy, ...change } });

/** The directory as a worker holds it later: ana's key, changed. */
function later(change: object): Directory {
  return Directory.parse({
    ...DIRECTORY,
    people: DIRECTORY.people.map((one) =>
      one.name === 'ana' ? { ...one, keys: one.keys!.map((key) => ({ ...key, ...change })) } : one,
    ),
  });
}
const iso = (instant: number) => new Date(instant).toISOString();
const ana = (change: object) => ({ reviewers: later(change) });
const bob = { ...byDelegate, delegations: [] };

describe('one thing changed: it falls short, and of what', () => {
  it.each<[string, ApprovedGate, Change, Partial<Examiner>, string, unknown]>([
    [
      'silence under INFO',
      info,
      (e) => ({ ...e, basis: 'silence' }),
      {},
      'NOT_CONSENT',
      'the policy does not take silence for consent',
    ],
    [
      'a decision that nobody sent, of the moment of another',
      inOpen,
      signature(0, { decision: 'dx' }),
      {},
      'NOT_SIGNED',
      'there is no decision dx behind the signature',
    ],
    [
      'a comment in place of the delegation',
      byDelegate,
      decision(0, () => ({ verdict: 'comment' })),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'a comment in place of the edit, with its args',
      byEdit,
      decision(0, () => ({ verdict: 'comment' })),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'an edit of nothing, whatever the action makes of that',
      byEdit,
      decision(0, () => ({ args: undefined })),
      { normal: () => ({ ...ARGS, amount: 7 }) },
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'too late',
      inOpen,
      same,
      { now: OPENED + 2_000 + HOUR },
      'APPROVAL_EXPIRED',
      'the approval had to be acted on before 2026-03-02T10:00:02.000Z',
    ],
    [
      'notice under CONFIRM',
      inOpen,
      (e) => ({ ...e, basis: 'notice' }),
      {},
      'NOT_CONSENT',
      'the policy does not take notice for consent',
    ],
    [
      'notice under VERIFY',
      typing,
      (e) => ({ ...e, basis: 'notice' }),
      {},
      'NOT_CONSENT',
      'the policy does not take notice for consent',
    ],
    [
      'silence that the policy escalates',
      inOpen,
      (e) => ({ ...e, basis: 'silence' }),
      {},
      'NOT_CONSENT',
      'the policy does not take silence for consent',
    ],
    [
      'silence that the level expires',
      silent,
      changedPolicy({ levels: [{ ...silent.policy.levels[0]!, onSilence: 'expire' }] }),
      {},
      'NOT_CONSENT',
      'the policy does not take silence for consent',
    ],
    [
      'silence told as notice',
      silent,
      (e) => ({ ...e, basis: 'notice' }),
      {},
      'NOT_CONSENT',
      'the policy does not take notice for consent',
    ],
    [
      'no signature at all',
      inOpen,
      (e) => ({ ...e, signatures: [] }),
      {},
      'QUORUM_NOT_MET',
      'level HUMAN did not sign as its policy asks',
    ],
    [
      'one of two signatures',
      inSigned,
      (e) => ({ ...e, signatures: e.signatures.slice(1) }),
      {},
      'QUORUM_NOT_MET',
      'level HUMAN did not sign as its policy asks',
    ],
    [
      'one signature twice',
      inSigned,
      (e) => ({ ...e, signatures: [e.signatures[0]!, e.signatures[0]!] }),
      {},
      'QUORUM_NOT_MET',
      'level HUMAN did not sign as its policy asks',
    ],
    [
      'no decision behind a signature',
      inOpen,
      (e) => ({ ...e, decisions: e.decisions.slice(1) }),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      "another's name over ana's decision",
      inSigned,
      signature(1, { decision: 'd1', at: inSigned.signatures[0]!.at }),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      "a stranger's name over ana's decision",
      inOpen,
      signature(1, { reviewer: 'cy', decision: 'd1', at: inOpen.signatures[0]!.at }),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'another moment than the decision has',
      inOpen,
      signature(0, { at: iso(OPENED) }),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'an approval of another digest',
      inOpen,
      decision(0, () => ({ digest: UNKNOWN_DIGEST })),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'a rejection in place of the approval',
      inOpen,
      decision(0, () => ({ verdict: 'reject' })),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'an edit without args in its place',
      inOpen,
      decision(0, () => ({ verdict: 'edit', revision: 0 })),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'an approval at another level',
      inSigned,
      decision(0, () => ({ level: 'MANAGER' })),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'an edit of other args',
      byEdit,
      decision(0, () => ({ args: { ...ARGS, amount: 8 } })),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'an edit of an older revision',
      byEdit,
      decision(0, () => ({ revision: 0 })),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'an edit that the action does not take any more',
      byEdit,
      same,
      { normal: () => undefined },
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'an edit that the action takes otherwise now',
      byEdit,
      same,
      { normal: (args) => ({ ...args, more: 1 }) },
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'no delegation behind the delegate',
      bob,
      same,
      {},
      'NOT_AN_APPROVER',
      'dan may not sign at level HUMAN',
    ],
    [
      'no decision behind the delegation',
      byDelegate,
      (e) => ({ ...e, decisions: e.decisions.slice(1) }),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'a delegation to somebody else than was said',
      byDelegate,
      (e) => ({ ...e, delegations: [{ ...e.delegations[0]!, to: 'eve' }] }),
      {},
      'NOT_AN_APPROVER',
      'dan may not sign at level HUMAN',
    ],
    [
      'a delegation besides, to somebody else',
      byDelegate,
      (e) => ({ ...e, delegations: [...e.delegations, { ...e.delegations[0]!, to: 'eve' }] }),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'a delegation by somebody else than said so',
      byDelegate,
      (e) => ({ ...e, delegations: [...e.delegations, { ...e.delegations[0]!, from: 'bo' }] }),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'an approval that is told as a delegation',
      byDelegate,
      (e) => ({
        ...e,
        delegations: [...e.delegations, { ...e.delegations[0]!, decision: 'd3', at: e.signatures[1]!.at }],
      }),
      {},
      'NOT_SIGNED',
      'there is no decision d3 behind the signature',
    ],
    [
      'a delegation that is told as a signature',
      byDelegate,
      signature(0, { reviewer: 'ana', decision: 'd1', at: byDelegate.delegations[0]!.at }),
      {},
      'NOT_SIGNED',
      'there is no decision d1 behind the signature',
    ],
    [
      'another phrase',
      typing,
      decision(1, () => ({ phrase: 'REFUND  it' })),
      {},
      'PHRASE_MISMATCH',
      'bo typed another phrase',
    ],
    [
      'no phrase',
      typing,
      decision(0, () => ({ phrase: undefined })),
      {},
      'PHRASE_MISMATCH',
      'ana typed another phrase',
    ],
    [
      "the editor's phrase is another one now",
      edited,
      changedPolicy({ phrase: 'REFUND all' }),
      {},
      'PHRASE_MISMATCH',
      'ana typed another phrase',
    ],
    [
      'the requester is among them',
      inOpen,
      (e) => ({ ...e, requester: 'bo' }),
      {},
      'NOT_AN_APPROVER',
      'bo may not sign at level HUMAN',
    ],
    [
      'the requester is, under an alias',
      inOpen,
      (e) => ({ ...e, requester: 'a.lee' }),
      {},
      'NOT_AN_APPROVER',
      'ana may not sign at level HUMAN',
    ],
    [
      "the agent's owner is among them",
      inOpen,
      (e) => ({ ...e, owners: ['bo'] }),
      {},
      'NOT_AN_APPROVER',
      'bo may not sign at level HUMAN',
    ],
    [
      'the level asks others',
      inOpen,
      changedPolicy({ levels: policy({ approvers: { people: ['bo', 'cy'] } }).levels }),
      {},
      'NOT_AN_APPROVER',
      'ana may not sign at level HUMAN',
    ],
    [
      'one who signed at an earlier level',
      inOpen,
      (e) => ({ ...e, before: ['bo'] }),
      {},
      'SIGNED_AT_ANOTHER_LEVEL',
      'bo signed at an earlier level',
    ],
    [
      'a delegator who did',
      byDelegate,
      (e) => ({ ...e, before: ['ana'] }),
      {},
      'SIGNED_AT_ANOTHER_LEVEL',
      'ana signed at an earlier level',
    ],
    [
      'no signature where they are asked for',
      inOpen,
      changedPolicy({ authentication: 'signed' }),
      {},
      'UNAUTHENTICATED',
      'decisions on this gate are signed, and this one in the name of ana is not; sign it with `countersign sign`',
    ],
    [
      'one of them unsigned',
      inSigned,
      decision(1, () => ({ signature: undefined })),
      {},
      'UNAUTHENTICATED',
      'decisions on this gate are signed, and this one in the name of bo is not; sign it with `countersign sign`',
    ],
    [
      'an unsigned delegation',
      byDelegate,
      decision(0, () => ({ signature: undefined })),
      {},
      'UNAUTHENTICATED',
      'decisions on this gate are signed, and this one in the name of ana is not; sign it with `countersign sign`',
    ],
    [
      'a comment that was not signed with it',
      inSigned,
      decision(0, () => ({ comment: 'gladly' })),
      {},
      'BAD_SIGNATURE',
      "the signature is not ana's over this decision",
    ],
    [
      'a level that was not signed with it',
      inSigned,
      (e) => ({
        ...decision(0, () => ({ level: 'BOARD' }))(e),
        policy: { ...e.policy, levels: [{ ...e.policy.levels[0]!, name: 'BOARD' }] },
      }),
      {},
      'BAD_SIGNATURE',
      "the signature is not ana's over this decision",
    ],
    [
      'nothing verifies',
      inSigned,
      same,
      { verifies: () => false },
      'BAD_SIGNATURE',
      "the signature is not ana's over this decision",
    ],
    [
      'the key has been revoked since',
      inSigned,
      same,
      ana({ revoked: iso(NOW) }),
      'KEY_REVOKED',
      `the key ana-1 was revoked at ${iso(NOW)}`,
    ],
    [
      'the key was revoked before',
      inSigned,
      same,
      ana({ revoked: iso(OPENED) }),
      'KEY_REVOKED',
      `the key ana-1 was revoked at ${iso(OPENED)}`,
    ],
    [
      'the key is not valid yet',
      inSigned,
      same,
      ana({ from: iso(NOW + 2_000) }),
      'KEY_NOT_VALID',
      `the key ana-1 is not valid before ${iso(NOW + 2_000)}`,
    ],
    [
      'the key was valid no more',
      inSigned,
      same,
      ana({ until: iso(OPENED + 1_000) }),
      'KEY_NOT_VALID',
      `the key ana-1 is not valid from ${iso(OPENED + 1_000)} on`,
    ],
    [
      'the key is gone',
      inSigned,
      same,
      ana({ id: 'ana-2' }),
      'UNKNOWN_KEY',
      'ana has no key ana-1 in the reviewers directory',
    ],
    [
      'the worker knows nobody any more',
      inSigned,
      same,
      { reviewers: undefined },
      'UNAUTHENTICATED',
      expect.stringContaining('in the name of ana is not'),
    ],
  ])('%s', (_, gate, change, by, code, message) => {
    expect(shortfall(change(evidenceOf(gate)), executed(gate), examiner(by))).toEqual({ code, message });
  });

  it.each<[string, ApprovedGate, Change, Partial<Examiner>]>([
    ['a moment before it is too late', inOpen, same, { now: OPENED + 1_999 + HOUR }],
    ['the key is revoked from later on', inSigned, same, ana({ revoked: iso(NOW + 1) })],
    [
      'the key was valid when it signed, and is not any more',
      inSigned,
      same,
      ana({ from: iso(OPENED + 1_000), until: iso(OPENED + 1_001) }),
    ],
    [
      'the requester may, where the policy says so',
      inOpen,
      (e) => ({
        ...changedPolicy({ separation: { requester: false, acrossLevels: true } })(e),
        requester: 'bo',
        owners: ['ana'],
      }),
      {},
    ],
    [
      'at two levels, where the policy says so',
      inOpen,
      (e) => ({
        ...changedPolicy({ separation: { requester: true, acrossLevels: false } })(e),
        before: ['bo'],
      }),
      {},
    ],
    [
      'the same id was used at another level, too',
      inOpen,
      (e) => ({
        ...e,
        decisions: [
          { ...e.decisions[0]!, verdict: 'comment', at: iso(OPENED), level: 'BOARD' },
          ...e.decisions,
        ],
      }),
      {},
    ],
  ])('it still stands: %s', (_, gate, change, by) => {
    expect(shortfall(change(evidenceOf(gate)), executed(gate), examiner(by))).toBeUndefined();
  });
});
