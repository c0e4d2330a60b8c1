/** Why a decision would not count. Validators, handlers, `--dry-run` and a page's buttons all ask `admit`. */
import { isAtLeast } from '../grade';
import { levelAt, maxExtension, maxRevisions } from '../policy';
import { known, personOf } from '../reviewers';
import { VERDICT_FIELDS, VERDICTS } from '../verdicts';
import { mayDecide, sameVoice } from '../voices';
import type { Decision } from './decision';
import { isAtTop, isExhausted, isTakenNow, offeredVerdicts } from './offered';
import { answerTo, repeat } from './receipts';
import { refusal, type Refusal } from './refusals';
import { roomFor, weightOf } from './room';
import { gradeIn } from './sender-grade';
import { shownBy } from './shown';
import { canProve, staleFrom } from './signature';
import type { Gate, Instant } from './state';
import { instant } from './status';

export type Rule = (gate: Gate, decision: Decision, at: Instant) => Refusal | undefined;

/** What is asked of a decision; the first rule that refuses it says why. What the gate is comes first, then who, then what is said. */
export const RULES: readonly Rule[] = [
  statusTakesIt,
  readsCurrentRevision,
  verdictIsOffered,
  beforeDeadline,
  isAskedHere,
  isSignedIfRequired,
  isSignedInTime,
  readsWhatIsShown,
  hasWhatVerdictNeeds,
  phraseMatches,
  notSaidTwice,
  mayDelegateTo,
  mayExtendTo,
  fitsTheRecord,
];

/** Why a decision received at `at` would not count; undefined where it would. A repeat is answered as the first was. */
export function admit(gate: Gate, decision: Decision, at: Instant): Refusal | undefined {
  const before = answerTo(gate, decision.id);
  if (before !== undefined) return repeat(before, decision);
  return RULES.reduce<Refusal | undefined>((refused, rule) => refused ?? rule(gate, decision, at), undefined);
}

/** The gate is open; while the agent is at work, or an approval is not acted on yet, few verdicts are taken. */
function statusTakesIt(gate: Gate, { verdict }: Decision): Refusal | undefined {
  if (isTakenNow(gate, verdict)) return undefined;
  switch (gate.status) {
    case 'waiting':
      return refusal('ASK_CHILD', { child: gate.waitingOn, asked: `level ${gate.level.name}` });
    case 'proposing':
      return refusal('BEING_REVISED', { next: gate.revision + 1 });
    case 'closed':
      return refusal('GATE_CLOSED', { state: `closed, outcome ${gate.outcome}` });
    default:
      return refusal('GATE_CLOSED', { state: gate.status });
  }
}

/** It names the digest of the revision that is open: what was approved is what runs. */
function readsCurrentRevision(gate: Gate, { digest }: Decision): Refusal | undefined {
  if (digest === gate.digest) return undefined;
  const seen = gate.revisions.find((revision) => revision.digest === digest)?.revision;
  return refusal('STALE_REVISION', { seen, current: gate.revision, digest: gate.digest });
}

/** The policy offers the verdict, and there is something for it to act on. */
function verdictIsOffered(gate: Gate, { verdict }: Decision): Refusal | undefined {
  const { policy, failure, rung } = gate;
  const offered = offeredVerdicts(gate);
  if (failure !== undefined && (verdict === 'approve' || verdict === 'edit'))
    return refusal('NOTHING_PROPOSED', { verdict, offered });
  if (verdict === 'revise' && isExhausted(gate))
    return refusal('REVISIONS_EXHAUSTED', { most: maxRevisions(policy) });
  if (verdict === 'escalate' && isAtTop(gate))
    return refusal('NO_NEXT_LEVEL', { level: levelAt(policy, rung).name });
  return offered.includes(verdict) ? undefined : refusal('VERDICT_NOT_OFFERED', { verdict, offered });
}

/** The server received it before the level's deadline. */
function beforeDeadline(gate: Gate, _: Decision, at: Instant): Refusal | undefined {
  if (gate.status !== 'open' || at < gate.deadline) return undefined;
  return refusal('DEADLINE_PASSED', { deadline: instant(gate.deadline) });
}

/** Its sender may decide at this level; the requester may only comment, and call it off. */
function isAskedHere(gate: Gate, { verdict, reviewer }: Decision): Refusal | undefined {
  const { requester, reviewers, policy, owners, rung } = gate;
  const { by, signs } = VERDICTS[verdict];
  const person = known(reviewers, reviewer);
  const isRequester = person === known(reviewers, requester);
  if (isRequester && by.includes('requester')) return undefined;
  if (!by.includes('approver')) return refusal('NOT_THE_REQUESTER', { reviewer, requester });
  const { separation } = policy;
  if (separation.requester && isRequester) return refusal('REQUESTER_CANNOT_DECIDE', { reviewer });
  if (separation.requester && owners.includes(person)) return refusal('OWNER_CANNOT_DECIDE', { reviewer });
  if (personOf(reviewers, reviewer) === undefined) return refusal('UNKNOWN_REVIEWER', { reviewer });
  const level = levelAt(policy, rung);
  if (!mayDecide(gate, level, person)) return refusal('NOT_AN_APPROVER', { reviewer, level: level.name });
  if (!signs || !separation.acrossLevels || !gate.before.includes(person)) return undefined;
  return refusal('SIGNED_AT_ANOTHER_LEVEL', { reviewer });
}

/** Its sender is known as surely as the policy asks. The cryptography itself is verified before the decision is decided. */
function isSignedIfRequired(gate: Gate, decision: Decision, at: Instant): Refusal | undefined {
  const graded = gradeIn(gate, decision, at);
  if ('fault' in graded) return graded.fault;
  const { authentication: needed = 'open' } = gate.policy;
  if (isAtLeast(graded.grade, needed)) return undefined;
  return refusal('UNAUTHENTICATED', { reviewer: decision.reviewer, needed });
}

/** It is not signed longer ago than what is approved may wait for its execution. */
function isSignedInTime({ policy, reviewers }: Gate, decision: Decision, at: Instant): Refusal | undefined {
  const { executeWithin } = policy;
  if (executeWithin === undefined || !canProve(reviewers)) return undefined;
  const proofs = [decision.signature, decision.vouch].filter((one) => one !== undefined);
  const stale = proofs.find((one) => !(at < staleFrom(one, executeWithin)));
  return stale && refusal('SIGNATURE_TOO_OLD', { issued: stale.issued, executeWithin });
}

/** It names what the gate shows now. In open mode it may leave that out, and nothing is shown but at an open gate. */
function readsWhatIsShown(gate: Gate, { shown }: Decision): Refusal | undefined {
  const { authentication = 'open' } = gate.policy;
  const missing = shown === undefined;
  if (missing && (gate.status !== 'open' || authentication === 'open')) return undefined;
  const current = gate.status === 'open' ? gate.shown : shownBy(gate);
  return shown === current ? undefined : refusal('SHOWN_OTHERWISE', { missing });
}

/** What is missing of a field that a verdict needs; the phrase has a rule of its own. */
const MISSING = {
  args: 'ARGS_REQUIRED',
  answer: 'ANSWER_REQUIRED',
  to: 'DELEGATE_REQUIRED',
  until: 'UNTIL_REQUIRED',
} as const;

/** It brings what its verdict needs, and nothing that belongs to another one. */
function hasWhatVerdictNeeds(_: Gate, decision: Decision): Refusal | undefined {
  const { verdict, comment = '' } = decision;
  const { needs } = VERDICTS[verdict];
  for (const field of needs)
    if (field in MISSING && decision[field] === undefined)
      return refusal(MISSING[field as keyof typeof MISSING], {});
  const other = VERDICT_FIELDS.find((field) => decision[field] !== undefined && !needs.includes(field));
  if (other !== undefined) return refusal('UNEXPECTED_FIELD', { verdict, field: other });
  // A space is no reason, nor is what nobody can see.
  if (!needs.includes('comment') || /[^\p{C}\p{Z}]/u.test(comment)) return undefined;
  return refusal('COMMENT_REQUIRED', { verdict });
}

/** At VERIFY the phrase is typed character for character: nothing is normalised, which would let look-alikes in. */
function phraseMatches(gate: Gate, { verdict, phrase }: Decision): Refusal | undefined {
  const { phrase: wanted } = gate;
  if (phrase !== undefined && wanted === undefined)
    return refusal('UNEXPECTED_FIELD', { verdict, field: 'phrase' });
  if (wanted === undefined || phrase === wanted || !VERDICTS[verdict].needs.includes('phrase'))
    return undefined;
  return phrase === undefined
    ? refusal('PHRASE_REQUIRED', { verdict, phrase: wanted })
    : refusal('PHRASE_MISMATCH', { phrase: wanted });
}

/** Nobody signs twice, unless to be known more surely than before; nobody takes back what they have not signed. */
function notSaidTwice(gate: Gate, decision: Decision, at: Instant): Refusal | undefined {
  const { verdict, reviewer } = decision;
  const { revision, signatures, rejections, reviewers } = gate;
  if (verdict === 'withdraw') {
    const person = known(reviewers, reviewer);
    const own = [...signatures, ...rejections].some((one) => known(reviewers, one.reviewer) === person);
    return own ? undefined : refusal('NOTHING_TO_WITHDRAW', { reviewer, revision });
  }
  const signed = verdict === 'approve' ? signatures : verdict === 'reject' ? rejections : [];
  const graded = gradeIn(gate, decision, at);
  const grade = 'grade' in graded ? graded.grade : 'open';
  const twice = signed.some(
    (one) => sameVoice(gate, one.reviewer, reviewer) && isAtLeast(one.authentication, grade),
  );
  return twice ? refusal('ALREADY_SIGNED', { reviewer, revision }) : undefined;
}

/** Delegations of one gate. */
const MOST_DELEGATIONS = 50;

/** A delegate is somebody else, by name, who has no part in what is asked. */
function mayDelegateTo(gate: Gate, { verdict, reviewer, to }: Decision): Refusal | undefined {
  if (verdict !== 'delegate' || to === undefined) return undefined;
  const { reviewers, requester, owners, delegations, policy } = gate;
  const person = known(reviewers, to);
  const not = (why: string) => refusal('DELEGATE_NOT_ALLOWED', { to, why });
  if (person === known(reviewers, requester)) return not('they asked for this');
  if (policy.separation.requester && owners.includes(person))
    return not('they answer for the agent that proposed this');
  if (personOf(reviewers, to) === undefined)
    return not('they are not in the reviewers directory that this gate was opened with');
  if (person === known(reviewers, reviewer)) return not('you are the same person');
  if (to === '*') return not('a delegate is named');
  if (delegations.length >= MOST_DELEGATIONS)
    return not(`this gate has ${String(MOST_DELEGATIONS)} delegations already`);
  return undefined;
}

/** The deadline moves forward alone, and within the policy's `maxExtension` of the first one. */
function mayExtendTo(gate: Gate, { verdict, until }: Decision): Refusal | undefined {
  if (verdict !== 'extend' || until === undefined) return undefined;
  const latest = gate.firstDeadline + maxExtension(gate.policy);
  const wanted = Date.parse(until);
  if (wanted > gate.deadline && wanted <= latest) return undefined;
  return refusal('EXTENSION_NOT_ALLOWED', { until, after: instant(gate.deadline), latest: instant(latest) });
}

/** The gate's state has room for it. */
function fitsTheRecord(gate: Gate, decision: Decision): Refusal | undefined {
  const most = roomFor(decision);
  return gate.weight + weightOf(decision) > most ? refusal('GATE_FULL', { most }) : undefined;
}
