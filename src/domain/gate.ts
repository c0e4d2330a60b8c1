/**
 * The gate: one durable pause in which a proposal, at a revision, waits on people under a policy. Pure: time and ids
 * come in as values, and only this file assigns a status. `admit` tells why not; `decide` acts; a timer is `expire`.
 */
import { canonical, digestOf, sha256Hex, type Root } from './digest';
import type { Decision, Receipt } from './decision';
import { milliseconds } from './duration';
import type { Json, JsonObject } from './json';
import { BUILT_VERDICTS, firstLevel, type PeopleLevel, type Policy, type Verdict } from './policy';
import type { Proposal } from './proposal';
import { refusal, type Refusal } from './refusal';

/** An instant in milliseconds since 1970, as the workflow's clock tells it. */
export type Instant = number;

export type Outcome = 'executed' | 'approved' | 'rejected' | 'answered' | 'expired' | 'cancelled' | 'failed';

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
}

/** Why an agent had nothing to propose. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What an agent makes of a revision that was sent back. */
export type Reproposed = Pick<Asked, 'proposal' | 'policy' | 'assessment' | 'by' | 'failure'>;

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
}

export interface Signature {
  readonly reviewer: string;
  readonly decision: string;
  readonly at: string;
  readonly revision: number;
  readonly authentication: 'open';
}

/** A decision that counted, as it was sent, with when it was taken and on which revision. */
export type Admitted = Decision & { readonly at: string; readonly revision: number };

interface Answered {
  readonly receipt: Receipt;
  /** SHA-256 of what was sent under the id, to tell a repeat from a reuse. */
  readonly content: string;
}

interface Revision {
  readonly revision: number;
  readonly digest: string;
  readonly proposal: Proposal;
  readonly failed?: true;
}

interface Common {
  readonly root: Root;
  readonly gate: string;
  readonly requester: string;
  readonly policy: Policy;
  readonly revision: number;
  readonly digest: string;
  readonly proposal: Proposal;
  readonly assessment: Assessment;
  /** Who made this revision: an agent's level and name, the requester, or the editor. */
  readonly by: string;
  /** There is nothing to approve: the agent had no proposal. */
  readonly failure?: Failure;
  /** How often people have sent it back to the agent. */
  readonly sentBack: number;
  /** Every revision's digest, so that a stale decision can be told which one it read. */
  readonly revisions: readonly Revision[];
  /** Only of this revision; the quorum counts distinct reviewers. */
  readonly signatures: readonly Signature[];
  readonly rejections: readonly Signature[];
  readonly decisions: readonly Admitted[];
  readonly answered: readonly Answered[];
  readonly refusals: number;
  readonly deadline: Instant;
}

export type OpenGate = Common & { readonly status: 'open'; readonly level: PeopleLevel };
/** Sent back: the agent is at work on the next revision. */
export type ProposingGate = Common & { readonly status: 'proposing' };
export type ApprovedGate = Common & { readonly status: 'approved' };
export type ExecutingGate = Common & { readonly status: 'executing' };
export type ClosedGate = Common & {
  readonly status: 'closed';
  readonly outcome: Outcome;
  readonly reason?: string;
  /** A person's answer in place of the action; only where the outcome is `answered`. */
  readonly answer?: Json;
};
export type Gate = OpenGate | ProposingGate | ApprovedGate | ExecutingGate | ClosedGate;

const RECEIPTS_KEPT = 500;
const REVISIONS_KEPT = 50;
/** How often a gate may be sent back where the policy does not say. */
const MAX_REVISIONS = 3;

export function instant(at: Instant): string {
  return new Date(at).toISOString();
}

export function openGate(asked: Asked, now: Instant): OpenGate {
  const level = firstLevel(asked.policy);
  const proposal = { ...asked.proposal, args: asked.assessment.args };
  const digest = digestOf({ ...asked.root, gate: asked.gate, revision: 1, ...proposal });
  return {
    ...asked,
    proposal,
    status: 'open',
    level,
    revision: 1,
    digest,
    revisions: [revisionOf({ revision: 1, digest, proposal, failure: asked.failure })],
    sentBack: 0,
    signatures: [],
    rejections: [],
    decisions: [],
    answered: [],
    refusals: 0,
    deadline: now + milliseconds(level.respondWithin),
  };
}

/** Why a decision received at `at` would not count; undefined where it would. */
export function admit(gate: Gate, decision: Decision, at: Instant): Refusal | undefined {
  const before = answerTo(gate, decision.id);
  if (before !== undefined) return repeat(before, decision);
  return RULES.reduce<Refusal | undefined>((refused, rule) => refused ?? rule(gate, decision, at), undefined);
}

type Rule = (gate: Gate, decision: Decision, at: Instant) => Refusal | undefined;

/** In order: what the gate is, what was read, when, who, and what the verdict needs. */
const RULES: readonly Rule[] = [
  (gate, { verdict }) => {
    if (gate.status === 'open' || (gate.status === 'approved' && verdict === 'cancel')) return undefined;
    if (gate.status === 'proposing')
      return verdict === 'cancel' || verdict === 'comment'
        ? undefined
        : refusal('BEING_REVISED', { next: gate.revision + 1 });
    return refusal('GATE_CLOSED', {
      state: gate.status === 'closed' ? `closed, outcome ${gate.outcome}` : gate.status,
    });
  },
  (gate, { digest }) => {
    if (digest === gate.digest) return undefined;
    const seen = gate.revisions.find((revision) => revision.digest === digest)?.revision;
    return refusal('STALE_REVISION', { seen, current: gate.revision, digest: gate.digest });
  },
  (_, decision) => {
    if (!BUILT_VERDICTS.includes(decision.verdict))
      return refusal('NOT_SUPPORTED', { what: `the verdict ${decision.verdict}` });
    const later = (['phrase', 'to', 'until', 'signature'] as const).find(
      (key) => decision[key] !== undefined,
    );
    return later === undefined ? undefined : refusal('NOT_SUPPORTED', { what: `the field ${later}` });
  },
  (gate, { verdict }) => {
    if (gate.failure !== undefined && (verdict === 'approve' || verdict === 'edit'))
      return refusal('NOTHING_PROPOSED', { verdict, offered: offeredVerdicts(gate) });
    if (verdict === 'revise' && exhausted(gate))
      return refusal('REVISIONS_EXHAUSTED', { most: maxRevisions(gate.policy) });
    const offered = offeredVerdicts(gate);
    return offered.includes(verdict) ? undefined : refusal('VERDICT_NOT_OFFERED', { verdict, offered });
  },
  (gate, _, at) =>
    gate.status === 'open' && at >= gate.deadline
      ? refusal('DEADLINE_PASSED', { deadline: instant(gate.deadline) })
      : undefined,
  (gate, { verdict, reviewer }) => {
    const { requester } = gate;
    if (verdict === 'cancel')
      return reviewer === requester ? undefined : refusal('NOT_THE_REQUESTER', { reviewer, requester });
    if (reviewer === requester && verdict === 'comment') return undefined;
    if (reviewer === requester && gate.policy.separation.requester)
      return refusal('REQUESTER_CANNOT_DECIDE', { reviewer });
    const level = firstLevel(gate.policy);
    return mayDecide(level, reviewer)
      ? undefined
      : refusal('NOT_AN_APPROVER', { reviewer, level: level.name });
  },
  (_, { verdict, args, comment, answer }) => {
    if (verdict === 'edit' && args === undefined) return refusal('ARGS_REQUIRED', {});
    if (verdict !== 'edit' && args !== undefined)
      return refusal('UNEXPECTED_FIELD', { verdict, field: 'args' });
    if (verdict === 'respond' && answer === undefined) return refusal('ANSWER_REQUIRED', {});
    if (verdict !== 'respond' && answer !== undefined)
      return refusal('UNEXPECTED_FIELD', { verdict, field: 'answer' });
    return SAYS_WHY.includes(verdict) && comment === undefined
      ? refusal('COMMENT_REQUIRED', { verdict })
      : undefined;
  },
  (gate, { verdict, reviewer }) => {
    const signed = verdict === 'approve' ? gate.signatures : verdict === 'reject' ? gate.rejections : [];
    return signed.some((signature) => signature.reviewer === reviewer)
      ? refusal('ALREADY_SIGNED', { reviewer, revision: gate.revision })
      : undefined;
  },
];

const SAYS_WHY: readonly Verdict[] = ['reject', 'revise', 'comment'];

/** The gate after an admitted decision. An edit needs its assessment: no args count that the action does not take. */
export function decide(gate: Gate, decision: Decision, at: Instant, assessment?: Assessment): Gate {
  if (answerTo(gate, decision.id) !== undefined) return gate;
  const noted: Gate = {
    ...gate,
    decisions: [...gate.decisions, { ...decision, at: instant(at), revision: gate.revision }],
  };
  const acted = act(noted, decision, at, assessment);
  return answer(acted, decision, {
    id: decision.id,
    status: 'admitted',
    gate: gate.gate,
    revision: gate.revision,
  });
}

function act(gate: Gate, decision: Decision, at: Instant, assessment: Assessment | undefined): Gate {
  const { reviewer } = decision;
  const signature: Signature = {
    reviewer,
    decision: decision.id,
    at: instant(at),
    revision: gate.revision,
    authentication: 'open',
  };
  const others = (signed: readonly Signature[]) => signed.filter((one) => one.reviewer !== reviewer);
  if (decision.verdict === 'cancel')
    return close(gate, 'cancelled', said(`${reviewer} called it off`, decision));
  if (gate.status !== 'open') return gate;
  switch (decision.verdict) {
    case 'approve':
      return count({
        ...gate,
        signatures: [...gate.signatures, signature],
        rejections: others(gate.rejections),
      });
    case 'reject': {
      const rejections = [...gate.rejections, signature];
      const rejected = { ...gate, rejections, signatures: others(gate.signatures) };
      return rejections.length < gate.level.rejections
        ? rejected
        : close(
            rejected,
            'rejected',
            said(`${rejections.map((one) => one.reviewer).join(', ')} rejected it`, decision),
          );
    }
    case 'edit':
      if (assessment === undefined) throw new TypeError('an edit is decided with its assessment');
      return count(edited(gate, signature, assessment));
    case 'respond': {
      const answered = close(gate, 'answered', said(`${reviewer} answered in its place`, decision));
      return { ...answered, answer: decision.answer ?? null };
    }
    case 'revise': {
      const { level: _, ...kept } = gate;
      return { ...kept, status: 'proposing', sentBack: gate.sentBack + 1 };
    }
    default:
      return gate; // a comment changes nothing
  }
}

function edited(gate: OpenGate, signature: Signature, assessment: Assessment): OpenGate {
  const { proposal, policy } = gate;
  const revised = next(gate, { proposal, policy, assessment, by: signature.reviewer });
  return { ...revised, signatures: [{ ...signature, revision: revised.revision }] };
}

/** The agent's next revision: people are asked anew, with a level's whole time to answer. */
export function repropose(gate: ProposingGate, reproposed: Reproposed, now: Instant): OpenGate {
  const level = firstLevel(reproposed.policy);
  const deadline = now + milliseconds(level.respondWithin);
  return { ...next({ ...gate, status: 'open', level }, reproposed), deadline };
}

/** What was proposed and sent back, with what people said, oldest first. */
export function sentBack(gate: Gate): { readonly proposal?: Proposal; readonly comment: string }[] {
  return gate.decisions
    .filter(({ verdict }) => verdict === 'revise')
    .map(({ revision, comment = '' }) => {
      const read = gate.revisions.find((one) => one.revision === revision);
      return read === undefined || read.failed ? { comment } : { proposal: read.proposal, comment };
    });
}

/** The next revision, which nobody has signed yet. */
function next(gate: OpenGate, { proposal: given, policy, assessment, by, failure }: Reproposed): OpenGate {
  const { failure: _, ...kept } = gate;
  const revision = gate.revision + 1;
  const proposal = { ...given, args: assessment.args };
  const digest = digestOf({ ...gate.root, gate: gate.gate, revision, ...proposal });
  const made = revisionOf({ revision, digest, proposal, failure });
  return {
    ...kept,
    revision,
    proposal,
    digest,
    policy,
    assessment,
    by,
    ...(failure === undefined ? {} : { failure }),
    revisions: [...gate.revisions, made].slice(-REVISIONS_KEPT),
    signatures: [],
    rejections: [],
  };
}

function revisionOf({
  failure,
  ...revision
}: Omit<Revision, 'failed'> & { readonly failure: Failure | undefined }): Revision {
  return failure === undefined ? revision : { ...revision, failed: true };
}

function count(gate: OpenGate): OpenGate | ApprovedGate {
  if (gate.signatures.length < gate.level.quorum) return gate;
  const { level: _, ...approved } = gate;
  return { ...approved, status: 'approved' };
}

/** Records the receipt of a decision that `admit` refuses. The first receipt of an id stays. */
export function refuse(gate: Gate, sent: { readonly id: string }, refused: Refusal): Gate {
  const counted: Gate = { ...gate, refusals: gate.refusals + 1 };
  if (answerTo(gate, sent.id) !== undefined) return counted;
  const { gate: name, revision } = gate;
  return answer(counted, sent, { id: sent.id, status: 'refused', ...refused, gate: name, revision });
}

/** The deadline has passed with the gate still open: silence is never consent. */
export function expire(gate: Gate, now: Instant): Gate {
  if (gate.status !== 'open' || now < gate.deadline) return gate;
  const { level, signatures } = gate;
  return close(
    gate,
    'expired',
    `${level.name} did not decide by ${instant(gate.deadline)}: ${String(signatures.length)} of ${String(level.quorum)} signatures`,
  );
}

/** Called off from outside (`temporal workflow cancel`). An approval that is not yet executing is void. */
export function cancel(gate: Gate, reason: string): Gate {
  return gate.status === 'executing' || gate.status === 'closed' ? gate : close(gate, 'cancelled', reason);
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

function close(gate: Gate, outcome: Outcome, reason?: string): ClosedGate {
  const { level: _, ...kept } = { level: undefined, ...gate };
  return { ...kept, status: 'closed', outcome, ...(reason === undefined ? {} : { reason }) };
}

function said(what: string, { comment }: Decision): string {
  return comment === undefined ? what : `${what}: ${comment}`;
}

/** `unknown` for an id that this gate has not answered. */
export function receiptFor(gate: Gate, id: string): Receipt {
  return answerTo(gate, id)?.receipt ?? { id, status: 'unknown', gate: gate.gate, revision: gate.revision };
}

export function offeredVerdicts(gate: Gate): Verdict[] {
  const wanted = gate.policy.verdicts ?? BUILT_VERDICTS;
  // What the requester asked for can always be called off, and what nobody could propose can always be refused.
  const always: readonly Verdict[] =
    gate.failure === undefined ? ['comment', 'cancel'] : ['reject', 'comment', 'cancel'];
  const never: readonly Verdict[] = [
    ...(gate.failure === undefined ? [] : (['approve', 'edit'] as const)),
    ...(exhausted(gate) ? (['revise'] as const) : []),
  ];
  return BUILT_VERDICTS.filter(
    (verdict) => (wanted.includes(verdict) || always.includes(verdict)) && !never.includes(verdict),
  );
}

function exhausted(gate: Gate): boolean {
  return gate.sentBack >= maxRevisions(gate.policy);
}

function maxRevisions(policy: Policy): number {
  return policy.maxRevisions ?? MAX_REVISIONS;
}

function mayDecide(level: PeopleLevel, reviewer: string): boolean {
  const { people } = level.approvers;
  return people !== undefined && (people.includes('*') || people.includes(reviewer));
}

function answerTo(gate: Gate, id: string): Answered | undefined {
  return gate.answered.find(({ receipt }) => receipt.id === id);
}

function repeat({ receipt, content }: Answered, decision: Decision): Refusal | undefined {
  if (content !== contentOf(decision)) return refusal('ID_REUSED', { id: decision.id });
  return receipt.status === 'admitted'
    ? undefined
    : { code: receipt.code as Refusal['code'], message: receipt.message ?? '' };
}

/** Admitted receipts all stay; of the refused ones the last 500, so that a flood cannot grow the state. */
function answer(gate: Gate, sent: unknown, receipt: Receipt): Gate {
  const answered = [...gate.answered, { receipt, content: contentOf(sent) }];
  const refused = answered.filter((one) => one.receipt.status === 'refused');
  const [oldest] = refused.length > RECEIPTS_KEPT ? refused : [];
  return { ...gate, answered: oldest === undefined ? answered : answered.filter((one) => one !== oldest) };
}

function contentOf(sent: unknown): string {
  return sha256Hex(canonical(sent));
}
