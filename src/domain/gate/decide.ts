/**
 * What becomes of a gate: `decide` takes in an admitted decision (`admit` tells why one would not count), `expire` the deadline, `escalate`
 * and `cancel` what is done to it from outside. Pure: time comes in as a value.
 */
import { defined } from '../defined';
import { levelAt, silence } from '../policy';
import { known } from '../reviewers';
import { onBehalfOf, quorumMet, rejectionsMet, sameVoice, voices, voicesNeeded } from '../voices';
import type { Decision } from './decision';
import { isLevelGate } from './place';
import { answer, answerTo } from './receipts';
import { edited } from './revisions';
import { weightOf } from './room';
import { gradeIn } from './sender-grade';
import type {
  ApprovedGate,
  ClosedGate,
  Gate,
  Instant,
  OpenGate,
  Reassessed,
  Signature,
  WaitingGate,
} from './state';
import { approve, close, handBack, instant, sendBack, waitForLevel } from './status';

/** The gate after an admitted decision. An edit needs what was found of it: no args count that the action does not take. */
export function decide(gate: Gate, decision: Decision, at: Instant, found?: Reassessed): Gate {
  const { id } = decision;
  if (answerTo(gate, id) !== undefined) return gate;
  const { gate: name, revision } = gate;
  const { name: level } = levelAt(gate.policy, gate.rung);
  const recorded: Gate = {
    ...gate,
    decisions: [...gate.decisions, { ...decision, at: instant(at), revision, level }],
    weight: gate.weight + weightOf(decision),
  };
  const receipt = { id, status: 'admitted', gate: name, revision } as const;
  return answer(act(recorded, decision, at, found), decision, receipt);
}

function act(gate: Gate, decision: Decision, at: Instant, found: Reassessed | undefined): Gate {
  const { reviewer, verdict } = decision;
  if (verdict === 'cancel') return close(gate, 'cancelled', because(decision, 'called it off'));
  if (gate.status !== 'open') return gate;
  switch (verdict) {
    case 'approve':
      return approveOnQuorum(signed(gate, 'signatures', signatureOf(gate, decision, at)), at);
    case 'reject':
      return rejectOnQuorum(signed(gate, 'rejections', signatureOf(gate, decision, at)), decision);
    case 'withdraw':
      return unsigned(gate, (one) => known(gate.reviewers, one) === known(gate.reviewers, reviewer));
    case 'respond': {
      const reason = because(decision, 'answered in its place');
      return { ...close(gate, 'answered', reason), answer: decision.answer ?? null };
    }
    case 'edit':
      if (found === undefined) throw new TypeError('an edit is decided with what was found of it');
      return isLevelGate(gate)
        ? handBack(gate, 'revised', because(decision, 'edited it'), signatureOf(gate, decision, at))
        : edited(gate, decision, signatureOf(gate, decision, at), found, at);
    case 'revise':
      return isLevelGate(gate)
        ? handBack(gate, 'revised', because(decision, 'sent it back'))
        : sendBack(gate);
    case 'escalate':
      return escalate(gate, because(decision, 'passed it up'), at);
    case 'delegate':
      return delegated(gate, decision, at);
    case 'extend':
      return { ...gate, deadline: Date.parse(decision.until ?? '') };
    case 'comment':
      return gate; // recorded, changes nothing
  }
}

function because({ reviewer, comment }: Pick<Decision, 'reviewer' | 'comment'>, what: string): string {
  return comment === undefined ? `${reviewer} ${what}` : `${reviewer} ${what}: ${comment}`;
}

function signatureOf(gate: OpenGate, decision: Decision, at: Instant): Signature {
  const { reviewer, id } = decision;
  const graded = gradeIn(gate, decision, at);
  return {
    reviewer,
    decision: id,
    at: instant(at),
    revision: gate.revision,
    authentication: 'grade' in graded ? graded.grade : 'open',
    ...defined({ onBehalfOf: onBehalfOf(gate, gate.level, known(gate.reviewers, reviewer)) }),
  };
}

/** One voice either signs or rejects. */
function signed(gate: OpenGate, as: 'signatures' | 'rejections', signature: Signature): OpenGate {
  const others = unsigned(gate, (reviewer) => sameVoice(gate, reviewer, signature.reviewer));
  return { ...others, [as]: [...others[as], signature] };
}

/** Without what somebody has signed of this revision. */
function unsigned(gate: OpenGate, isTheirs: (reviewer: string) => boolean): OpenGate {
  const left = (signatures: readonly Signature[]) => signatures.filter((one) => !isTheirs(one.reviewer));
  return { ...gate, signatures: left(gate.signatures), rejections: left(gate.rejections) };
}

function approveOnQuorum(gate: OpenGate, at: Instant): OpenGate | ApprovedGate {
  return quorumMet(gate, gate.level, gate.signatures) ? approve(gate, 'signatures', at) : gate;
}

function rejectOnQuorum(gate: OpenGate, { comment }: Decision): OpenGate | ClosedGate {
  if (!rejectionsMet(gate, gate.level, gate.rejections)) return gate;
  const reviewer = gate.rejections.map((one) => one.reviewer).join(', ');
  return close(gate, 'rejected', because({ reviewer, comment }, 'rejected it'));
}

function delegated(gate: OpenGate, { reviewer, to = '', id }: Decision, at: Instant): OpenGate {
  const { reviewers, delegations } = gate;
  const [from, delegate] = [known(reviewers, reviewer), known(reviewers, to)];
  return { ...gate, delegations: [...delegations, { from, to: delegate, decision: id, at: instant(at) }] };
}

/** The deadline has passed with the gate still open. Silence is consent only where the policy says so in words. */
export function expire(gate: Gate, now: Instant): Gate {
  if (gate.status !== 'open' || now < gate.deadline) return gate;
  const { level, policy, failure, deadline } = gate;
  const means = silence(policy, level);
  // Where somebody has said no there was no silence, and what nobody proposed is not consented to.
  const objection = failure !== undefined || gate.rejections.length > 0;
  if (means === 'approve' && !objection) return approve(gate, 'silence', now);
  const [count, needed] = [voices(gate, gate.signatures).length, voicesNeeded(level)].map(String);
  const reason = `${level.name} did not decide by ${instant(deadline)}: ${count} of ${needed} signatures`;
  return means === 'expire' ? close(gate, 'expired', reason) : escalate(gate, reason, now);
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
  if (isLevelGate(gate)) return handBack(gate, 'escalated', reason);
  const { rung, level, policy, signatures, rejections } = gate;
  const to = policy.levels[rung + 1];
  if (to === undefined) return close(gate, left, reason);
  const signers = voices(gate, [...signatures, ...rejections]).flat();
  return waitForLevel({
    ...gate,
    rung: rung + 1,
    signatures: [],
    rejections: [],
    delegations: [],
    before: [...new Set([...gate.before, ...signers])],
    escalations: [...gate.escalations, { from: level.name, to: to.name, reason, at: instant(at) }],
  });
}

/** Called off from outside (`temporal workflow cancel`). An approval that is not yet executing is void. */
export function cancel(gate: Gate, reason: string): Gate {
  return gate.status === 'executing' || gate.status === 'closed' ? gate : close(gate, 'cancelled', reason);
}

/** An approval that was not acted on in its time is void. */
export function lapse(gate: ApprovedGate, now: Instant): ApprovedGate | ClosedGate {
  const { executeBefore } = gate;
  if (executeBefore === undefined || now < executeBefore) return gate;
  return close(gate, 'expired', `approved, but not executed by ${instant(executeBefore)}`);
}
