/** The one story behind every workflow type: it is proposed, people are asked, it is executed, and all of it recorded. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  allHandlersFinished,
  workflowInfo,
} from '@temporalio/workflow';
import type { Root } from '../domain/digest';
import { cancel, type Gate } from '../domain/gate';
import type { Json } from '../domain/json';
import type { Result } from '../domain/packet';
import type { Start } from '../domain/start';
import { openDesk, type Desk } from './desk';
import { execute } from './execute';
import { gated } from './gated';
import { openLedger, type Ledger } from './ledger';
import { ask, askAgain, CANCELLED, type Unasked } from './ask';

/** The workflow's gates, one after the other, on one chain of audit entries. */
let ledger: Ledger | undefined;
const desks: Desk[] = [];

/** @throws ApplicationFailure GATE_NAME_TAKEN, GATE_OPEN: a workflow has one gate at a time, each by its own name */
export async function countersigned(start: Start, gate: string): Promise<Result> {
  const desk = nextDesk(gate, start.requester);
  return uncancelled(desk, async (cancellable) => {
    const asked = await ask(desk, start, cancellable);
    if ('failed' in asked) return stopped(desk, asked);
    const decided = await gated(desk, asked, (sentBack) => askAgain(desk, start, sentBack));
    const done = decided.status === 'approved' ? await execute(desk, decided, cancellable) : {};
    return finished(desk, done.result);
  });
}

function nextDesk(name: string, requester: string): Desk {
  if (desks.some((desk) => desk.name === name))
    throw ApplicationFailure.nonRetryable(
      `this workflow had a gate ${JSON.stringify(name)} already; give each gate a name of its own`,
      'GATE_NAME_TAKEN',
    );
  const before = desks.at(-1);
  if (before !== undefined && before.packet().status !== 'closed')
    throw ApplicationFailure.nonRetryable(
      `the gate ${JSON.stringify(before.name)} is still open; ask one after the other, or in child workflows`,
      'GATE_OPEN',
    );
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const root: Root = { workflowId, firstRunId: firstExecutionRunId };
  ledger ??= openLedger(root, name);
  const desk = openDesk(root, name, requester, ledger, before);
  desks.push(desk);
  return desk;
}

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
      callOff(desk);
    });
    return story(cancellable);
  });
}

function callOff(desk: Desk): void {
  const gate = desk.gate();
  if (gate === undefined) return;
  const next = cancel(gate, CANCELLED);
  if (next !== gate) desk.move(next);
}

async function stopped(desk: Desk, { failed, reason }: Unasked): Promise<Result> {
  desk.closeUnopened(failed, reason);
  return finished(desk);
}

/** On record, answered to whoever waits, and told: what arrives meanwhile is on record, too. */
async function finished(desk: Desk, executed?: Json): Promise<Result> {
  for (;;) {
    await desk.ledger.store();
    const result = resultOf(desk, executed);
    desk.conclude(result);
    await condition(allHandlersFinished);
    if (desk.ledger.pending() === 0) return result;
  }
}

function resultOf(desk: Desk, executed: Json | undefined): Result {
  const gate: Gate | undefined = desk.gate();
  const result = gate?.status === 'closed' && gate.answer !== undefined ? gate.answer : executed;
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
