/** A ladder: an agent answers; where it is not sure enough, fails, or the matter is sensitive, the next level is asked, up to people. */
import { ChildWorkflowCancellationType, startChild, type CancellationScope } from '@temporalio/workflow';
import type { Proposed } from '../../activities/types';
import {
  failedAnswer,
  forcedBy,
  keptTries,
  LOST,
  whyNotEnough,
  type AgentAnswer,
  type AgentStart,
} from '../../domain/climb';
import type { Tried } from '../../domain/context';
import { cut } from '../../domain/cut';
import {
  LADDER_POLICY,
  parseEscalation,
  type AgentLevel,
  type EscalationStart,
} from '../../domain/escalation-start';
import { childOf, instant, type Asked, type Escalation } from '../../domain/gate';
import type { Result } from '../../domain/packet';
import type { Policy } from '../../domain/policy';
import { WORKFLOW } from '../../domain/workflow-types';
import {
  assessed,
  callerOrAgent,
  CANCELLED,
  headOf,
  note,
  opening,
  question,
  type Asking,
  type Unasked,
} from '../gate/question-source';
import type { AgentResult } from './ask-agent';
import { lossOf } from '../runtime/child';
import { now } from '../runtime/replay-clock';
import { countersigned } from '../gate/run-gate';
import type { Desk } from '../gate/gate-runtime';
import { fitting } from '../runtime/invalid-input';
import type { Carried } from '../gate/context';

export async function escalation(argument: unknown, carried?: Carried): Promise<Result> {
  const start = fitting(parseEscalation(argument));
  const { requester, policy } = start;
  const asking = askingOf(start);
  const { result } = await countersigned({
    requester,
    gate: 'main',
    setting: { policy, ...(asking.otherwise === undefined ? {} : { otherwise: asking.otherwise }) },
    source: {
      first: (desk, cancellable) => climbed(desk, start, cancellable),
      again: callerOrAgent(asking).again,
    },
    continued: { carried, argument },
  });
  return result;
}

/** What people are asked, and by which agent it is revised where they send it back: the last one. */
function askingOf({ task, requester, policy, callback, own, agents }: EscalationStart): Asking {
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

async function climbed(
  desk: Desk,
  start: EscalationStart,
  cancellable: CancellationScope,
): Promise<Asked | Unasked> {
  const { agents, confidenceThreshold } = start;
  let climb: Climb = { tried: [], escalations: [], best: NOBODY };
  for (const [index, level] of agents.entries()) {
    const answer = await answerAt(desk, start, level, climb.tried, cancellable);
    if (cancellable.consideredCancelled)
      return { failed: 'cancelled', reason: CANCELLED, escalations: climb.escalations };
    const unsure = whyNotEnough(answer, confidenceThreshold);
    const settled = unsure === undefined ? await enough(desk, start, answer) : { why: unsure, forced: false };
    if ('root' in settled) return { ...settled, escalations: climb.escalations };
    const { why, forced } = settled;
    const next = forced ? undefined : agents[index + 1];
    if (next === undefined)
      return upToPeople(
        desk,
        start,
        { ...climb, best: better(climb.best, answer) },
        { from: level.name, why },
        cancellable,
      );
    climb = {
      tried: keptTries([...climb.tried, triedAs(level, answer, why)]),
      escalations: [...climb.escalations, passedUp(desk, level.name, next.name, why)],
      best: better(climb.best, answer),
    };
  }
  return upToPeople(desk, start, climb, undefined, cancellable);
}

function better(before: AgentAnswer, answer: AgentAnswer): AgentAnswer {
  return answer.proposal === undefined && before.proposal !== undefined ? before : answer;
}

function triedAs({ name }: AgentLevel, { proposal, error }: AgentAnswer, why: string): Tried {
  const failure = error === null ? {} : { failure: { code: error.split(':')[0] ?? '', message: error } };
  return { level: name, ...(proposal === undefined ? {} : { proposal }), ...failure, why };
}

function passedUp(desk: Desk, from: string, to: string, reason: string): Escalation {
  desk.ledger.note({ type: 'escalated', gate: desk.name, revision: 0, from, to, reason });
  return { from, to, reason, at: instant(now()) };
}

/**
 * The agent is sure. Words alone go on, unless a rule asks people; what has an effect goes on only where the policy asks nobody,
 * whatever the confidence.
 */
async function enough(
  desk: Desk,
  { requester, task, callback }: EscalationStart,
  { proposal, by }: AgentAnswer,
): Promise<Asked | { readonly why: string; readonly forced: boolean }> {
  if (proposal === undefined) return { why: 'it proposed nothing', forced: false };
  const asking: Asking = { start: { task, requester, callback } };
  const found = await assessed(asking, proposal, by, { root: desk.root, gate: desk.name });
  desk.ledger.seeded(found.seed);
  if (!found.ok) return { why: cut(`error ${found.code}: ${found.message}`, 2_000), forced: false };
  const forced = forcedBy(found);
  if (forced !== undefined) return { why: forced, forced: true };
  note(desk, asking, { ok: true, proposal, by });
  const open = opening(desk, found);
  const policy: Policy = { ...open.policy, confirmation: 'INFO' };
  return { ...headOf(desk, asking), proposal, by, ...open, policy };
}

/** People are asked about the last answer there was, or what is to become of the task where there was none. */
async function upToPeople(
  desk: Desk,
  start: EscalationStart,
  { escalations, best }: Climb,
  last: { readonly from: string; readonly why: string } | undefined,
  cancellable: CancellationScope,
): Promise<Asked | Unasked> {
  const asking = askingOf(start);
  const about = async (proposed: Proposed) => {
    note(desk, asking, proposed);
    return question(desk, asking, proposed, cancellable);
  };
  const failed = (error: string): Proposed => {
    const [code = ''] = error.split(':');
    return { ok: false, code, message: error.slice(code.length + 2), by: best.by };
  };
  const { proposal, by, error } = best;
  let asked = await about(proposal === undefined ? failed(error ?? '') : { ok: true, proposal, by });
  // What cannot run is not asked about; that there is nothing else is.
  if ('failed' in asked && asked.failed === 'failed' && proposal !== undefined)
    asked = await about(failed(asked.reason));
  if ('failed' in asked) return { ...asked, escalations };
  if (start.own && start.policy === undefined && desk.setting().ruled !== true)
    return {
      failed: 'failed',
      reason: `${last?.why ?? ''}; the ladder has no further level`.replace(/^; /, ''),
      escalations,
    };
  // Somebody has said that people are to be asked: a policy that asks nobody does not count any more.
  const confirmation = asked.policy.confirmation === 'INFO' ? 'CONFIRM' : asked.policy.confirmation;
  const policy: Policy = { ...asked.policy, confirmation };
  const to = policy.levels[0]?.name ?? '';
  const climbedTo = last === undefined ? [] : [passedUp(desk, last.from, to, last.why)];
  return { ...asked, policy, escalations: [...escalations, ...climbedTo] };
}

/** The level's own workflow is asked; one that is not to be had has answered nothing. */
async function answerAt(
  desk: Desk,
  { task, requester }: EscalationStart,
  level: AgentLevel,
  tried: readonly Tried[],
  cancellable: CancellationScope,
): Promise<AgentAnswer> {
  const workflowId = childOf({ root: desk.root }, level.name);
  const about = { gate: desk.name, level: level.name };
  const given: AgentStart = { v: 1, root: desk.root, level, task, requester, tried };
  try {
    const answer = await cancellable.run(async () => {
      const child = await startChild(WORKFLOW.askAgent, {
        workflowId,
        args: [given],
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        staticSummary: `level ${level.name} of ${desk.root.workflowId}`.slice(0, 200),
      });
      desk.waitOn({ level: level.name, waitingOn: workflowId });
      desk.ledger.note({
        type: 'level-opened',
        ...about,
        child: { workflowId, firstRunId: child.firstExecutionRunId },
      });
      const result: unknown = await child.result();
      if (!answers(result)) throw new TypeError('answered nothing that can be read');
      return result;
    });
    const { audit, error } = answer;
    const end = error === null ? { outcome: 'answered' } : { outcome: 'failed', reason: error };
    desk.ledger.note({ type: 'level-ended', ...about, child: workflowId, ...end, audit });
    return answer;
  } catch (error) {
    const { how } = lossOf(error);
    desk.ledger.note({ type: 'level-ended', ...about, child: workflowId, outcome: 'lost', reason: how });
    return failedAnswer(LOST, `the level ${level.name} ${how}`, level.name);
  } finally {
    desk.waitOn(undefined);
  }
}

function answers(result: unknown): result is AgentResult {
  const { error, confidence } = (result ?? {}) as Partial<AgentResult>;
  return (error === null || typeof error === 'string') && typeof confidence === 'number';
}
