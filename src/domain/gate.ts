/**
 * The gate: one durable pause in which a proposal, at a revision, waits on people under a policy. Pure: time and ids
 * come in as values, and only this folder assigns a status. `admit` (admission.ts) tells why not; `decide` acts; a timer is
 * `expire`; `escalate` passes it up.
 */
import { digestOf, canonical } from './digest';
import type { Decision } from './decision';
import type {
  ApprovedGate,
  Asked,
  Basis,
  ClosedGate,
  Common,
  ExecutingGate,
  Gate,
  Instant,
  OpenGate,
  Outcome,
  Reassessed,
  Signature,
  WaitingGate,
} from './gate-state';
import { gradeIn } from './gate-grade';
import { utf8Length } from './json';
import { phraseOf } from './phrase';
import { silence, levelAt } from './policy';
import { answer, answerTo } from './receipts';
import { edited, revisionOf, unargued } from './revision';
import { known, ownersOf } from './reviewers';
import { approve, asked, bare, close, instant, said, waiting } from './steps';
import { onBehalfOf, quorumMet, rejectionsMet, sameVoice, voices, voicesNeeded } from './voices';

export type * from './gate-state';
export { receiptFor, refuse } from './receipts';
export { edited, repropose, sentBack } from './revision';
export { childOf, close, homeOf, instant, opened, said, waiting } from './steps';

/** Bytes of a receipt, a signature, and when and where a decision was taken. */
const AROUND = 350;

/** Open, and its first level is asked; or approved at once, where the policy only notifies, or a step's approval covers its undo. */
export function openGate(question: Asked, now: Instant): OpenGate | WaitingGate | ApprovedGate {
  const { root, gate, requester, policy, by, reviewers, assessment, setUp } = question;
  const proposal = { ...question.proposal, args: assessment.args };
  const digest = digestOf({ ...root, gate, revision: 1, ...proposal, undo: setUp?.undo });
  const common: Common = {
    ...question,
    proposal,
    place: 'root',
    rung: 0,
    revision: 1,
    digest,
    phrase: phraseOf(policy, assessment, proposal.action, digest),
    owners: ownersOf(reviewers, requester, by),
    sentBack: 0,
    assessment: unargued(assessment),
    revisions: [revisionOf(1, digest, by, question.failure)],
    signatures: [],
    rejections: [],
    delegations: [],
    before: [],
    escalations: question.escalations ?? [],
    decisions: [],
    weight: 0,
    answered: [],
    refusals: 0,
    deadline: now,
    firstDeadline: now,
    reminded: 0,
  };
  return asked(common, now);
}

/** The gate after an admitted decision. An edit needs what was found of it: no args count that the action does not take. */
export function decide(gate: Gate, decision: Decision, at: Instant, found?: Reassessed): Gate {
  if (answerTo(gate, decision.id) !== undefined) return gate;
  const { name: level } = levelAt(gate.policy, gate.rung);
  const noted: Gate = {
    ...gate,
    decisions: [...gate.decisions, { ...decision, at: instant(at), revision: gate.revision, level }],
    weight: gate.weight + weightOf(decision),
  };
  const { id } = decision;
  return answer(act(noted, decision, at, found), decision, {
    id,
    status: 'admitted',
    gate: gate.gate,
    revision: gate.revision,
  });
}

/** Bytes that a decision adds to the state: itself, and what its receipt and its signature say of it. */
export function weightOf(decision: Decision): number {
  const { id, reviewer, to = '' } = decision;
  return utf8Length(canonical(decision)) + 2 * (id.length + reviewer.length + to.length) + AROUND;
}

function act(gate: Gate, decision: Decision, at: Instant, found: Reassessed | undefined): Gate {
  const { reviewer, verdict } = decision;
  if (verdict === 'cancel') return close(gate, 'cancelled', said(`${reviewer} called it off`, decision));
  if (gate.status !== 'open') return gate;
  const signature = signatureOf(gate, decision, at);
  switch (verdict) {
    case 'approve':
      return counted(signed(gate, 'signatures', signature), at);
    case 'reject':
      return rejected(signed(gate, 'rejections', signature), decision);
    case 'withdraw':
      return without(gate, reviewer);
    case 'edit':
      if (found === undefined) throw new TypeError('an edit is decided with what was found of it');
      return gate.place === 'level'
        ? { ...close(gate, 'revised', said(`${reviewer} edited it`, decision)), edited: signature }
        : edited(gate, decision, signature, found, at);
    case 'respond':
      return {
        ...close(gate, 'answered', said(`${reviewer} answered in its place`, decision)),
        answer: decision.answer ?? null,
      };
    case 'revise':
      return gate.place === 'level'
        ? close(gate, 'revised', said(`${reviewer} sent it back`, decision))
        : { ...bare(gate), status: 'proposing', sentBack: gate.sentBack + 1 };
    case 'escalate':
      return escalate(gate, said(`${reviewer} passed it up`, decision), at);
    case 'delegate':
      return delegated(gate, decision, at);
    case 'extend':
      return { ...gate, deadline: Date.parse(decision.until ?? '') };
    case 'comment':
      return gate; // recorded, changes nothing
  }
}

function signatureOf(gate: OpenGate, decision: Decision, at: Instant): Signature {
  const { reviewer, id } = decision;
  const behalf = onBehalfOf(gate, gate.level, known(gate.reviewers, reviewer));
  const graded = gradeIn(gate, decision, at);
  return {
    reviewer,
    decision: id,
    at: instant(at),
    revision: gate.revision,
    authentication: 'grade' in graded ? graded.grade : 'open',
    ...(behalf === undefined ? {} : { onBehalfOf: behalf }),
  };
}

/** One voice either signs or rejects. */
function signed(gate: OpenGate, as: 'signatures' | 'rejections', signature: Signature): OpenGate {
  const others = without(gate, signature.reviewer, true);
  return { ...others, [as]: [...others[as], signature] };
}

/** Without what a person, or a whole voice, has signed of this revision. */
function without(gate: OpenGate, reviewer: string, voice = false): OpenGate {
  const { reviewers } = gate;
  const own = (one: Signature) =>
    voice
      ? sameVoice(gate, one.reviewer, reviewer)
      : known(reviewers, one.reviewer) === known(reviewers, reviewer);
  const left = (signatures: readonly Signature[]) => signatures.filter((one) => !own(one));
  return { ...gate, signatures: left(gate.signatures), rejections: left(gate.rejections) };
}

function counted(gate: OpenGate, at: Instant): OpenGate | ApprovedGate {
  return quorumMet(gate, gate.level, gate.signatures) ? approve(gate, 'signatures', at) : gate;
}

function rejected(gate: OpenGate, decision: Decision): OpenGate | ClosedGate {
  if (!rejectionsMet(gate, gate.level, gate.rejections)) return gate;
  const who = gate.rejections.map((one) => one.reviewer).join(', ');
  return close(gate, 'rejected', said(`${who} rejected it`, decision));
}

function delegated(gate: OpenGate, { reviewer, to = '', id }: Decision, at: Instant): OpenGate {
  const { reviewers, delegations } = gate;
  const delegation = {
    from: known(reviewers, reviewer),
    to: known(reviewers, to),
    decision: id,
    at: instant(at),
  };
  return { ...gate, delegations: [...delegations, delegation] };
}

/** The deadline has passed with the gate still open. Silence is consent only where the policy says so in words. */
export function expire(gate: Gate, now: Instant): Gate {
  if (gate.status !== 'open' || now < gate.deadline) return gate;
  const { level, policy, failure } = gate;
  const reason = silent(gate);
  const means = silence(policy, level);
  // Where somebody has said no there was no silence, and what nobody proposed is not consented to.
  const objection = failure !== undefined || gate.rejections.length > 0;
  if (means === 'approve' && !objection) return approve(gate, 'silence', now);
  return means === 'expire' ? close(gate, 'expired', reason) : escalate(gate, reason, now);
}

function silent(gate: OpenGate): string {
  const { level, deadline } = gate;
  const count = voices(gate, gate.signatures).length;
  const needed = voicesNeeded(level);
  return `${level.name} did not decide by ${instant(deadline)}: ${String(count)} of ${String(needed)} signatures`;
}

/**
 * Passes it up to the next level, with the reason. A level's own gate closes `escalated`, for its owner to ask the next one;
 * with no level left it is closed `left` (`expired` after silence, `failed` where a level was lost).
 */
export function escalate(
  gate: OpenGate | WaitingGate,
  reason: string,
  at: Instant,
  left: 'expired' | 'failed' = 'expired',
): WaitingGate | ClosedGate {
  if (gate.place === 'level') return close(gate, 'escalated', reason);
  const to = gate.policy.levels[gate.rung + 1];
  if (to === undefined) return close(gate, left, reason);
  const signers = voices(gate, [...gate.signatures, ...gate.rejections]).flat();
  return waiting({
    ...gate,
    rung: gate.rung + 1,
    signatures: [],
    rejections: [],
    delegations: [],
    before: [...new Set([...gate.before, ...signers])],
    escalations: [...gate.escalations, { from: gate.level.name, to: to.name, reason, at: instant(at) }],
  });
}

/** Called off from outside (`temporal workflow cancel`). An approval that is not yet executing is void. */
export function cancel(gate: Gate, reason: string): Gate {
  return gate.status === 'executing' || gate.status === 'closed' ? gate : close(gate, 'cancelled', reason);
}

/** The level that was asked has given its approval; its owner's gate is approved with it. */
export function approvedBy(gate: WaitingGate, basis: Basis, at: Instant): ApprovedGate {
  return approve(gate, basis, at);
}

/** The approval is about to be acted on; nothing calls it off any more. */
export function begin(gate: ApprovedGate): ExecutingGate {
  return { ...gate, status: 'executing' };
}

/** It did not come to it after all: nothing has been executed, and it may be called off again. */
export function hold(gate: ExecutingGate): ApprovedGate {
  return { ...gate, status: 'approved' };
}

/** How an approval ended: `executed` and `failed` after execution, `approved` where there was nothing to execute. */
export function settle(gate: ApprovedGate | ExecutingGate, outcome: Outcome, reason?: string): ClosedGate {
  return close(gate, outcome, reason);
}

/** An approval that was not acted on in its time is void. */
export function lapse(gate: ApprovedGate, now: Instant): ApprovedGate | ClosedGate {
  const { executeBefore } = gate;
  if (executeBefore === undefined || now < executeBefore) return gate;
  return close(gate, 'expired', `approved, but not executed by ${instant(executeBefore)}`);
}
