/**
 * The gate: one durable pause in which a proposal, at a revision, waits on people under a policy. Pure: time and ids
 * come in as values, and only this folder assigns a status. `admit` (admission.ts) tells why not; `decide` acts; a timer is
 * `expire`; `escalate` passes it up.
 */
import { digestOf, canonical, type Root } from './digest';
import type { Decision } from './decision';
import { milliseconds } from './duration';
import { utf8Length, type Json, type JsonObject } from './json';
import { phraseOf } from './phrase';
import { levelAt, rungNamed, silence, type PeopleLevel, type Policy } from './policy';
import type { Proposal } from './proposal';
import { answer, answerTo, type Answered } from './receipts';
import { known, ownersOf, type Directory } from './reviewers';
import {
  barredFrom,
  mayDecide,
  onBehalfOf,
  quorumMet,
  rejectionsMet,
  sameVoice,
  standing,
  voices,
  type Delegation,
} from './voices';

export { receiptFor, refuse } from './receipts';

/** An instant in milliseconds since 1970, as the workflow's clock tells it. */
export type Instant = number;

export type Outcome = 'executed' | 'approved' | 'rejected' | 'answered' | 'expired' | 'cancelled' | 'failed';
/** How a level's own gate may end besides: passed up, or with a new revision for its owner to see to. */
export type LevelOutcome = Outcome | 'escalated' | 'revised';

/** What is asked, once it has been assessed. */
export interface Asked {
  readonly root: Root;
  readonly gate: string;
  readonly requester: string;
  readonly proposal: Proposal;
  readonly policy: Policy;
  readonly assessment: Assessment;
  /** Who proposed it: an agent's level and name, or the requester. */
  readonly by: string;
  /** The agent had no proposal: `proposal` is our own question what is to become of the task. */
  readonly failure?: Failure;
  /** Who people are, as recorded at opening; without it names are believed as they are. */
  readonly reviewers?: Directory | undefined;
}

/** Why an agent had nothing to propose. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What an agent makes of a revision that was sent back. */
export type Reproposed = Pick<Asked, 'proposal' | 'policy' | 'assessment' | 'by' | 'failure'>;
/** What the registry and the rules say of edited args. */
export type Reassessed = Pick<Asked, 'policy' | 'assessment'>;

/** Where an approved action runs. `nowhere`: the approval is the outcome. */
export type Runs =
  | {
      readonly in: 'worker';
      readonly timeout: string;
      readonly attempts?: number;
      /** Within a second or so, and keyed: it may run inside the workflow task. */
      readonly short?: true;
    }
  | {
      readonly in: 'queue';
      readonly taskQueue: string;
      readonly activity: string;
      readonly input: Json;
      readonly timeout: string;
    }
  | { readonly in: 'nowhere' };

/** What the registry says of one action with its args: how risky, what it would do, where it would run. */
export interface Assessment {
  /** As the action's schema parsed them; these are hashed, shown and run. */
  readonly args: JsonObject;
  readonly risk: 'low' | 'medium' | 'high';
  readonly runs: Runs;
  readonly preview?: Json;
  /** Verb and target, for VERIFY. */
  readonly phrase?: string;
}

/** What a gate keeps of it. */
export type Assessed = Omit<Assessment, 'args'>;

export interface Signature {
  readonly reviewer: string;
  readonly decision: string;
  readonly at: string;
  readonly revision: number;
  readonly authentication: 'open' | 'signed';
  /** The delegator, where the reviewer could not decide otherwise. */
  readonly onBehalfOf?: string;
}

/** A decision that counted, as it was sent, with when it was taken, on which revision and at which level. */
export type Admitted = Decision & {
  readonly at: string;
  readonly revision: number;
  readonly level: string;
};

interface Revision {
  readonly revision: number;
  readonly digest: string;
  /** Of the latest ones before the one that is open, as far as they fit. */
  readonly proposal?: Proposal;
  readonly failed?: true;
}

export interface Escalation {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly at: string;
}

/** What stood for the approval: signatures, INFO's notice, or silence where the policy says so in words. */
export type Basis = 'signatures' | 'notice' | 'silence';

interface Common {
  readonly root: Root;
  readonly gate: string;
  readonly requester: string;
  readonly policy: Policy;
  readonly reviewers?: Directory | undefined;
  /** Where it is decided: the gate's own workflow, or the child workflow of one level. */
  readonly place: 'root' | 'level';
  /** Index of the level that is asked, or was last. */
  readonly rung: number;
  readonly revision: number;
  readonly digest: string;
  readonly proposal: Proposal;
  readonly assessment: Assessed;
  /** At VERIFY, of this revision. */
  readonly phrase?: string | undefined;
  /** Who made this revision: an agent's level and name, the requester, or the editor. */
  readonly by: string;
  /** Persons who answer for an agent that proposed a revision of it. */
  readonly owners: readonly string[];
  /** There is nothing to approve: the agent had no proposal. */
  readonly failure?: Failure;
  /** How often people have sent it back to the agent. */
  readonly sentBack: number;
  /** Every revision's digest, so that a stale decision can be told which one it read. */
  readonly revisions: readonly Revision[];
  /** Only of this revision, at this level; the quorum counts distinct voices. */
  readonly signatures: readonly Signature[];
  readonly rejections: readonly Signature[];
  readonly delegations: readonly Delegation[];
  /** Persons who signed or rejected this revision at earlier levels. */
  readonly before: readonly string[];
  readonly escalations: readonly Escalation[];
  readonly decisions: readonly Admitted[];
  /** Bytes of `decisions`. */
  readonly weight: number;
  readonly answered: readonly Answered[];
  readonly refusals: number;
  readonly deadline: Instant;
  /** Before anybody moved it. */
  readonly firstDeadline: Instant;
  /** How often the level has been reminded. */
  readonly reminded: number;
  /** The deadline that people have been warned of. */
  readonly warned?: Instant | undefined;
}

export type OpenGate = Common & { readonly status: 'open'; readonly level: PeopleLevel };
/** Sent back: the agent is at work on the next revision. */
export type ProposingGate = Common & { readonly status: 'proposing' };
/** A level after the first is asked, in a child workflow of its own. */
export type WaitingGate = Common & {
  readonly status: 'waiting';
  readonly level: PeopleLevel;
  /** The child's workflow id. */
  readonly waitingOn: string;
};
interface Approval {
  readonly basis: Basis;
  /** It has to be under way before. */
  readonly executeBefore?: Instant;
}
export type ApprovedGate = Common & Approval & { readonly status: 'approved' };
export type ExecutingGate = Common & Approval & { readonly status: 'executing' };
export type ClosedGate = Common & {
  readonly status: 'closed';
  readonly outcome: LevelOutcome;
  readonly reason?: string;
  /** A person's answer in place of the action; only where the outcome is `answered`. */
  readonly answer?: Json;
  /** The editor's signature, where an edit closed a level; only where the outcome is `revised`. */
  readonly edited?: Signature;
};
export type Gate = OpenGate | ProposingGate | WaitingGate | ApprovedGate | ExecutingGate | ClosedGate;

const REVISIONS_KEPT = 50;
/** Bytes of earlier proposals that a gate keeps, to show what changed. */
const PROPOSALS_KEPT = 128 * 1024;
/** Bytes of a receipt, a signature, and when and where a decision was taken. */
const AROUND = 350;

export function instant(at: Instant): string {
  return new Date(at).toISOString();
}

/** Open, and its first level is asked; or approved at once, where the policy only notifies. */
export function openGate(asked: Asked, now: Instant): OpenGate | ApprovedGate {
  const { root, gate, requester, policy, by, reviewers, assessment } = asked;
  const proposal = { ...asked.proposal, args: assessment.args };
  const digest = digestOf({ ...root, gate, revision: 1, ...proposal });
  const common: Common = {
    ...asked,
    proposal,
    place: 'root',
    rung: 0,
    revision: 1,
    digest,
    phrase: phraseOf(policy, assessment, proposal.action, digest),
    owners: ownersOf(reviewers, requester, by),
    sentBack: 0,
    assessment: unargued(assessment),
    revisions: [revisionOf(1, digest, asked.failure)],
    signatures: [],
    rejections: [],
    delegations: [],
    before: [],
    escalations: [],
    decisions: [],
    weight: 0,
    answered: [],
    refusals: 0,
    deadline: now,
    firstDeadline: now,
    reminded: 0,
  };
  return notifies(common) ? approve(common, 'notice', now) : opened(common, now);
}

/** INFO goes on without being asked; but what an agent could not propose is asked of people all the same. */
function notifies({ policy, failure }: Common): boolean {
  return policy.confirmation === 'INFO' && failure === undefined;
}

/** The level at the gate's rung is asked, with all of its time. */
export function opened(gate: Common, now: Instant): OpenGate {
  const level = levelAt(gate.policy, gate.rung);
  const deadline = now + milliseconds(level.respondWithin);
  const fresh = { deadline, firstDeadline: deadline, reminded: 0, warned: undefined };
  return { ...bare(gate), status: 'open', level, ...fresh };
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

function signatureOf(gate: OpenGate, { reviewer, id }: Decision, at: Instant): Signature {
  const behalf = onBehalfOf(gate, gate.level, known(gate.reviewers, reviewer));
  return {
    reviewer,
    decision: id,
    at: instant(at),
    revision: gate.revision,
    authentication: gate.policy.authentication ?? 'open',
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

/** The editor's signature counts where the new policy would have taken it, and the phrase that was typed is still the phrase. */
export function edited(
  gate: OpenGate | WaitingGate,
  { phrase }: Pick<Decision, 'phrase'>,
  signature: Signature,
  { policy, assessment }: Reassessed,
  at: Instant,
): OpenGate | WaitingGate | ApprovedGate {
  const { proposal } = gate;
  const revised = next(gate, { proposal, policy, assessment, by: signature.reviewer });
  const level = levelAt(policy, revised.rung);
  const person = known(gate.reviewers, signature.reviewer);
  const barred = barredFrom(revised);
  const taken = policy.authentication !== 'signed' || gate.policy.authentication === 'signed';
  // Whoever acts for somebody at a level goes on doing so there: together they still have one voice.
  const goOn = taken && level.name === gate.level.name;
  const seats = { ...revised, delegations: goOn ? standing(gate, level, barred) : [] };
  const counts =
    taken &&
    !barred.includes(person) &&
    mayDecide(seats, level, person) &&
    (revised.phrase === undefined || phrase === revised.phrase);
  const signatures = counts ? [{ ...signature, revision: revised.revision }] : [];
  const one = { ...seats, signatures };
  if (counts && quorumMet(one, level, signatures)) return approve(one, 'signatures', at);
  // A level after the first is asked in a child workflow, also where it was the first before.
  const sameLevel =
    gate.status === 'open' && revised.rung === 0 && canonical(level) === canonical(gate.level);
  return sameLevel ? { ...one, status: 'open', level } : asked(one, at);
}

/** The agent's next revision: people are asked anew, with a level's whole time to answer. */
export function repropose(
  gate: ProposingGate,
  reproposed: Reproposed,
  now: Instant,
): OpenGate | WaitingGate | ApprovedGate {
  return asked(next(gate, reproposed), now);
}

/** Whoever is to be asked is asked: nobody at INFO, the first level here, any other in a child workflow. */
function asked(gate: Common, now: Instant): OpenGate | WaitingGate | ApprovedGate {
  if (notifies(gate)) return approve(gate, 'notice', now);
  return gate.rung === 0 || gate.place === 'level' ? opened(gate, now) : waiting(gate);
}

export function waiting(gate: Common): WaitingGate {
  const level = levelAt(gate.policy, gate.rung);
  return { ...bare(gate), status: 'waiting', level, waitingOn: childOf(gate.root, level.name) };
}

/** The workflow id of a level's child. */
export function childOf({ workflowId }: Root, level: string): string {
  return `${workflowId}/${level}`;
}

/** What was proposed and sent back, with what people said, oldest first. */
export function sentBack(gate: Gate): { readonly proposal?: Proposal; readonly comment: string }[] {
  return gate.decisions
    .filter(({ verdict }) => verdict === 'revise')
    .map(({ revision, comment = '' }) => {
      const read = gate.revisions.find((one) => one.revision === revision);
      const proposed = revision === gate.revision ? gate.proposal : read?.proposal;
      const proposal = read?.failed === true ? undefined : proposed;
      return proposal === undefined ? { comment } : { proposal, comment };
    });
}

/** The next revision, which nobody has signed yet, for the level of the same name, else the new policy's first. */
function next(gate: Gate, { proposal: given, policy, assessment, by, failure }: Reproposed): Common {
  const { failure: _, ...kept } = bare(gate);
  const revision = gate.revision + 1;
  const proposal = { ...given, args: assessment.args };
  const digest = digestOf({ ...gate.root, gate: gate.gate, revision, ...proposal });
  const here = levelAt(gate.policy, gate.rung).name;
  return {
    ...kept,
    rung: Math.max(rungNamed(policy, here), 0),
    revision,
    proposal,
    digest,
    policy,
    assessment: unargued(assessment),
    phrase: phraseOf(policy, assessment, proposal.action, digest),
    by,
    owners: [...new Set([...gate.owners, ...ownersOf(gate.reviewers, gate.requester, by)])],
    ...(failure === undefined ? {} : { failure }),
    revisions: fitting([
      ...gate.revisions.map((one) =>
        one.digest === gate.digest ? { ...one, proposal: gate.proposal } : one,
      ),
      revisionOf(revision, digest, failure),
    ]),
    signatures: [],
    rejections: [],
    delegations: [],
    before: [],
  };
}

function revisionOf(revision: number, digest: string, failure: Failure | undefined): Revision {
  return { revision, digest, ...(failure === undefined ? {} : { failed: true }) };
}

/** The args are the proposal's own; twice they would be too much to carry. */
function unargued({ args: _, ...assessment }: Assessment): Assessed {
  return assessment;
}

/** The last revisions, without the proposals of the oldest where they would be too much to carry. */
function fitting(revisions: readonly Revision[]): Revision[] {
  let room = PROPOSALS_KEPT;
  return revisions
    .slice(-REVISIONS_KEPT)
    .reverse()
    .map(({ proposal, ...revision }) => {
      room -= proposal === undefined ? 0 : utf8Length(canonical(proposal));
      return proposal === undefined || room < 0 ? revision : { ...revision, proposal };
    })
    .reverse();
}

/** The deadline has passed with the gate still open. Silence is consent only where the policy says so in words. */
export function expire(gate: Gate, now: Instant): Gate {
  if (gate.status !== 'open' || now < gate.deadline) return gate;
  const { level, policy, failure, rung, place } = gate;
  const reason = silent(gate);
  const means = silence(policy, level);
  // Where somebody has said no there was no silence, and what nobody proposed is not consented to.
  const objection = failure !== undefined || gate.rejections.length > 0;
  if (means === 'approve' && !objection) return approve(gate, 'silence', now);
  const higher = rung + 1 < policy.levels.length;
  if (means !== 'expire' && (higher || place === 'level')) return escalate(gate, reason, now);
  return close(gate, 'expired', reason);
}

function silent(gate: OpenGate): string {
  const { level, deadline } = gate;
  const count = voices(gate, gate.signatures).length;
  const needed = Math.max(
    level.quorum,
    (level.groups ?? []).reduce((sum, { quorum }) => sum + quorum, 0),
  );
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

function approve(gate: Common, basis: Basis, at: Instant): ApprovedGate {
  const { executeWithin } = gate.policy;
  const limit = executeWithin === undefined ? {} : { executeBefore: at + milliseconds(executeWithin) };
  return { ...bare(gate), status: 'approved', basis, ...limit };
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

export function close(gate: Common, outcome: LevelOutcome, reason?: string): ClosedGate {
  return { ...bare(gate), status: 'closed', outcome, ...(reason === undefined ? {} : { reason }) };
}

/** Without what only one status has. */
function bare(gate: Common): Common {
  const {
    status: _s,
    level: _l,
    waitingOn: _w,
    basis: _b,
    executeBefore: _e,
    ...kept
  } = { status: '', level: '', waitingOn: '', basis: '', executeBefore: 0, ...gate };
  return kept;
}

export function said(what: string, { comment }: Pick<Decision, 'comment'>): string {
  return comment === undefined ? what : `${what}: ${comment}`;
}
