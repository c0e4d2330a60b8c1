/**
 * Whether an approval carries its effect. The executor believes its own configuration (directory, rules, registry), people's
 * signatures, its own earlier receipts, and the server's word on which run this is; everything else in the evidence is a claim. INFO,
 * silence, open decisions and an undo without a policy of its own are the rules' own consent: whoever may start a workflow may bring
 * these about.
 */
import { shownOf, type Evidence } from './gate/evidence';
import { short, type Case, type Graded, type Hearing, type Own, type Question, type Shortfall } from './case';
import type { Decision } from './gate/decision';
import { canonical } from './digest';
import type { Admitted, Instant, Signature } from './gate';
import { isAtLeast } from './grade';
import { firstHeard, firstRank, ranked } from './heard';
import { overdue } from './overdue';
import { silence } from './policy';
import { refusal } from './gate/refusals';
import { known, ownersOf, personOf, type Directory } from './reviewers';
import { revocation } from './gate/signature';
import { isTakenBack, lastNo, spokenFor, toldAt, type Told } from './told';
import { barredFrom, mayDecide, quorumMet, type Delegation, type Seats } from './voices';

export type { Graded, Own, Question, Shortfall, ShortfallCode } from './case';

/** Why the approval does not carry the effect; undefined where it does. An undo's step is judged elsewhere (`undo.ts`). */
export function judge(evidence: Evidence, question: Question, own: Own): Shortfall | undefined {
  const { basis, rung } = evidence;
  const { policy } = own;
  const late = overdue(evidence, policy, own.now);
  if (late !== undefined) return late;
  if (policy.separation.proven === true && own.requesterProof === 'claimed')
    return short('REQUESTER_UNPROVEN', 'the policy asks for a proven requester, and the start is not signed');
  const level = policy.levels[rung];
  if (level === undefined) return short('NOT_CONSENT', `the policy has no level ${String(rung + 1)}`);
  if (basis === 'notice' && policy.confirmation === 'INFO') return undefined;
  if (basis === 'silence' && silence(policy, level) === 'approve') return undefined;
  if (basis !== 'signatures') return short('NOT_CONSENT', `the policy does not take ${basis} for consent`);
  const heard = ranked(own.heard);
  let shown: string | undefined;
  const shownHere = () => (shown ??= shownOf(evidence, question));
  for (const directory of directories(own.directory, evidence.reviewers)) {
    const wrong = unmet({ evidence, question, own, level, heard, directory, shownHere });
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** The worker's own and the recorded one. Where they are the same, which is nearly always, every signature is verified once. */
function directories(own: Directory | undefined, recorded: Directory | undefined) {
  return JSON.stringify(own) === JSON.stringify(recorded) ? [own] : [own, recorded];
}

/** Everything about the signatures under one directory. */
function unmet(under: Case): Shortfall | undefined {
  const of: Hearing = { ...under, told: toldIn(under) };
  const { evidence, directory } = of;
  const seats: Seats = { reviewers: directory, delegations: evidence.delegations };
  const sent = [...evidence.signatures, ...evidence.delegations].map((one) => ({
    one,
    decision: evidence.decisions.find((decision) => standsBehind(decision, one, directory)),
  }));
  const graded: Signature[] = [];
  for (const { one, decision } of sent) {
    if (decision === undefined) return unsigned(one.decision);
    const found = fault(of, seats, decision);
    if ('fault' in found) return found.fault;
    if ('reviewer' in one) graded.push({ ...one, authentication: found.grade });
  }
  const few = fewVoices(of, graded);
  if (few !== undefined) return few;
  const no = lastNo(of.told, of.own.policy.levels);
  for (const { decision } of sent) {
    const wrong = decision && taken(of, no, decision);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** What was heard, as far as the gate's policy admits it, at each level. Whom the evidence bars besides may say no all the same. */
function toldIn(of: Case): readonly (readonly Told[])[] {
  const { own, directory, evidence, heard } = of;
  const least = own.policy.authentication ?? 'open';
  const asking = {
    directory,
    requester: known(directory, evidence.requester),
    barred: barred(of, []),
    isSure(decision: Decision, level: string, at: Instant) {
      const graded = own.grade(directory, decision, level, at);
      return !('fault' in graded) && isAtLeast(graded.grade, least);
    },
  };
  return own.policy.levels.map((level) => toldAt(level, heard, asking));
}

/** Who has one voice is told by the delegations that the evidence names, and by those that were heard: both must do. */
function fewVoices({ evidence, level, directory, told, own }: Hearing, graded: readonly Signature[]) {
  const heard = told[own.policy.levels.indexOf(level)]?.at(-1)?.seats.delegations ?? [];
  const { delegations } = evidence;
  const met = [delegations, [...delegations, ...heard]].every((known) =>
    quorumMet({ reviewers: directory, delegations: known }, level, graded),
  );
  return met ? undefined : short('QUORUM_NOT_MET', `level ${level.name} did not sign as its policy asks`);
}

function unsigned(id: string): Shortfall {
  return short('NOT_SIGNED', `there is no decision ${id} behind the signature`);
}

/** The very decision that a signature or a delegation names: an id may have been used at another level, too. */
function standsBehind(
  sent: Admitted,
  one: Signature | Delegation,
  directory: Directory | undefined,
): boolean {
  if (sent.id !== one.decision || sent.at !== one.at) return false;
  return 'reviewer' in one
    ? (sent.verdict === 'approve' || sent.verdict === 'edit') && sent.reviewer === one.reviewer
    : sent.verdict === 'delegate' &&
        known(directory, sent.reviewer) === known(directory, one.from) &&
        known(directory, sent.to ?? '') === known(directory, one.to);
}

/** The decision as its sender sent it. */
function asSent({ at: _at, revision: _revision, level: _level, ...sent }: Admitted): Decision {
  return sent;
}

/** One decision that is behind a signature or a delegation, gone through again. */
function fault(of: Hearing, seats: Seats, decision: Admitted): Graded {
  const { own, level, directory } = of;
  const sent = asSent(decision);
  // An edit may have been made at a level that the edited args' policy does not have.
  if (sent.verdict !== 'edit' && decision.level !== level.name) return { fault: unsigned(sent.id) };
  const wrong =
    notAsked(of, seats, sent.reviewer) ??
    (sent.verdict === 'delegate' ? badDelegate(of, sent.to ?? '') : notCovered(of, sent, decision.revision));
  if (wrong !== undefined) return { fault: wrong };
  const graded = gradeInTime(own, directory, sent, decision.level);
  if ('fault' in graded) return graded;
  const needed = own.policy.authentication ?? 'open';
  const { reviewer } = sent;
  if (!isAtLeast(graded.grade, needed)) return { fault: refusal('UNAUTHENTICATED', { reviewer, needed }) };
  const otherwise = notShown(of, sent);
  return otherwise === undefined ? graded : { fault: otherwise };
}

/** Persons who may not decide: the requester and who answers for the agent, and who signed at another level. */
function notAsked(of: Hearing, seats: Seats, reviewer: string): Shortfall | undefined {
  const { own, level, directory } = of;
  const person = personOf(directory, reviewer);
  if (
    person === undefined ||
    barred(of, of.evidence.owners).includes(person) ||
    !mayDecide(seats, level, person)
  )
    return short('NOT_AN_APPROVER', `${reviewer} may not sign at level ${level.name}`);
  return own.policy.separation.acrossLevels && elsewhere(of).includes(person)
    ? short('SIGNED_AT_ANOTHER_LEVEL', `${reviewer} signed at an earlier level`)
    : undefined;
}

/** @param more owners that are recorded: of an agent that made an earlier revision, too */
function barred({ evidence, own, directory }: Case, more: readonly string[]): readonly string[] {
  const { requester, by } = evidence;
  const owners = [...more, ...ownersOf(directory, requester, by)];
  return barredFrom({ policy: own.policy, reviewers: directory, requester, owners });
}

/** Everybody whose voice was used on this digest at another level. */
function elsewhere({ evidence, question, told, level, directory }: Hearing): readonly string[] {
  return [
    ...evidence.before.map((name) => known(directory, name)),
    ...told.filter(([one]) => one?.level !== level.name).flatMap((said) => spokenFor(said, question.digest)),
  ];
}

function badDelegate(of: Case, to: string): Shortfall | undefined {
  const person = personOf(of.directory, to);
  const { requester } = of.evidence;
  const bad =
    person === undefined ||
    person === known(of.directory, requester) ||
    barred(of, of.evidence.owners).includes(person);
  return bad ? short('DELEGATE_NOT_ALLOWED', `${to} cannot act on somebody's behalf here`) : undefined;
}

/** An approval of this very digest, or the edit that made it; at VERIFY with the phrase. */
function notCovered(of: Case, sent: Decision, read: number): Shortfall | undefined {
  const { own } = of;
  if (!covers(of, sent, read)) return unsigned(sent.id);
  return own.phrase !== undefined && sent.phrase !== own.phrase
    ? short('PHRASE_MISMATCH', `${sent.reviewer} typed another phrase`)
    : undefined;
}

function covers({ question, own }: Case, sent: Decision, read: number): boolean {
  const { digest, revision, args } = question;
  if (sent.verdict === 'approve') return sent.digest === digest;
  if (sent.verdict !== 'edit' || read !== revision - 1 || sent.args === undefined) return false;
  const normal = own.normal(sent.args);
  return normal !== undefined && canonical(normal) === canonical(args);
}

/** What was read is what is recorded. In open mode a decision need not say what it read. */
function notShown({ question, own, shownHere }: Case, sent: Decision): Shortfall | undefined {
  const { shown, digest, reviewer, verdict } = sent;
  if (shown === undefined && (own.policy.authentication ?? 'open') === 'open') return undefined;
  const here = shownHere();
  // An editor has read the revision before; what the edit made of it is what the record has, and no other policy or requester.
  const made = verdict !== 'edit' || own.shownFor(question.digest, question.revision).includes(here);
  const read =
    verdict === 'edit'
      ? own.shownFor(digest, question.revision - 1)
      : digest === question.digest
        ? [here]
        : own.shownFor(digest);
  return made && shown !== undefined && read.includes(shown)
    ? undefined
    : short('SHOWN_OTHERWISE', `${reviewer} was shown something else than what is recorded`);
}

/** Good now; or good when the server received it, by keys that nobody has revoked since. */
function gradeInTime(own: Own, directory: Directory | undefined, sent: Decision, level: string): Graded {
  const now = own.grade(directory, sent, level, own.now);
  if (!('fault' in now)) return now;
  const at = PASSES.includes(now.fault.code) ? own.receivedAt(sent) : undefined;
  if (at === undefined || at > own.now) return now;
  const revoked = revocation(directory, sent, own.now);
  return revoked === undefined ? own.grade(directory, sent, level, at) : { fault: revoked };
}

/** What time alone makes of a good signature. */
const PASSES: readonly string[] = ['SIGNATURE_EXPIRED', 'KEY_NOT_VALID'];

/** The decision is on record, nobody's no came after it, and its signer has not taken it back. A delegation is not taken back. */
function taken(
  { heard, directory, told }: Hearing,
  no: number | undefined,
  decision: Admitted,
): Shortfall | undefined {
  const { id, reviewer, verdict } = decision;
  const sent = asSent(decision);
  const rank = firstHeard(heard, sent) && firstRank(heard, sent);
  if (rank === undefined) return short('NOT_SIGNED', `the record does not hold the decision ${id}`);
  if (no !== undefined && rank < no)
    return short('APPROVAL_VOID', `the decision ${id} came before a no that stands`);
  return verdict !== 'delegate' && isTakenBack(told.flat(), known(directory, reviewer), rank)
    ? short('APPROVAL_VOID', `${reviewer} took back the decision ${id}`)
    : undefined;
}
