/** Revisions of what is asked: an editor's, an agent's, and what is kept of those before. A new revision is a new question. */
import { defined } from '../defined';
import { canonical, digestOf } from '../digest';
import type { Decision } from './decision';
import type {
  ApprovedGate,
  Assessed,
  Assessment,
  Failure,
  Gate,
  Instant,
  OpenGate,
  ProposingGate,
  Reassessed,
  Reproposed,
  Revision,
  RootBase,
  RootGate,
  Signature,
  WaitingGate,
} from './state';
import { gradeIn } from './sender-grade';
import { isAtLeast } from '../grade';
import { utf8Length } from '../json';
import { phraseOf } from '../phrase';
import { levelAt, rungNamed } from '../policy';
import type { Proposal } from '../proposal';
import { known, ownersOf } from '../reviewers';
import { approve, ask, bare, stayOpen } from './status';
import { barredFrom, mayDecide, quorumMet, standing } from '../voices';

const REVISIONS_KEPT = 50;

/** Bytes of earlier proposals that a gate keeps, to show what changed. */
const PROPOSALS_KEPT = 128 * 1024;

/** The editor's signature counts where the new policy would have taken it, and the phrase that was typed is still the phrase. */
export function edited(
  gate: Extract<RootGate, { readonly status: 'open' | 'waiting' }>,
  decision: Pick<Decision, 'phrase' | 'reviewer' | 'signature' | 'vouch'>,
  signature: Signature,
  { policy, assessment }: Reassessed,
  at: Instant,
): OpenGate | WaitingGate | ApprovedGate {
  const { proposal } = gate;
  const revised = next(gate, { proposal, policy, assessment, by: signature.reviewer });
  const level = levelAt(policy, revised.rung);
  const person = known(gate.reviewers, signature.reviewer);
  const barred = barredFrom(revised);
  const graded = gradeIn({ ...gate, policy, assessment }, decision, Date.parse(signature.at));
  const taken = 'grade' in graded && isAtLeast(graded.grade, policy.authentication ?? 'open');
  // Whoever acts for somebody at a level goes on doing so there: together they still have one voice.
  const goOn = taken && level.name === gate.level.name;
  const seats = { ...revised, delegations: goOn ? standing(gate, level, barred) : [] };
  const counts =
    taken &&
    !barred.includes(person) &&
    mayDecide(seats, level, person) &&
    (revised.phrase === undefined || decision.phrase === revised.phrase);
  const signatures = counts
    ? [{ ...signature, revision: revised.revision, authentication: graded.grade }]
    : [];
  const one = { ...seats, signatures };
  if (counts && quorumMet(one, level, signatures)) return approve(one, 'signatures', at);
  // A level after the first is asked in a child workflow, also where it was the first before.
  const sameLevel =
    gate.status === 'open' && revised.rung === 0 && canonical(level) === canonical(gate.level);
  return sameLevel ? stayOpen(one) : ask(one, at);
}

/** The agent's next revision: people are asked anew, with a level's whole time to answer. */
export function repropose(
  gate: ProposingGate,
  reproposed: Reproposed,
  now: Instant,
): OpenGate | WaitingGate | ApprovedGate {
  return ask(next(gate, reproposed), now);
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
function next(gate: RootBase, { proposal: given, policy, assessment, by, failure }: Reproposed): RootBase {
  const { failure: _, ...kept } = bare(gate);
  const revision = gate.revision + 1;
  const proposal = { ...given, args: assessment.args };
  const digest = digestOf({ ...gate.root, gate: gate.gate, revision, ...proposal, undo: gate.setUp?.undo });
  const here = levelAt(gate.policy, gate.rung).name;
  return {
    ...kept,
    rung: Math.max(rungNamed(policy, here), 0),
    revision,
    proposal,
    digest,
    policy,
    assessment: withoutArgs(assessment),
    phrase: phraseOf(policy, assessment, proposal.action, digest),
    by,
    owners: [...new Set([...gate.owners, ...ownersOf(gate.reviewers, gate.requester, by)])],
    ...defined({ failure }),
    revisions: keepLatest([
      ...gate.revisions.map((one) =>
        one.digest === gate.digest ? { ...one, proposal: gate.proposal } : one,
      ),
      revisionOf(revision, digest, by, failure),
    ]),
    signatures: [],
    rejections: [],
    delegations: [],
    before: [],
  };
}

export function revisionOf(
  revision: number,
  digest: string,
  by: string,
  failure: Failure | undefined,
): Revision {
  return { revision, digest, by, ...defined({ failed: failure === undefined ? undefined : true }) };
}

/** The args are the proposal's own; twice they would be too much to carry. */
export function withoutArgs({ args: _, ...assessment }: Assessment): Assessed {
  return assessment;
}

/** The last revisions, without the proposals of the oldest where they would be too much to carry. */
function keepLatest(revisions: readonly Revision[]): Revision[] {
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
