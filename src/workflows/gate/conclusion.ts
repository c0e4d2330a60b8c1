/** How a gate's workflow ends: all of it stored, whoever waits answered, people told, and the result with the head of its record. */
import { allHandlersFinished, condition, type CancellationScope } from '@temporalio/workflow';
import { ANSWER } from '../../domain/climb';
import { cancel, type Gate } from '../../domain/gate';
import type { Json } from '../../domain/json';
import type { Result } from '../../domain/packet';
import { shieldFromCancellation } from '../runtime/cancellation-shield';
import { nextRunOf, type NextRun } from '../runtime/continue-as-new';
import type { Carried } from './context';
import type { GateRuntime } from './gate-runtime';
import { CANCELLED } from './question';
import { isPending } from './wait-for-people';

/** Where the workflow is cancelled, its gate is called off, and the story ends on record all the same. */
export function shielded<T>(
  runtime: GateRuntime,
  story: (cancellable: CancellationScope) => Promise<T>,
): Promise<T> {
  const callOff = () => {
    const gate = runtime.gate();
    if (gate === undefined) return;
    const next = cancel(gate, CANCELLED);
    if (next !== gate) runtime.move(next);
  };
  return shieldFromCancellation(callOff, story);
}

/** @param argument of our own workflow types; a workflow of one's own sees to its runs itself */
export function nextRunOfGate(runtime: GateRuntime, argument: unknown): NextRun {
  const carried = (): Carried => {
    const openedAt = runtime.openedAt();
    return {
      gate: runtime.gate() as Gate,
      ledger: runtime.ledger.state(),
      setting: runtime.context(),
      ...(openedAt === undefined ? {} : { openedAt }),
    };
  };
  const continuable = {
    ledger: runtime.ledger,
    signals: () => runtime.signals(),
    holds: () => runtime.holds(),
    isPending: () => isPending(runtime),
    carried,
  };
  return nextRunOf(continuable, argument);
}

/** What arrives while the end is stored and told is on record, too. */
export async function conclude(runtime: GateRuntime, executed?: Json): Promise<Result> {
  for (;;) {
    await runtime.ledger.store();
    const result = resultOf(runtime, executed);
    runtime.conclude(result);
    await condition(() => allHandlersFinished() && !runtime.holds());
    await runtime.notices.settled();
    if (runtime.ledger.pending() === 0) return result;
  }
}

function resultOf(runtime: GateRuntime, executed: Json | undefined): Result {
  const gate = runtime.gate();
  const answer = answerIn(gate);
  const result = answer === undefined ? executed : answer;
  const { outcome = 'failed', reason, proposal, digest, escalations = [] } = runtime.packet();
  return {
    v: 1,
    outcome,
    ...(result === undefined ? {} : { result }),
    ...(proposal === undefined ? {} : { proposal }),
    ...(digest === undefined ? {} : { digest }),
    decisions: gate?.decisions ?? [],
    escalations,
    ...(reason === undefined ? {} : { reason }),
    audit: runtime.ledger.head(),
  };
}

/** What a person said in place of the action, or the very output that people have approved. */
function answerIn(gate: Gate | undefined): Json | undefined {
  if (gate?.status !== 'closed') return undefined;
  if (gate.outcome !== 'approved' || gate.proposal.action !== ANSWER) return gate.answer;
  return gate.proposal.args['output'];
}
