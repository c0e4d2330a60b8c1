/** Where a gate's question comes from: the caller gives it, or an agent proposes it; in either case it is assessed before people see it. */
import { isCancellation, type CancellationScope } from '@temporalio/workflow';
import type { Proposed } from '../../activities/types';
import { cut } from '../../domain/cut';
import { sentBack, type Asked, type Failure, type ProposingGate, type Reproposed } from '../../domain/gate';
import { DEFAULT_POLICY, type Policy } from '../../domain/policy';
import { unproposed } from '../../domain/gate/no-proposal';
import { rootCause } from '../runtime/root-cause';
import { AGENT_LEVEL, noteProposed, proposalOfAgent } from './agent';
import { assessProposal, learnFrom, notAskable } from './assessment';
import type { GateRuntime } from './gate-runtime';
import { CALLED_OFF, type Asking, type QuestionSource, type Unasked } from './question';

/** From the caller, where a proposal is given, else from the agent; revisions always from the agent. */
export function callerOrAgent(asking: Asking): QuestionSource {
  return {
    first: (runtime, cancellable) => firstQuestion(runtime, asking, cancellable),
    again: (runtime, gate) => nextRevision(runtime, asking, gate),
  };
}

/** An action that is not registered, or args that do not fit, never open a gate; an agent that fails asks people. */
async function firstQuestion(
  runtime: GateRuntime,
  asking: Asking,
  cancellable: CancellationScope,
): Promise<Asked | Unasked> {
  const { proposal: given, requester, task } = asking.start;
  try {
    const proposed: Proposed =
      given === undefined
        ? await cancellable.run(() => proposalOfAgent(asking, { task }))
        : { ok: true, proposal: given, by: requester };
    noteProposed(runtime, asking, proposed);
    return await questionAbout(runtime, asking, proposed, cancellable);
  } catch (error) {
    if (isCancellation(error)) return CALLED_OFF;
    return { failed: 'failed', reason: `PROPOSE_FAILED: ${rootCause(error)}` };
  }
}

/** What was proposed, or that nothing was, as a question to people: assessed, under a policy. */
export async function questionAbout(
  runtime: GateRuntime,
  asking: Asking,
  proposed: Proposed,
  cancellable: CancellationScope,
): Promise<Asked | Unasked> {
  const calledOff = () => cancellable.consideredCancelled;
  // Of an agent that failed nothing is worth assessing any more; what was proposed is, and its refusal is the reason.
  if (!proposed.ok && calledOff()) return CALLED_OFF;
  const question = proposed.ok
    ? { proposal: proposed.proposal, by: proposed.by }
    : withoutProposal(asking, proposed, proposed.by);
  const head = headOf(runtime, asking);
  const found = await cancellable.run(() => assessProposal(asking, question.proposal, question.by, head));
  runtime.ledger.seeded(found.seed);
  if (!proposed.ok && calledOff()) return CALLED_OFF;
  if (!found.ok) return notAskable(found);
  if (calledOff()) return CALLED_OFF;
  return { ...head, ...question, ...learnFrom(runtime, found) };
}

/** The next revision, for people who sent one back. Where the agent has none, people are asked about that. */
async function nextRevision(runtime: GateRuntime, asking: Asking, gate: ProposingGate): Promise<Reproposed> {
  try {
    const request = { task: asking.start.task, earlier: sentBack(gate) };
    const proposed = await proposalOfAgent(asking, request);
    noteProposed(runtime, asking, proposed);
    if (!proposed.ok) return withoutProposal(asking, proposed, proposed.by, gate.policy);
    const { proposal, by } = proposed;
    const found = await assessProposal(asking, proposal, by);
    if (!found.ok) return withoutProposal(asking, found, by, gate.policy);
    const { assessment, policy } = found;
    return { assessment, policy, proposal, by };
  } catch (error) {
    // Where it was called off nobody will read this.
    const failure = { code: 'PROPOSE_FAILED', message: rootCause(error) };
    return withoutProposal(asking, failure, AGENT_LEVEL, gate.policy);
  }
}

/** What is the same for every revision of a question, as far as the workflow knows. */
export function headOf(runtime: GateRuntime, { start, root, setUp, escalations }: Asking) {
  return {
    root: root ?? runtime.root,
    gate: runtime.name,
    requester: start.requester,
    ...(start.callback === undefined ? {} : { callback: start.callback }),
    ...(escalations === undefined ? {} : { escalations }),
    ...(setUp === undefined ? {} : { setUp }),
  };
}

/** @param under the policy that the question is asked under. @default the caller's own, else the default */
function withoutProposal(
  { start: { task, policy: given }, otherwise = DEFAULT_POLICY }: Asking,
  failure: Failure,
  by: string,
  under?: Policy,
): Reproposed {
  const { code, message } = failure;
  const policy = under ?? (typeof given === 'object' ? given : otherwise);
  return unproposed(task, { code, message: cut(message, 2_000) }, policy, by);
}
