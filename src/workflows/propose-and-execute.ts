/**
 * Pause before: an agent proposes (or the caller does), people decide, then it runs.
 */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  allHandlersFinished,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { Root } from '../domain/digest';
import { parseStart, type Start } from '../domain/start';
import type { Asked, Gate } from '../domain/gate';
import type { Result } from '../domain/packet';
import type { Json } from '../domain/json';
import { assess, propose } from './calls';
import { execute } from './execute';
import { callOff, openDesk, type Desk } from './gated';

const GATE = 'main';
/** Who proposes where the caller gave none. */
const AGENT_LEVEL = 'AGENT';

export async function proposeAndExecute(argument: unknown): Promise<Result> {
  const start = checked(argument);
  const desk = openDesk(root(), GATE, start.requester);
  return uncancelled(desk, async (cancellable) => {
    const asked = await ask(desk, start, cancellable);
    if ('failed' in asked) return stopped(desk, asked);
    const gate = await desk.gated(asked);
    const done = gate.status === 'approved' ? await execute(desk, gate, cancellable) : {};
    return finished(desk, done.result);
  });
}

function checked(argument: unknown): Start {
  const parsed = parseStart(argument);
  if (parsed.ok) return parsed.start;
  throw ApplicationFailure.nonRetryable(`INVALID_INPUT: ${parsed.problem}`, 'INVALID_INPUT');
}

function root(): Root {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return { workflowId, firstRunId: firstExecutionRunId };
}

interface Unasked {
  readonly failed: 'failed' | 'cancelled';
  readonly reason: string;
}

/** The proposal, assessed: an action that is not registered, or args that do not fit, never open a gate. */
async function ask(desk: Desk, start: Start, cancellable: CancellationScope): Promise<Asked | Unasked> {
  const { task, requester } = start;
  try {
    const proposed =
      start.proposal === undefined
        ? await cancellable.run(() => propose({ task, level: AGENT_LEVEL }))
        : { ok: true as const, proposal: start.proposal, by: requester };
    if (!proposed.ok) {
      const { by, code, message } = proposed;
      desk.ledger.note({ type: 'proposal-failed', by, requester, task, code, message });
      return { failed: 'failed', reason: `${code}: ${message}` };
    }
    const { proposal, by } = proposed;
    desk.ledger.note({ type: 'proposed', by, requester, task, proposal });
    const { action, args } = proposal;
    const found = await cancellable.run(() =>
      assess({ action, args, ...(start.policy === undefined ? {} : { policy: start.policy }) }),
    );
    if (!found.ok) return { failed: 'failed', reason: `${found.code}: ${found.message}` };
    if (cancellable.consideredCancelled) return { failed: 'cancelled', reason: CANCELLED };
    const { assessment, policy } = found;
    return { root: desk.root, gate: GATE, requester, proposal, policy, assessment };
  } catch (error) {
    if (isCancellation(error)) return { failed: 'cancelled', reason: CANCELLED };
    return { failed: 'failed', reason: `PROPOSE_FAILED: ${cause(error)}` };
  }
}

const CANCELLED = 'the workflow was cancelled';

/**
 * Runs the story out of reach of a cancellation, so that it ends on record: the gate is told, and only what the story
 * runs in `cancellable` (the agent, the effect) is called off.
 */
async function uncancelled(
  desk: Desk,
  story: (cancellable: CancellationScope) => Promise<Result>,
): Promise<Result> {
  const current = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    const cancellable = new CancellationScope({ cancellable: true });
    current.cancelRequested.catch(() => {
      cancellable.cancel();
      callOff(desk, CANCELLED);
    });
    return story(cancellable);
  });
}

async function stopped(desk: Desk, { failed, reason }: Unasked): Promise<Result> {
  desk.closeUnopened(failed, reason);
  return finished(desk);
}

async function finished(desk: Desk, result?: Json): Promise<Result> {
  await desk.ledger.store();
  await condition(allHandlersFinished);
  const gate: Gate | undefined = desk.gate();
  const { outcome = 'failed', reason, proposal, digest } = desk.packet();
  return {
    v: 1,
    outcome,
    ...(result === undefined ? {} : { result }),
    ...(proposal === undefined ? {} : { proposal }),
    ...(digest === undefined ? {} : { digest }),
    decisions: gate?.decisions ?? [],
    escalations: [],
    ...(reason === undefined ? {} : { reason }),
    audit: desk.ledger.head(),
  };
}

function cause(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
}
