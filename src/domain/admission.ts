/** Why a decision would not count. Validators, handlers, `--dry-run` and a page's buttons all ask `admit`. */
import type { Decision } from './decision';
import { instant, weightOf, type Gate, type Instant } from './gate';
import { gradeIn } from './gate-grade';
import { shownBy } from './gate-shown';
import { isAtLeast } from './grade';
import { levelAt, maxExtension, maxRevisions, VERDICTS, type Verdict } from './policy';
import { answerTo, repeat } from './receipts';
import { refusal, type Refusal } from './refusal';
import { known, personOf } from './reviewers';
import { canProve, staleFrom } from './signing';
import { mayDecide, sameVoice } from './voices';

/** Why a decision received at `at` would not count; undefined where it would. */
export function admit(gate: Gate, decision: Decision, at: Instant): Refusal | undefined {
  const before = answerTo(gate, decision.id);
  if (before !== undefined) return repeat(before, decision);
  return RULES.reduce<Refusal | undefined>((refused, rule) => refused ?? rule(gate, decision, at), undefined);
}

type Rule = (gate: Gate, decision: Decision, at: Instant) => Refusal | undefined;

/** What signs, or has somebody sign on one's behalf: once, across levels. */
const SPEAKS: readonly Verdict[] = ['approve', 'edit', 'reject', 'delegate'];
const SAYS_WHY: readonly Verdict[] = ['reject', 'revise', 'escalate', 'comment'];
/** What may be said while the agent is at work. */
const MEANWHILE: readonly Verdict[] = ['comment', 'cancel'];
/** Where the agent had no proposal there is nothing to sign, and nobody to sign it for. */
const NOT_OF_A_FAILURE: readonly Verdict[] = ['approve', 'edit', 'delegate', 'withdraw', 'extend'];
/** These only pile up: what ends a gate finds room when they do not. */
const BULKY: readonly Verdict[] = ['edit', 'revise', 'delegate', 'withdraw', 'extend', 'comment'];
/** Bytes of decisions that one gate takes: any single one fits, and the whole state into what a workflow may carry. */
const MOST = { bulky: 272 * 1024, all: 448 * 1024 } as const;

/** Which verdict each field belongs to. */
const FIELDS = {
  args: ['edit'],
  answer: ['respond'],
  to: ['delegate'],
  until: ['extend'],
  phrase: ['approve', 'edit'],
} as const satisfies Partial<Record<keyof Decision, readonly Verdict[]>>;

/** In order: what the gate is, what was read, when, who, and what the verdict needs. */
const RULES: readonly Rule[] = [
  inTime,
  (gate, { digest }) => {
    if (digest === gate.digest) return undefined;
    const seen = gate.revisions.find((revision) => revision.digest === digest)?.revision;
    return refusal('STALE_REVISION', { seen, current: gate.revision, digest: gate.digest });
  },
  offers,
  (gate, _, at) =>
    gate.status === 'open' && at >= gate.deadline
      ? refusal('DEADLINE_PASSED', { deadline: instant(gate.deadline) })
      : undefined,
  who,
  authentic,
  fresh,
  asShown,
  needs,
  phrased,
  once,
  delegates,
  extends_,
  fits,
];

function inTime(gate: Gate, { verdict }: Decision): Refusal | undefined {
  switch (gate.status) {
    case 'open':
      return undefined;
    case 'waiting':
      return refusal('ASK_CHILD', { child: gate.waitingOn, asked: `level ${gate.level.name}` });
    case 'proposing':
      return MEANWHILE.includes(verdict) ? undefined : refusal('BEING_REVISED', { next: gate.revision + 1 });
    case 'approved':
      return verdict === 'cancel' ? undefined : refusal('GATE_CLOSED', { state: 'approved' });
    case 'executing':
      return refusal('GATE_CLOSED', { state: 'executing' });
    case 'closed':
      return refusal('GATE_CLOSED', { state: `closed, outcome ${gate.outcome}` });
  }
}

function offers(gate: Gate, { verdict }: Decision): Refusal | undefined {
  const { policy, failure, rung } = gate;
  if (failure !== undefined && (verdict === 'approve' || verdict === 'edit'))
    return refusal('NOTHING_PROPOSED', { verdict, offered: offeredVerdicts(gate) });
  if (verdict === 'revise' && exhausted(gate))
    return refusal('REVISIONS_EXHAUSTED', { most: maxRevisions(policy) });
  if (verdict === 'escalate' && atTheTop(gate))
    return refusal('NO_NEXT_LEVEL', { level: levelAt(policy, rung).name });
  const offered = offeredVerdicts(gate);
  return offered.includes(verdict) ? undefined : refusal('VERDICT_NOT_OFFERED', { verdict, offered });
}

function who(gate: Gate, { verdict, reviewer }: Decision): Refusal | undefined {
  const { requester, reviewers, policy, owners, rung } = gate;
  const person = known(reviewers, reviewer);
  const asked = person === known(reviewers, requester);
  if (verdict === 'cancel') return asked ? undefined : refusal('NOT_THE_REQUESTER', { reviewer, requester });
  if (asked && verdict === 'comment') return undefined;
  if (policy.separation.requester && asked) return refusal('REQUESTER_CANNOT_DECIDE', { reviewer });
  if (policy.separation.requester && owners.includes(person))
    return refusal('OWNER_CANNOT_DECIDE', { reviewer });
  if (personOf(reviewers, reviewer) === undefined) return refusal('UNKNOWN_REVIEWER', { reviewer });
  const level = levelAt(policy, rung);
  if (!mayDecide(gate, level, person)) return refusal('NOT_AN_APPROVER', { reviewer, level: level.name });
  return SPEAKS.includes(verdict) && policy.separation.acrossLevels && gate.before.includes(person)
    ? refusal('SIGNED_AT_ANOTHER_LEVEL', { reviewer })
    : undefined;
}

/** Everything about a signature or a vouch but its cryptography, which is verified before the decision is decided. */
function authentic(gate: Gate, decision: Decision, at: Instant): Refusal | undefined {
  const graded = gradeIn(gate, decision, at);
  if ('fault' in graded) return graded.fault;
  const { authentication: needed = 'open' } = gate.policy;
  return isAtLeast(graded.grade, needed)
    ? undefined
    : refusal('UNAUTHENTICATED', { reviewer: decision.reviewer, needed });
}

/** Signed longer ago than what is approved may wait for its execution. */
function fresh({ policy, reviewers }: Gate, decision: Decision, at: Instant): Refusal | undefined {
  const { executeWithin } = policy;
  const stale = [decision.signature, decision.vouch].find(
    (one) => one !== undefined && !(at < staleFrom(one, executeWithin)),
  );
  return stale === undefined || executeWithin === undefined || !canProve(reviewers)
    ? undefined
    : refusal('SIGNATURE_TOO_OLD', { issued: stale.issued, executeWithin });
}

/** Nothing is shown but at an open gate, where it has to be named unless names are believed. */
function asShown(gate: Gate, { shown }: Decision): Refusal | undefined {
  if (shown === undefined) {
    const named = gate.status !== 'open' || (gate.policy.authentication ?? 'open') === 'open';
    return named ? undefined : refusal('SHOWN_OTHERWISE', { missing: true });
  }
  const current = gate.status === 'open' ? gate.shown : shownBy(gate);
  return shown === current ? undefined : refusal('SHOWN_OTHERWISE', { missing: false });
}

function needs(_: Gate, decision: Decision): Refusal | undefined {
  const { verdict } = decision;
  if (verdict === 'edit' && decision.args === undefined) return refusal('ARGS_REQUIRED', {});
  if (verdict === 'respond' && decision.answer === undefined) return refusal('ANSWER_REQUIRED', {});
  if (verdict === 'delegate' && decision.to === undefined) return refusal('DELEGATE_REQUIRED', {});
  if (verdict === 'extend' && decision.until === undefined) return refusal('UNTIL_REQUIRED', {});
  for (const field of Object.keys(FIELDS) as (keyof typeof FIELDS)[])
    if (decision[field] !== undefined && !(FIELDS[field] as readonly Verdict[]).includes(verdict))
      return refusal('UNEXPECTED_FIELD', { verdict, field });
  return SAYS_WHY.includes(verdict) && !says(decision.comment)
    ? refusal('COMMENT_REQUIRED', { verdict })
    : undefined;
}

/** Anything at all: a space is no reason, nor is what nobody can see. */
function says(comment = ''): boolean {
  return /[^\p{C}\p{Z}]/u.test(comment);
}

/** Character for character: nothing is normalised, since what is made alike would let look-alikes in. */
function phrased(gate: Gate, { verdict, phrase }: Decision): Refusal | undefined {
  if (gate.phrase === undefined)
    return phrase === undefined ? undefined : refusal('UNEXPECTED_FIELD', { verdict, field: 'phrase' });
  if (!(FIELDS.phrase as readonly Verdict[]).includes(verdict) || phrase === gate.phrase) return undefined;
  return phrase === undefined
    ? refusal('PHRASE_REQUIRED', { verdict, phrase: gate.phrase })
    : refusal('PHRASE_MISMATCH', { phrase: gate.phrase });
}

/** Nobody signs twice, unless to be known more surely than before. */
function once(gate: Gate, decision: Decision, at: Instant): Refusal | undefined {
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
  return signed.some((one) => sameVoice(gate, one.reviewer, reviewer) && isAtLeast(one.authentication, grade))
    ? refusal('ALREADY_SIGNED', { reviewer, revision })
    : undefined;
}

/** Delegations of one gate. */
const MOST_DELEGATIONS = 50;

function delegates(gate: Gate, { verdict, reviewer, to }: Decision): Refusal | undefined {
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

function extends_(gate: Gate, { verdict, until }: Decision): Refusal | undefined {
  if (verdict !== 'extend' || until === undefined) return undefined;
  const latest = gate.firstDeadline + maxExtension(gate.policy);
  const wanted = Date.parse(until);
  return wanted > gate.deadline && wanted <= latest
    ? undefined
    : refusal('EXTENSION_NOT_ALLOWED', { until, after: instant(gate.deadline), latest: instant(latest) });
}

function fits(gate: Gate, decision: Decision): Refusal | undefined {
  const most = BULKY.includes(decision.verdict) ? MOST.bulky : MOST.all;
  return gate.weight + weightOf(decision) > most ? refusal('GATE_FULL', { most }) : undefined;
}

/** What the gate takes now, in the order of the verdicts. */
export function offeredVerdicts(gate: Gate): Verdict[] {
  const { policy, failure } = gate;
  // What the requester asked for can always be called off, and what nobody could propose can always be refused.
  const always: readonly Verdict[] = failure === undefined ? MEANWHILE : ['reject', ...MEANWHILE];
  const never: readonly Verdict[] = [
    ...(failure === undefined ? [] : NOT_OF_A_FAILURE),
    ...(exhausted(gate) ? (['revise'] as const) : []),
    ...(atTheTop(gate) ? (['escalate'] as const) : []),
  ];
  return VERDICTS.filter(
    (verdict) => (policy.verdicts?.includes(verdict) ?? true) || always.includes(verdict),
  ).filter((verdict) => !never.includes(verdict));
}

function exhausted({ sentBack, policy }: Gate): boolean {
  return sentBack >= maxRevisions(policy);
}

function atTheTop({ rung, policy }: Gate): boolean {
  return rung + 1 >= policy.levels.length;
}
