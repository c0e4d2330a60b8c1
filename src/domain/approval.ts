/**
 * What stands behind an approval, for whoever executes it: the executor trusts neither the workflow nor its caller, and goes
 * through signatures, quorum, phrase and keys once more, just before the effect.
 */
import type { Decision } from './decision';
import { canonical, sha256Hex, type Root } from './digest';
import type { Admitted, ApprovedGate, Basis, ExecutingGate, Signature, Undone } from './gate';
import type { JsonObject } from './json';
import { levelAt, silence, type Policy } from './policy';
import type { RefusalCode } from './refusal';
import { known, type Directory } from './reviewers';
import { keyOf, unsound } from './signing';
import { barredFrom, mayDecide, quorumMet, type Delegation } from './voices';

export interface Evidence {
  readonly basis: Basis;
  readonly policy: Policy;
  readonly rung: number;
  readonly requester: string;
  readonly owners: readonly string[];
  readonly before: readonly string[];
  readonly phrase?: string;
  readonly reviewers?: Directory;
  readonly signatures: readonly Signature[];
  readonly delegations: readonly Delegation[];
  /** Those that the signatures and delegations name, as they were sent. */
  readonly decisions: readonly Admitted[];
  /** ISO 8601 UTC: it has to be under way before. */
  readonly executeBefore?: string;
  /** Of an undo that nobody was asked about again: the approval of the step that it takes back. */
  readonly undoes?: Undone;
}

export function evidenceOf(gate: ApprovedGate | ExecutingGate): Evidence {
  const { basis, policy, rung, requester, owners, before, phrase, reviewers } = gate;
  const { signatures, delegations, executeBefore, setUp } = gate;
  const named = new Set([...signatures, ...delegations].map(({ decision }) => decision));
  return {
    basis,
    policy,
    rung,
    requester,
    owners,
    before,
    ...(phrase === undefined ? {} : { phrase }),
    ...(reviewers === undefined ? {} : { reviewers }),
    signatures,
    delegations,
    decisions: [...(gate.earlier ?? []), ...gate.decisions].filter(({ id }) => named.has(id)),
    ...(executeBefore === undefined ? {} : { executeBefore: new Date(executeBefore).toISOString() }),
    ...(setUp?.undoes === undefined ? {} : { undoes: setUp.undoes }),
  };
}

/** Stands in the `approved` entry, so that nobody can bring other evidence for it. */
export function evidenceHash(evidence: Evidence): string {
  return sha256Hex(canonical(evidence));
}

/** What the executor knows of the world that the workflow does not. */
export interface Examiner {
  /** As the worker holds it now: a key that was revoked since signs nothing. */
  readonly reviewers: Directory | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  verifies(where: Root & { readonly gate: string; readonly level: string }, decision: Decision): boolean;
  /** The args as the action's schema takes them. */
  normal(args: JsonObject): JsonObject | undefined;
}

export interface Shortfall {
  readonly code: RefusalCode | 'APPROVAL_EXPIRED' | 'QUORUM_NOT_MET' | 'NOT_CONSENT' | 'NOT_SIGNED';
  readonly message: string;
}

interface Executed {
  readonly root: Root;
  readonly gate: string;
  readonly digest: string;
  readonly revision: number;
  readonly args: JsonObject;
}

/** Why the evidence does not carry the effect; undefined where it does. */
export function shortfall(evidence: Evidence, what: Executed, by: Examiner): Shortfall | undefined {
  const { basis, policy, rung, reviewers, signatures, delegations } = evidence;
  const late = overdue(evidence, by.now);
  if (late !== undefined) return late;
  const level = levelAt(policy, rung);
  if (basis === 'notice' && policy.confirmation === 'INFO') return undefined;
  if (basis === 'silence' && silence(policy, level) === 'approve') return undefined;
  if (basis !== 'signatures')
    return { code: 'NOT_CONSENT', message: `the policy does not take ${basis} for consent` };
  for (const one of [...signatures, ...delegations]) {
    const found = evidence.decisions.find((sent) => standsBehind(sent, one, reviewers));
    const wrong = found === undefined ? unsigned(one.decision) : unfit(evidence, what, by, found);
    if (wrong !== undefined) return wrong;
  }
  return quorumMet({ reviewers, delegations }, level, signatures)
    ? undefined
    : { code: 'QUORUM_NOT_MET', message: `level ${level.name} did not sign as its policy asks` };
}

/** The approval had to be acted on before. */
export function overdue({ executeBefore }: Evidence, now: number): Shortfall | undefined {
  if (executeBefore === undefined || now < Date.parse(executeBefore)) return undefined;
  const message = `the approval had to be acted on before ${executeBefore}`;
  return { code: 'APPROVAL_EXPIRED', message };
}

function unsigned(id: string): Shortfall {
  return { code: 'NOT_SIGNED', message: `there is no decision ${id} behind the signature` };
}

/** The very decision that a signature or a delegation names: an id may have been used at another level, too. */
function standsBehind(
  sent: Admitted,
  one: Signature | Delegation,
  reviewers: Directory | undefined,
): boolean {
  if (sent.id !== one.decision || sent.at !== one.at) return false;
  return 'reviewer' in one
    ? sent.verdict !== 'delegate' && sent.reviewer === one.reviewer
    : sent.verdict === 'delegate' &&
        known(reviewers, sent.reviewer) === one.from &&
        known(reviewers, sent.to ?? '') === one.to;
}

/** One decision that is behind a signature or a delegation, gone through again. */
function unfit(evidence: Evidence, what: Executed, by: Examiner, decision: Admitted): Shortfall | undefined {
  const { policy, rung, phrase, delegations, reviewers, before } = evidence;
  const { at, revision, level: taken, ...sent } = decision;
  const level = levelAt(policy, rung);
  // An edit may have been made at a level that the edited args' policy does not have.
  if (sent.verdict !== 'edit' && taken !== level.name) return unsigned(sent.id);
  const person = known(reviewers, sent.reviewer);
  if (barredFrom(evidence).includes(person) || !mayDecide({ reviewers, delegations }, level, person))
    return { code: 'NOT_AN_APPROVER', message: `${sent.reviewer} may not sign at level ${level.name}` };
  if (policy.separation.acrossLevels && before.includes(person))
    return { code: 'SIGNED_AT_ANOTHER_LEVEL', message: `${sent.reviewer} signed at an earlier level` };
  if (sent.verdict !== 'delegate' && !covers(what, by, sent, revision)) return unsigned(sent.id);
  if (sent.verdict !== 'delegate' && phrase !== undefined && sent.phrase !== phrase)
    return { code: 'PHRASE_MISMATCH', message: `${sent.reviewer} typed another phrase` };
  if (policy.authentication !== 'signed') return undefined;
  // A key that has been revoked since may have been anybody's before.
  const revoked = Date.parse(keyOf(by.reviewers, sent)?.revoked ?? '');
  const wrong = unsound(by.reviewers, sent, revoked <= by.now ? by.now : Date.parse(at));
  if (wrong !== undefined) return wrong;
  return by.verifies({ ...what.root, gate: what.gate, level: taken }, sent)
    ? undefined
    : { code: 'BAD_SIGNATURE', message: `the signature is not ${sent.reviewer}'s over this decision` };
}

/** An approval of this very digest, or the edit that made it. */
function covers({ digest, args, revision }: Executed, by: Examiner, sent: Decision, read: number): boolean {
  if (sent.verdict === 'approve') return sent.digest === digest;
  if (sent.verdict !== 'edit' || read !== revision - 1 || sent.args === undefined) return false;
  const normal = by.normal(sent.args);
  return normal !== undefined && canonical(normal) === canonical(args);
}
