/** Gets what people will be asked: given by the caller, or proposed by an agent, and in either case assessed. */
import { ActivityFailure, isCancellation, patched, type CancellationScope } from '@temporalio/workflow';
import type { Proposed } from '../activities/types';
import { sentBack, type Asked, type Failure, type ProposingGate, type Reproposed } from '../domain/gate';
import { DEFAULT_POLICY } from '../domain/policy';
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
      return { ...asking(desk, requester), ...withoutProposal(start, proposed, proposed.by) };
    }
    const found = await cancellable.run(() => assessed(start, proposed.proposal));
    if (!found.ok) return { failed: 'failed', reason: `${found.code}: ${found.message}` };
    if (called()) return { failed: 'cancelled', reason: CANCELLED };
    const { assessment, policy } = found;
    return { ...asking(desk, requester), proposal: proposed.proposal, policy, assessment, by: proposed.by };
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
    if (!proposed.ok) return withoutProposal(start, proposed, proposed.by);
    const found = await assessed(start, proposed.proposal);
    if (!found.ok) return withoutProposal(start, found, proposed.by);
    return { ...found, proposal: proposed.proposal, by: proposed.by };
  } catch (error) {
    // Where it was called off nobody will read this.
    return withoutProposal(start, { code: 'PROPOSE_FAILED', message: cause(error) }, AGENT_LEVEL);
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

function assessed({ policy }: Start, { action, args }: Asked['proposal']) {
  return assess({ action, args, ...(policy === undefined ? {} : { policy }) });
}

function withoutProposal({ task, policy = DEFAULT_POLICY }: Start, failure: Failure, by: string): Reproposed {
  const { code, message } = failure;
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
