/** Why a decision was not admitted: a code for programs, and its sentence. All sentences live here. */

/** What each code's sentence is made of. */
interface Facts {
  MALFORMED_DECISION: { problem: string };
  ID_REUSED: { id: string };
  STALE_REVISION: { seen: number | undefined; current: number; digest: string };
  GATE_CLOSED: { state: string };
  NOT_SUPPORTED: { what: string };
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
  NOT_SUPPORTED: (f) => `${f.what} is not supported yet`,
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
};

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export function refusal<Code extends RefusalCode>(code: Code, facts: Facts[Code]): Refusal {
  return { code, message: SENTENCES[code](facts) };
}
