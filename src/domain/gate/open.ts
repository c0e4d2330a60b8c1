/** How a gate begins: its digest, its phrase and who answers for what is proposed are fixed here, before anybody is asked. */
import { digestOf } from '../digest';
import { phraseOf } from '../phrase';
import { ownersOf } from '../reviewers';
import { revisionOf, withoutArgs } from './revisions';
import type { ApprovedGate, Asked, Instant, OpenGate, RootBase, WaitingGate } from './state';
import { ask } from './status';

/** Open, and its first level is asked; or approved at once, where the policy only notifies, or a step's approval covers its undo. */
export function openGate(question: Asked, now: Instant): OpenGate | WaitingGate | ApprovedGate {
  const { root, gate, requester, policy, by, reviewers, assessment, setUp } = question;
  const proposal = { ...question.proposal, args: assessment.args };
  const digest = digestOf({ ...root, gate, revision: 1, ...proposal, undo: setUp?.undo });
  const base: RootBase = {
    ...question,
    proposal,
    place: 'root',
    rung: 0,
    revision: 1,
    digest,
    phrase: phraseOf(policy, assessment, proposal.action, digest),
    owners: ownersOf(reviewers, requester, by),
    sentBack: 0,
    assessment: withoutArgs(assessment),
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
  return ask(base, now);
}
