/** Every code has its sentence, and each sentence tells what was wrong and the way out: all of them, to be read in one place. */
import { refusal } from '../../src/domain/gate/refusals';

const AT = '2026-03-02T13:00:00.000Z';
const problem = 'amount: must be less';

it.each([
  [refusal('MALFORMED_DECISION', { problem }), 'this is not a decision: amount: must be less'],
  [
    refusal('ID_REUSED', { id: 'd1' }),
    'the decision id d1 was used before with other content; the first one counts, send this one with a new id',
  ],
  [
    refusal('STALE_REVISION', { seen: undefined, current: 2, digest: 'abc' }),
    'the digest is not one of this gate; revision 2 is open, digest abc',
  ],
  [
    refusal('STALE_REVISION', { seen: 1, current: 2, digest: 'abc' }),
    'you decided on revision 1, but revision 2 is open, digest abc; read it and decide again',
  ],
  [refusal('GATE_CLOSED', { state: 'approved' }), 'the gate takes no more decisions: it is approved'],
  [
    refusal('VERDICT_NOT_OFFERED', { verdict: 'edit', offered: ['approve', 'reject'] }),
    'the policy does not offer edit; it offers approve, reject',
  ],
  [
    refusal('DEADLINE_PASSED', { deadline: AT }),
    `the deadline was ${AT}; a decision counts only if the server received it before`,
  ],
  [
    refusal('NOT_AN_APPROVER', { reviewer: 'eve', level: 'HUMAN' }),
    'eve is not among the approvers of level HUMAN',
  ],
  [
    refusal('REQUESTER_CANNOT_DECIDE', { reviewer: 'req' }),
    'req asked for this and may not decide on it; the requester may comment or cancel',
  ],
  [
    refusal('NOT_THE_REQUESTER', { reviewer: 'ana', requester: 'req' }),
    'only the requester, req, may cancel; ana may reject',
  ],
  [
    refusal('ALREADY_SIGNED', { reviewer: 'ana', revision: 3 }),
    'ana has signed revision 3 already; one person counts once',
  ],
  [refusal('COMMENT_REQUIRED', { verdict: 'reject' }), 'reject needs a comment'],
  [refusal('ARGS_REQUIRED', {}), 'edit needs args: the whole arguments, as they shall run'],
  [refusal('ANSWER_REQUIRED', {}), 'respond needs an answer, which stands in place of the action'],
  [
    refusal('NOTHING_PROPOSED', { verdict: 'approve', offered: ['reject', 'respond'] }),
    'there is nothing to approve: the agent had no proposal; you may reject, respond',
  ],
  [
    refusal('REVISIONS_EXHAUSTED', { most: 3 }),
    'it was sent back 3 times, as often as the policy allows; approve, edit or reject it',
  ],
  [
    refusal('BEING_REVISED', { next: 2 }),
    'it was sent back: the agent is at work on revision 2; read that one and decide then',
  ],
  [
    refusal('UNEXPECTED_FIELD', { verdict: 'approve', field: 'args' }),
    'approve takes no args; to change the arguments, edit',
  ],
  [refusal('UNEXPECTED_FIELD', { verdict: 'approve', field: 'to' }), 'approve takes no to'],
  [refusal('INVALID_ARGS', { problem }), 'the edited args do not fit the action: amount: must be less'],
  [
    refusal('NOT_ASSESSED', { problem }),
    'the edited args could not be assessed, so nothing has changed: amount: must be less',
  ],
  [
    refusal('RECEIVE_TIME_UNKNOWN', { deadline: AT }),
    `read after the deadline ${AT}, and when the server received it could not be established`,
  ],
  [
    refusal('TOO_EARLY', { limit: 100 }),
    'no gate is open yet and 100 decisions wait already; read the gate, then decide',
  ],
  [
    refusal('ASK_CHILD', { child: 'w/MANAGER', asked: 'level MANAGER' }),
    'the level MANAGER is asked; decide on the workflow w/MANAGER',
  ],
  [
    refusal('UNKNOWN_REVIEWER', { reviewer: 'zed' }),
    'zed is not in the reviewers directory that this gate was opened with',
  ],
  [
    refusal('OWNER_CANNOT_DECIDE', { reviewer: 'dan' }),
    'dan answers for the agent that proposed this and may not decide on it',
  ],
  [
    refusal('SIGNED_AT_ANOTHER_LEVEL', { reviewer: 'ana' }),
    'ana has signed at an earlier level already; one person counts once, across levels',
  ],
  [refusal('NOTHING_TO_WITHDRAW', { reviewer: 'ana', revision: 2 }), 'ana has not signed revision 2'],
  [
    refusal('PHRASE_REQUIRED', { verdict: 'approve', phrase: 'DELETE it' }),
    'approve needs the phrase, exactly: DELETE it',
  ],
  [
    refusal('PHRASE_MISMATCH', { phrase: 'DELETE it' }),
    'the phrase is another one; type it exactly, character for character, in plain ASCII: DELETE it',
  ],
  [refusal('DELEGATE_REQUIRED', {}), 'delegate needs to: who acts on your behalf'],
  [
    refusal('DELEGATE_NOT_ALLOWED', { to: 'req', why: 'they asked for this' }),
    'req cannot act on your behalf: they asked for this',
  ],
  [refusal('UNTIL_REQUIRED', {}), 'extend needs until: the new deadline, an ISO 8601 instant in UTC'],
  [
    refusal('EXTENSION_NOT_ALLOWED', { until: 'u', after: 'a', latest: 'l' }),
    'the deadline cannot be moved to u; it may be moved to after a, up to l',
  ],
  [refusal('NO_NEXT_LEVEL', { level: 'HUMAN' }), 'HUMAN is the last level: there is nobody to pass it up to'],
  [
    refusal('GATE_FULL', { most: 2_048 }),
    'this gate holds 2 KiB of decisions, as much as it takes; approve or reject it, in short',
  ],
  [
    refusal('DENIED', { problem }),
    'a rule denies what the edit would run, so nothing has changed: amount: must be less',
  ],
  [
    refusal('POLICY_TOO_WEAK', { problem }),
    'the edited args ask for a stronger policy, so nothing has changed: amount: must be less',
  ],
  [
    refusal('UNAUTHENTICATED', { reviewer: 'ana', needed: 'signed' }),
    'decisions on this gate are signed, and this one in the name of ana is not; sign it with `countersign sign`',
  ],
  [refusal('UNKNOWN_KEY', { reviewer: 'ana', key: 'k' }), 'ana has no key k in the reviewers directory'],
  [refusal('KEY_REVOKED', { key: 'k', revoked: AT }), `the key k was revoked at ${AT}`],
  [refusal('KEY_NOT_VALID', { key: 'k', when: `before ${AT}` }), `the key k is not valid before ${AT}`],
  [
    refusal('SIGNATURE_TIMES', { issued: 'i', expires: 'e', longest: 24 * 3_600_000 }),
    'it is issued before it expires, at most 24 hours before, and not in the future: i to e',
  ],
  [refusal('SIGNATURE_EXPIRED', { expires: AT }), `the signature expired at ${AT}; sign again`],
  [
    refusal('BAD_SIGNATURE', { reviewer: 'ana', key: 'k' }),
    "the signature is not ana's, with key k, over this decision on this gate",
  ],
  [
    refusal('UNAUTHENTICATED', { reviewer: 'ana', needed: 'vouched' }),
    'a front door vouches for decisions on this gate, or they are signed, and neither is done for this one in the name of ana; ' +
      'decide at the front door, or sign it with `countersign sign`',
  ],
  [
    refusal('SIGNATURE_TIMES', { issued: 'i', expires: 'e', longest: 5 * 60_000 }),
    'it is issued before it expires, at most 5 minutes before, and not in the future: i to e',
  ],
  [
    refusal('SIGNATURE_TOO_OLD', { issued: AT, executeWithin: '1 hour' }),
    `it was signed at ${AT}, and what is approved here has to be under way within 1 hour; read it again and sign again`,
  ],
  [
    refusal('NOT_YOU', { reviewer: 'bo', person: 'ana', door: 'web' }),
    'the front door web vouches for ana, and the decision is in the name of bo; decide in your own name',
  ],
  [
    refusal('UNKNOWN_IDENTITY', { person: 'ana', method: 'oidc', issuer: 'https://id' }),
    "ana has no such identity of https://id by oidc in the reviewers directory; add it to ana's identities",
  ],
  [
    refusal('UNKNOWN_DOOR', { door: 'web', key: 'k' }),
    'the reviewers directory has no front door web with a key k',
  ],
  [
    refusal('DOOR_NOT_ALLOWED', {
      ...{ door: 'web', person: 'ana', method: 'oidc', confirmation: 'VERIFY', risk: 'high' },
    }),
    'the front door web may not vouch by oidc for ana at VERIFY, risk high; sign it with your own key',
  ],
  [
    refusal('BAD_VOUCH', { door: 'web', key: 'k', person: 'ana' }),
    "the vouch is not the front door web's, with key k, for ana over this decision on this gate",
  ],
  [
    refusal('SHOWN_OTHERWISE', { missing: true }),
    'the decision does not say what was shown; read the gate, and give its shown with the decision',
  ],
  [
    refusal('SHOWN_OTHERWISE', { missing: false }),
    'you were shown something else than this gate shows: title, requester, policy, level, preview and plan are part of it; ' +
      'read it and decide again',
  ],
  [
    refusal('NOT_VERIFIED', { problem }),
    'the signature could not be verified, so the decision does not count: amount: must be less',
  ],
])('$code', ({ message }, sentence) => {
  expect(message).toBe(sentence);
});
