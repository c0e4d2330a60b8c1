/** Gets what people will be asked: given by the caller, or proposed by an agent, and in either case assessed. */
import { ActivityFailure, isCancellation, patched, type CancellationScope } from '@temporalio/workflow';
import type { Assessed, Proposed } from '../activities/types';
import { sentBack, type Asked, type Failure, type ProposingGate, type Reproposed } from '../domain/gate';
import { DEFAULT_POLICY, type Policy } from '../domain/policy';
import type { Start } from '../domain/start';
import { unproposed } from '../domain/unproposed';
import { assess, propose } from './calls';
import type { Desk } from './desk';

export interface Unasked {
  readonly failed: 'failed' | 'cancelled';
  readonly reason: string;
}

/** Who proposes where the caller gave nothing. */
const AGENT_LEVEL = 'AGENT';
export const CANCELLED = 'the workflow was cancelled';

/** An action that is not registered, or args that do not fit, never open a gate; an agent that fails asks people. */
export async function ask(
  desk: Desk,
  start: Start,
  cancellable: CancellationScope,
): Promise<Asked | Unasked> {
  const { requester } = start;
  try {
    const proposed: Proposed =
      start.proposal === undefined
        ? await cancellable.run(() => fromAgent({ task: start.task }))
        : { ok: true, proposal: start.proposal, by: requester };
    note(desk, start, proposed);
    const called = () => cancellable.consideredCancelled;
    if (!proposed.ok) {
      if (called()) return { failed: 'cancelled', reason: CANCELLED };
      // Earlier runs of this code ended here.
      if (!patched('people-are-asked-where-an-agent-fails'))
        return { failed: 'failed', reason: `${proposed.code}: ${proposed.message}` };
      const question = withoutProposal(start, proposed, proposed.by);
      // Earlier runs went by the default policy here, and knew no directory.
      if (!patched('the-question-is-assessed')) return { ...asking(desk, requester), ...question };
      const found = await cancellable.run(() => assessed(start, question.proposal, question.by));
      if (called()) return { failed: 'cancelled', reason: CANCELLED };
      return found.ok
        ? { ...asking(desk, requester), ...question, ...opening(desk, found) }
        : unopened(found);
    }
    const { proposal, by } = proposed;
    const found = await cancellable.run(() => assessed(start, proposal, by));
    if (!found.ok) return unopened(found);
    if (called()) return { failed: 'cancelled', reason: CANCELLED };
    return { ...asking(desk, requester), proposal, by, ...opening(desk, found) };
  } catch (error) {
    if (isCancellation(error)) return { failed: 'cancelled', reason: CANCELLED };
    return { failed: 'failed', reason: `PROPOSE_FAILED: ${cause(error)}` };
  }
}

/** The next revision, for people who sent one back. Where the agent has none, people are asked about that. */
export async function askAgain(desk: Desk, start: Start, gate: ProposingGate): Promise<Reproposed> {
  try {
    const proposed = await fromAgent({ task: start.task, earlier: sentBack(gate) });
    note(desk, start, proposed);
    if (!proposed.ok) return withoutProposal(start, proposed, proposed.by, gate.policy);
    const { proposal, by } = proposed;
    const found = await assessed(start, proposal, by);
    if (!found.ok) return withoutProposal(start, found, by, gate.policy);
    const { assessment, policy } = found;
    return { assessment, policy, proposal, by };
  } catch (error) {
    // Where it was called off nobody will read this.
    const failure = { code: 'PROPOSE_FAILED', message: cause(error) };
    return withoutProposal(start, failure, AGENT_LEVEL, gate.policy);
  }
}

function asking({ root, name }: Desk, requester: string): Pick<Asked, 'root' | 'gate' | 'requester'> {
  return { root, gate: name, requester };
}

/** A day of failed attempts is an answer, too: the agent is not to be had. */
async function fromAgent(request: Omit<Parameters<typeof propose>[0], 'level'>): Promise<Proposed> {
  try {
    return await propose({ ...request, level: AGENT_LEVEL });
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return { ok: false, code: 'MODEL_UNAVAILABLE', message: cause(error), by: AGENT_LEVEL };
  }
}

function assessed({ policy, confirmation, requester }: Start, proposal: Asked['proposal'], by: string) {
  const { action, args, confidence, sensitive } = proposal;
  return assess({
    action,
    args,
    confidence,
    sensitive,
    requester,
    by,
    ...(policy === undefined ? {} : { policy }),
    ...(confirmation === undefined ? {} : { confirmation }),
  });
}

function unopened({ code, message }: Extract<Assessed, { ok: false }>): Unasked {
  return { failed: 'failed', reason: `${code}: ${message}` };
}

/** What the worker says of the gate that is to be opened, and of itself. */
function opening(desk: Desk, found: Extract<Assessed, { ok: true }>) {
  const { assessment, policy, reviewers, channels } = found;
  if (channels === true) desk.set({ ...desk.setting(), channels });
  return { assessment, policy, ...(reviewers === undefined ? {} : { reviewers }) };
}

/** @param under the policy that the question is asked under. @default the caller's own, else the default */
function withoutProposal(
  { task, policy: given }: Start,
  failure: Failure,
  by: string,
  under?: Policy,
): Reproposed {
  const { code, message } = failure;
  const policy = under ?? (typeof given === 'object' ? given : DEFAULT_POLICY);
  return unproposed(task, { code, message: message.slice(0, 2_000) }, policy, by);
}

function note(desk: Desk, { task, requester }: Start, proposed: Proposed): void {
  const { by, generation } = proposed;
  const made = generation === undefined ? {} : { generation };
  if (proposed.ok)
    desk.ledger.note({ type: 'proposed', by, requester, task, proposal: proposed.proposal, ...made });
  else {
    const { code, message } = proposed;
    desk.ledger.note({ type: 'proposal-failed', by, requester, task, code, message, ...made });
  }
}

function cause(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner.message : String(inner);
}
