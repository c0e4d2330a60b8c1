/**
 * Whether an approval carries its effect. The executor believes its own configuration (directory, rules, registry), people's
 * signatures, its own earlier receipts, and the server's word on which run this is; everything else in the evidence is a claim. INFO,
 * silence, open decisions and an undo without a policy of its own are the rules' own consent: whoever may start a workflow may bring
 * these about.
 */
import { shownOf, type Evidence } from './approval';
import type { Decision } from './decision';
import { canonical, type Undo } from './digest';
import type { Admitted, Instant, Signature } from './gate';
import { isAtLeast, type Grade } from './grade';
import { firstSaid, isTakenBack, isWithdrawn, lastNo, ranked, type Heard, type Ranked } from './heard';
import type { JsonObject } from './json';
import { milliseconds } from './duration';
import { silence, type PeopleLevel, type Policy } from './policy';
import { refusal, type RefusalCode } from './refusal';
import { known, ownersOf, personOf, type Directory } from './reviewers';
import type { RequesterProof } from './shown';
import { barredFrom, mayDecide, quorumMet, type Delegation, type Seats } from './voices';

export type ShortfallCode =
  | RefusalCode
  | 'APPROVAL_EXPIRED'
  | 'APPROVAL_VOID'
  | 'QUORUM_NOT_MET'
  | 'NOT_CONSENT'
  | 'NOT_SIGNED'
  | 'REQUESTER_UNPROVEN';

export interface Shortfall {
  readonly code: ShortfallCode;
  readonly message: string;
}

/** What would run. Its digest has been computed anew. */
export interface Question {
  readonly gate: string;
  readonly digest: string;
  readonly revision: number;
  readonly action: string;
  readonly args: JsonObject;
  readonly undo?: Undo | undefined;
}

/** A decision's grade under a directory at a moment, or what is wrong with what it brings along. */
export type Graded = { readonly grade: Grade } | { readonly fault: Shortfall };

/** What the executor knows by itself. */
export interface Own {
  /** As the worker holds it now. */
  readonly directory: Directory | undefined;
  /** As the rules pick it now, tightened by the recorded one, never under the floor. */
  readonly policy: Policy;
  /** Made anew, of the args that would run. */
  readonly phrase?: string | undefined;
  /** As the server's history and the directory prove it. */
  readonly requesterProof: RequesterProof;
  readonly now: Instant;
  readonly grade: (
    directory: Directory | undefined,
    decision: Decision,
    level: string,
    at: Instant,
  ) => Graded;
  /** When the server received a decision, by its history; asked where a signature has expired since. */
  readonly receivedAt: (decision: Decision) => Instant | undefined;
  /** The args as the action's schema takes them. */
  readonly normal: (args: JsonObject) => JsonObject | undefined;
  /** Decisions on this revision or a later one, of all branches of the record, and of the histories before a reset. */
  readonly heard: readonly Heard[];
  /** Hashes of what was shown for a digest, as the record has them. */
  readonly shownFor: (digest: string) => readonly string[];
}

interface Case {
  readonly evidence: Evidence;
  readonly question: Question;
  readonly own: Own;
  readonly level: PeopleLevel;
  readonly heard: readonly Ranked[];
  /** Where the worker's own directory and the recorded one are held one after the other: this is the one. */
  readonly directory: Directory | undefined;
}

const short = (code: ShortfallCode, message: string): Shortfall => ({ code, message });

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
  for (const directory of [own.directory, evidence.reviewers]) {
    const wrong = unmet({ evidence, question, own, level, heard, directory });
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** The approval has to be acted on before. */
export function overdue(evidence: Evidence, policy: Policy, now: Instant): Shortfall | undefined {
  const { executeBefore, decisions } = evidence;
  if (executeBefore !== undefined && !(now < Date.parse(executeBefore)))
    return short('APPROVAL_EXPIRED', `the approval had to be acted on before ${executeBefore}`);
  if (policy.executeWithin === undefined) return undefined;
  if (executeBefore === undefined)
    return short('APPROVAL_EXPIRED', 'the policy limits the time to act, and the approval names no limit');
  // A decision is admitted within that time of its being signed, and an approval is acted on within that time of the last one.
  const issued = decisions.flatMap(({ signature, vouch }) => [signature?.issued, vouch?.issued]);
  const last = Math.max(...issued.map((at) => Date.parse(at ?? '')).filter((at) => !Number.isNaN(at)));
  const latest = last + 2 * milliseconds(policy.executeWithin);
  return Number.isFinite(last) && now >= latest
    ? short('APPROVAL_EXPIRED', `the last signature was issued at ${new Date(last).toISOString()}`)
    : undefined;
}

/** Everything about the signatures under one directory. */
function unmet(of: Case): Shortfall | undefined {
  const { evidence, level, directory, own } = of;
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
  if (!quorumMet(seats, level, graded))
    return short('QUORUM_NOT_MET', `level ${level.name} did not sign as its policy asks`);
  const admissible = admitted(of, seats);
  const no = lastNo(admissible, own.policy.levels, seats);
  for (const { decision } of sent) {
    const wrong = decision && taken(of, seats, admissible, no, decision);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
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
function fault(of: Case, seats: Seats, decision: Admitted): Graded {
  const { evidence, question, own, level, directory } = of;
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
  const otherwise = notShown(evidence, question, own, sent);
  return otherwise === undefined ? graded : { fault: otherwise };
}

/** Persons who may not decide: the requester and who answers for the agent, and who signed at another level. */
function notAsked(of: Case, seats: Seats, reviewer: string): Shortfall | undefined {
  const { own, level, directory } = of;
  const person = personOf(directory, reviewer);
  if (person === undefined || barred(of).includes(person) || !mayDecide(seats, level, person))
    return short('NOT_AN_APPROVER', `${reviewer} may not sign at level ${level.name}`);
  return own.policy.separation.acrossLevels && elsewhere(of).includes(person)
    ? short('SIGNED_AT_ANOTHER_LEVEL', `${reviewer} signed at an earlier level`)
    : undefined;
}

function barred({ evidence, own, directory }: Case): readonly string[] {
  const { requester, by } = evidence;
  const owners = [...evidence.owners, ...ownersOf(directory, requester, by)];
  return barredFrom({ policy: own.policy, reviewers: directory, requester, owners });
}

/** Who has signed or rejected this digest at another level, and has not taken it back. */
function elsewhere({ evidence, question, heard, level, directory }: Case): readonly string[] {
  const spoke = heard.filter(
    ({ decision, level: at }) =>
      at !== undefined &&
      at !== level.name &&
      decision.digest === question.digest &&
      ['approve', 'edit', 'reject'].includes(decision.verdict),
  );
  const standing = spoke.filter(({ decision, rank, level: there }) => {
    const same = heard.filter((one) => one.level === there);
    return !isWithdrawn(same, directory, decision.reviewer, rank);
  });
  return [
    ...evidence.before.map((name) => known(directory, name)),
    ...standing.map(({ decision }) => known(directory, decision.reviewer)),
  ];
}

function badDelegate(of: Case, to: string): Shortfall | undefined {
  const person = personOf(of.directory, to);
  const { requester } = of.evidence;
  const bad =
    person === undefined || person === known(of.directory, requester) || barred(of).includes(person);
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
function notShown(evidence: Evidence, question: Question, own: Own, sent: Decision): Shortfall | undefined {
  const { shown, digest, reviewer } = sent;
  if (shown === undefined && (own.policy.authentication ?? 'open') === 'open') return undefined;
  const known = digest === question.digest ? [shownOf(evidence, question)] : own.shownFor(digest);
  return shown !== undefined && known.includes(shown)
    ? undefined
    : short('SHOWN_OTHERWISE', `${reviewer} was shown something else than what is recorded`);
}

/** Good now; or good when the server received it, by a key that nobody has revoked since. */
function gradeInTime(own: Own, directory: Directory | undefined, sent: Decision, level: string): Graded {
  const now = own.grade(directory, sent, level, own.now);
  if (!('fault' in now)) return now;
  const at = PASSES.includes(now.fault.code) ? own.receivedAt(sent) : undefined;
  return at === undefined || at > own.now ? now : own.grade(directory, sent, level, at);
}

/** What time alone makes of a good signature. */
const PASSES: readonly string[] = ['SIGNATURE_EXPIRED', 'KEY_NOT_VALID'];

/** What was heard, as far as the gate's policy admits it, at each level that it may have been said at. */
function admitted(of: Case, seats: Seats): Ranked[] {
  const { own, directory, evidence, heard } = of;
  const least = own.policy.authentication ?? 'open';
  const requester = known(directory, evidence.requester);
  return heard.flatMap((one) => {
    const { decision, at } = one;
    const person = personOf(directory, decision.reviewer);
    if (person === undefined) return [];
    return own.policy.levels
      .filter(({ name }) => one.level === undefined || one.level === name)
      .filter((level) =>
        decision.verdict === 'cancel' ? person === requester : mayDecide(seats, level, person),
      )
      .filter(({ name }) => {
        const graded = own.grade(directory, decision, name, at);
        return !('fault' in graded) && isAtLeast(graded.grade, least);
      })
      .map(({ name }) => ({ ...one, level: name }));
  });
}

/** The decision is on record, nobody's no came after it, and its signer has not taken it back. A delegation is not taken back. */
function taken(
  { heard, level }: Case,
  seats: Seats,
  admissible: readonly Ranked[],
  no: number | undefined,
  decision: Admitted,
): Shortfall | undefined {
  const { id, reviewer, verdict } = decision;
  const rank = firstSaid(heard, asSent(decision))?.rank;
  if (rank === undefined) return short('NOT_SIGNED', `the record does not hold the decision ${id}`);
  if (no !== undefined && rank < no)
    return short('APPROVAL_VOID', `the decision ${id} came before a no that stands`);
  return verdict !== 'delegate' && isTakenBack(admissible, level.name, seats, reviewer, rank)
    ? short('APPROVAL_VOID', `${reviewer} took back the decision ${id}`)
    : undefined;
}
