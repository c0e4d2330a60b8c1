/** Why a decision was not admitted: a code for programs, and its sentence. All sentences live here. */
import type { Grade } from '../grade';

/** What each code's sentence is made of. */
interface Facts {
  MALFORMED_DECISION: { problem: string };
  ID_REUSED: { id: string };
  STALE_REVISION: { seen: number | undefined; current: number; digest: string };
  GATE_CLOSED: { state: string };
  VERDICT_NOT_OFFERED: { verdict: string; offered: readonly string[] };
  DEADLINE_PASSED: { deadline: string };
  NOT_AN_APPROVER: { reviewer: string; level: string };
  REQUESTER_CANNOT_DECIDE: { reviewer: string };
  NOT_THE_REQUESTER: { reviewer: string; requester: string };
  ALREADY_SIGNED: { reviewer: string; revision: number };
  COMMENT_REQUIRED: { verdict: string };
  ARGS_REQUIRED: Record<never, never>;
  ANSWER_REQUIRED: Record<never, never>;
  NOTHING_PROPOSED: { verdict: string; offered: readonly string[] };
  REVISIONS_EXHAUSTED: { most: number };
  BEING_REVISED: { next: number };
  UNEXPECTED_FIELD: { verdict: string; field: string };
  INVALID_ARGS: { problem: string };
  NOT_ASSESSED: { problem: string };
  RECEIVE_TIME_UNKNOWN: { deadline: string };
  TOO_EARLY: { limit: number };
  ASK_CHILD: { child: string; asked: string };
  UNKNOWN_REVIEWER: { reviewer: string };
  OWNER_CANNOT_DECIDE: { reviewer: string };
  SIGNED_AT_ANOTHER_LEVEL: { reviewer: string };
  NOTHING_TO_WITHDRAW: { reviewer: string; revision: number };
  PHRASE_REQUIRED: { verdict: string; phrase: string };
  PHRASE_MISMATCH: { phrase: string };
  DELEGATE_REQUIRED: Record<never, never>;
  DELEGATE_NOT_ALLOWED: { to: string; why: string };
  UNTIL_REQUIRED: Record<never, never>;
  EXTENSION_NOT_ALLOWED: { until: string; after: string; latest: string };
  NO_NEXT_LEVEL: { level: string };
  GATE_FULL: { most: number };
  DENIED: { problem: string };
  POLICY_TOO_WEAK: { problem: string };
  UNAUTHENTICATED: { reviewer: string; needed: Grade };
  UNKNOWN_KEY: { reviewer: string; key: string };
  KEY_REVOKED: { key: string; revoked: string };
  KEY_NOT_VALID: { key: string; when: string };
  SIGNATURE_TIMES: { issued: string; expires: string; longest: number };
  SIGNATURE_EXPIRED: { expires: string };
  SIGNATURE_TOO_OLD: { issued: string; executeWithin: string };
  BAD_SIGNATURE: { reviewer: string; key: string };
  NOT_YOU: { reviewer: string; person: string; door: string };
  UNKNOWN_IDENTITY: { person: string; method: string; issuer: string };
  UNKNOWN_DOOR: { door: string; key: string };
  DOOR_NOT_ALLOWED: { door: string; person: string; method: string; confirmation: string; risk: string };
  BAD_VOUCH: { door: string; key: string; person: string };
  SHOWN_OTHERWISE: { missing: boolean };
  NOT_VERIFIED: { problem: string };
}
export type RefusalCode = keyof Facts;

const SENTENCES: { readonly [Code in RefusalCode]: (facts: Facts[Code]) => string } = {
  MALFORMED_DECISION: (f) => `this is not a decision: ${f.problem}`,
  ID_REUSED: (f) =>
    `the decision id ${f.id} was used before with other content; the first one counts, send this one with a new id`,
  STALE_REVISION: (f) =>
    f.seen === undefined
      ? `the digest is not one of this gate; revision ${String(f.current)} is open, digest ${f.digest}`
      : `you decided on revision ${String(f.seen)}, but revision ${String(f.current)} is open, digest ${f.digest}; read it and decide again`,
  GATE_CLOSED: (f) => `the gate takes no more decisions: it is ${f.state}`,
  VERDICT_NOT_OFFERED: (f) => `the policy does not offer ${f.verdict}; it offers ${f.offered.join(', ')}`,
  DEADLINE_PASSED: (f) =>
    `the deadline was ${f.deadline}; a decision counts only if the server received it before`,
  NOT_AN_APPROVER: (f) => `${f.reviewer} is not among the approvers of level ${f.level}`,
  REQUESTER_CANNOT_DECIDE: (f) =>
    `${f.reviewer} asked for this and may not decide on it; the requester may comment or cancel`,
  NOT_THE_REQUESTER: (f) => `only the requester, ${f.requester}, may cancel; ${f.reviewer} may reject`,
  ALREADY_SIGNED: (f) =>
    `${f.reviewer} has signed revision ${String(f.revision)} already; one person counts once`,
  COMMENT_REQUIRED: (f) => `${f.verdict} needs a comment`,
  ARGS_REQUIRED: () => 'edit needs args: the whole arguments, as they shall run',
  ANSWER_REQUIRED: () => 'respond needs an answer, which stands in place of the action',
  NOTHING_PROPOSED: (f) =>
    `there is nothing to ${f.verdict}: the agent had no proposal; you may ${f.offered.join(', ')}`,
  REVISIONS_EXHAUSTED: (f) =>
    `it was sent back ${String(f.most)} times, as often as the policy allows; approve, edit or reject it`,
  BEING_REVISED: (f) =>
    `it was sent back: the agent is at work on revision ${String(f.next)}; read that one and decide then`,
  UNEXPECTED_FIELD: (f) =>
    `${f.verdict} takes no ${f.field}${f.field === 'args' ? '; to change the arguments, edit' : ''}`,
  INVALID_ARGS: (f) => `the edited args do not fit the action: ${f.problem}`,
  NOT_ASSESSED: (f) => `the edited args could not be assessed, so nothing has changed: ${f.problem}`,
  RECEIVE_TIME_UNKNOWN: (f) =>
    `read after the deadline ${f.deadline}, and when the server received it could not be established`,
  TOO_EARLY: (f) =>
    `no gate is open yet and ${String(f.limit)} decisions wait already; read the gate, then decide`,
  ASK_CHILD: (f) => `the ${f.asked} is asked; decide on the workflow ${f.child}`,
  UNKNOWN_REVIEWER: (f) => `${f.reviewer} is not in the reviewers directory that this gate was opened with`,
  OWNER_CANNOT_DECIDE: (f) =>
    `${f.reviewer} answers for the agent that proposed this and may not decide on it`,
  SIGNED_AT_ANOTHER_LEVEL: (f) =>
    `${f.reviewer} has signed at an earlier level already; one person counts once, across levels`,
  NOTHING_TO_WITHDRAW: (f) => `${f.reviewer} has not signed revision ${String(f.revision)}`,
  PHRASE_REQUIRED: (f) => `${f.verdict} needs the phrase, exactly: ${f.phrase}`,
  PHRASE_MISMATCH: (f) =>
    `the phrase is another one; type it exactly, character for character, in plain ASCII: ${f.phrase}`,
  DELEGATE_REQUIRED: () => 'delegate needs to: who acts on your behalf',
  DELEGATE_NOT_ALLOWED: (f) => `${f.to} cannot act on your behalf: ${f.why}`,
  UNTIL_REQUIRED: () => 'extend needs until: the new deadline, an ISO 8601 instant in UTC',
  EXTENSION_NOT_ALLOWED: (f) =>
    `the deadline cannot be moved to ${f.until}; it may be moved to after ${f.after}, up to ${f.latest}`,
  NO_NEXT_LEVEL: (f) => `${f.level} is the last level: there is nobody to pass it up to`,
  GATE_FULL: (f) =>
    `this gate holds ${String(f.most / 1024)} KiB of decisions, as much as it takes; approve or reject it, in short`,
  DENIED: (f) => `a rule denies what the edit would run, so nothing has changed: ${f.problem}`,
  POLICY_TOO_WEAK: (f) => `the edited args ask for a stronger policy, so nothing has changed: ${f.problem}`,
  UNAUTHENTICATED: (f) =>
    f.needed === 'vouched'
      ? `a front door vouches for decisions on this gate, or they are signed, and neither is done for this one in the name of ${f.reviewer}; decide at the front door, or sign it with \`countersign sign\``
      : `decisions on this gate are signed, and this one in the name of ${f.reviewer} is not; sign it with \`countersign sign\``,
  UNKNOWN_KEY: (f) => `${f.reviewer} has no key ${f.key} in the reviewers directory`,
  KEY_REVOKED: (f) => `the key ${f.key} was revoked at ${f.revoked}`,
  KEY_NOT_VALID: (f) => `the key ${f.key} is not valid ${f.when}`,
  SIGNATURE_TIMES: (f) =>
    `it is issued before it expires, at most ${lifetime(f.longest)} before, and not in the future: ${f.issued} to ${f.expires}`,
  SIGNATURE_EXPIRED: (f) => `the signature expired at ${f.expires}; sign again`,
  SIGNATURE_TOO_OLD: (f) =>
    `it was signed at ${f.issued}, and what is approved here has to be under way within ${f.executeWithin}; read it again and sign again`,
  BAD_SIGNATURE: (f) =>
    `the signature is not ${f.reviewer}'s, with key ${f.key}, over this decision on this gate`,
  NOT_VERIFIED: (f) => `the signature could not be verified, so the decision does not count: ${f.problem}`,
  NOT_YOU: (f) =>
    `the front door ${f.door} vouches for ${f.person}, and the decision is in the name of ${f.reviewer}; decide in your own name`,
  UNKNOWN_IDENTITY: (f) =>
    `${f.person} has no such identity of ${f.issuer} by ${f.method} in the reviewers directory; add it to ${f.person}'s identities`,
  UNKNOWN_DOOR: (f) => `the reviewers directory has no front door ${f.door} with a key ${f.key}`,
  DOOR_NOT_ALLOWED: (f) =>
    `the front door ${f.door} may not vouch by ${f.method} for ${f.person} at ${f.confirmation}, risk ${f.risk}; sign it with your own key`,
  BAD_VOUCH: (f) =>
    `the vouch is not the front door ${f.door}'s, with key ${f.key}, for ${f.person} over this decision on this gate`,
  SHOWN_OTHERWISE: (f) =>
    f.missing
      ? 'the decision does not say what was shown; read the gate, and give its shown with the decision'
      : 'you were shown something else than this gate shows: title, requester, policy, level, preview and plan are part of it; read it and decide again',
};

/** Milliseconds in whole hours or minutes. */
function lifetime(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  return minutes % 60 === 0 ? `${String(minutes / 60)} hours` : `${String(minutes)} minutes`;
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export function refusal<Code extends RefusalCode>(code: Code, facts: Facts[Code]): Refusal {
  return { code, message: SENTENCES[code](facts) };
}
