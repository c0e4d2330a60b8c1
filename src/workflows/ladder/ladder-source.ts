/**
 * A ladder's question to people: what its agents came to, level after level. Where an agent is sure of something that nobody need be asked
 * about, its answer is what the gate is opened with, under a policy that only notifies.
 */
import type { Proposed } from '../../activities/types';
import { failedAnswer, forcedBy, keptTries, whyNotEnough, type AgentAnswer } from '../../domain/climb';
import type { Tried } from '../../domain/context';
import { cut } from '../../domain/cut';
import { LADDER_POLICY, type AgentLevel, type EscalationStart } from '../../domain/escalation-start';
import { instant, type Asked, type Escalation } from '../../domain/gate';
import type { Policy } from '../../domain/policy';
import { noteProposed } from '../gate/agent';
import { assessProposal, learnFrom } from '../gate/assessment';
import type { GateRuntime } from '../gate/gate-runtime';
import { CALLED_OFF, type Asking, type QuestionSource, type Unasked } from '../gate/question';
import { callerOrAgent, headOf, questionAbout } from '../gate/question-source';
import { now } from '../runtime/replay-clock';
import { askAgentLevel, type Ladder } from './agent-level';

export function ladderSource(start: EscalationStart): QuestionSource {
  return {
    first: (runtime, cancellable) => climb({ runtime, start, cancellable }),
    again: callerOrAgent(askingPeople(start)).again,
  };
}

/** What people are asked, and by which agent it is revised where they send it back: the last one. */
export function askingPeople({ task, requester, policy, callback, own, agents }: EscalationStart): Asking {
  return {
    start: { task, requester, policy, callback },
    otherwise: own ? undefined : LADDER_POLICY,
    agent: agents.at(-1),
    setUp: { ladder: true },
  };
}

/** What was tried on the way, and how it went on. */
interface Climb {
  readonly tried: readonly Tried[];
  readonly escalations: readonly Escalation[];
  /** The last answer that was there to be used, or the last failure. */
  readonly best: AgentAnswer;
}

const NOBODY = failedAnswer(
  'NO_AGENT',
  'the ladder has no agent level: nobody has proposed anything yet',
  'nobody',
);

async function climb(ladder: Ladder): Promise<Asked | Unasked> {
  const { runtime, start, cancellable } = ladder;
  const { agents } = start;
  let climbed: Climb = { tried: [], escalations: [], best: NOBODY };
  for (const [index, level] of agents.entries()) {
    const { escalations } = climbed;
    const answer = await askAgentLevel(ladder, level, climbed.tried);
    if (cancellable.consideredCancelled) return { ...CALLED_OFF, escalations };
    const judged = await judgeAnswer(ladder, answer);
    if ('root' in judged) return { ...judged, escalations };
    const { why, forced } = judged;
    const best = betterOf(climbed.best, answer);
    const next = forced ? undefined : agents[index + 1];
    if (next === undefined) return askPeople(ladder, { ...climbed, best }, { from: level.name, why });
    climbed = {
      tried: keptTries([...climbed.tried, triedAt(level, answer, why)]),
      escalations: [...escalations, passUp(runtime, level.name, next.name, why)],
      best,
    };
  }
  return askPeople(ladder, climbed);
}

/** Why an answer is not enough; `forced`: a rule or a policy wants people, so that another agent would change nothing. */
interface NotEnough {
  readonly why: string;
  readonly forced: boolean;
}

/**
 * Where the agent is sure, words alone go on, unless a rule asks people; what has an effect goes on only where the policy asks nobody,
 * whatever the confidence.
 */
async function judgeAnswer({ runtime, start }: Ladder, answer: AgentAnswer): Promise<Asked | NotEnough> {
  const unsure = whyNotEnough(answer, start.confidenceThreshold);
  if (unsure !== undefined) return { why: unsure, forced: false };
  const { proposal, by } = answer;
  if (proposal === undefined) return { why: 'it proposed nothing', forced: false };
  const { requester, task, callback } = start;
  const asking: Asking = { start: { task, requester, callback } };
  const found = await assessProposal(asking, proposal, by, { root: runtime.root, gate: runtime.name });
  runtime.ledger.seeded(found.seed);
  if (!found.ok) return { why: cut(`error ${found.code}: ${found.message}`, 2_000), forced: false };
  const forced = forcedBy(found);
  if (forced !== undefined) return { why: forced, forced: true };
  noteProposed(runtime, asking, { ok: true, proposal, by });
  const opening = learnFrom(runtime, found);
  const policy: Policy = { ...opening.policy, confirmation: 'INFO' };
  return { ...headOf(runtime, asking), proposal, by, ...opening, policy };
}

function betterOf(before: AgentAnswer, answer: AgentAnswer): AgentAnswer {
  return answer.proposal === undefined && before.proposal !== undefined ? before : answer;
}

function triedAt({ name }: AgentLevel, { proposal, error }: AgentAnswer, why: string): Tried {
  const failure = error === null ? {} : { failure: { code: error.split(':')[0] ?? '', message: error } };
  return { level: name, ...(proposal === undefined ? {} : { proposal }), ...failure, why };
}

function passUp(runtime: GateRuntime, from: string, to: string, reason: string): Escalation {
  runtime.ledger.note({ type: 'escalated', gate: runtime.name, revision: 0, from, to, reason });
  return { from, to, reason, at: instant(now()) };
}

/**
 * People are asked about the last answer there was, or what is to become of the task where there was none.
 * @param last the agent level that was asked last, and why its answer was not enough
 */
async function askPeople(
  ladder: Ladder,
  { escalations, best }: Climb,
  last?: { readonly from: string; readonly why: string },
): Promise<Asked | Unasked> {
  const { runtime, start } = ladder;
  const question = await questionAboutBest(ladder, best);
  if ('failed' in question) return { ...question, escalations };
  if (start.own && start.policy === undefined && runtime.context().ruled !== true)
    return {
      failed: 'failed',
      reason: `${last?.why ?? ''}; the ladder has no further level`.replace(/^; /, ''),
      escalations,
    };
  // Somebody has said that people are to be asked: a policy that asks nobody does not count any more.
  const confirmation = question.policy.confirmation === 'INFO' ? 'CONFIRM' : question.policy.confirmation;
  const policy: Policy = { ...question.policy, confirmation };
  const to = policy.levels[0]?.name ?? '';
  const passedUp = last === undefined ? [] : [passUp(runtime, last.from, to, last.why)];
  return { ...question, policy, escalations: [...escalations, ...passedUp] };
}

/** What cannot run is not asked about; that there is nothing else is. */
async function questionAboutBest(
  { runtime, start, cancellable }: Ladder,
  { proposal, by, error }: AgentAnswer,
): Promise<Asked | Unasked> {
  const asking = askingPeople(start);
  const about = async (proposed: Proposed) => {
    noteProposed(runtime, asking, proposed);
    return questionAbout(runtime, asking, proposed, cancellable);
  };
  const nothing = (reason: string): Proposed => {
    const [code = ''] = reason.split(':');
    return { ok: false, code, message: reason.slice(code.length + 2), by };
  };
  if (proposal === undefined) return about(nothing(error ?? ''));
  const question = await about({ ok: true, proposal, by });
  return 'failed' in question && question.failed === 'failed' ? about(nothing(question.reason)) : question;
}
