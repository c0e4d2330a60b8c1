/** A level after the first, asked in a child workflow of its own; whatever becomes of the child, it is no approval by accident. */
import type { CancellationScope } from '@temporalio/workflow';
import type { WaitingGate } from '../../domain/gate';
import { guard } from '../../domain/json';
import { behind, lost, resume, resumeEdited, type LevelEnd } from '../../domain/gate/levels';
import type { AuditHead } from '../../domain/packet';
import { WORKFLOW } from '../../domain/workflow-types';
import { describeChildFailure, runChild } from '../runtime/child';
import { now } from '../runtime/replay-clock';
import type { GateContext } from './context';
import type { GateRuntime } from './gate-runtime';
import { assessEdit } from './lookups';

/** What a level's workflow is given. */
export interface LevelStart {
  readonly v: 1;
  readonly gate: WaitingGate;
  readonly setting: GateContext;
}

/** What it answers, beside what every workflow with a gate does. */
export interface LevelResult {
  readonly level: LevelEnd;
  readonly audit: AuditHead;
}

/** Asks the level and moves the gate on, once the child has ended. */
export async function askLevel(
  runtime: GateRuntime,
  gate: WaitingGate,
  cancellable: CancellationScope,
): Promise<void> {
  try {
    const { level, audit } = await cancellable.run(() => runLevel(runtime, gate));
    const { outcome, reason } = level;
    noteEnd(runtime, gate, { outcome, ...(reason === undefined ? {} : { reason }), audit });
    const waiting = stillWaiting(runtime);
    if (waiting !== undefined) await resumeAfter(runtime, waiting, level);
  } catch (error) {
    // Also where the answer can be read, and is none that the gate can go on with.
    const { how } = describeChildFailure(error);
    noteEnd(runtime, gate, { outcome: 'lost', reason: how });
    const waiting = stillWaiting(runtime);
    if (waiting !== undefined) runtime.move(lost(waiting, how, now()));
  }
}

function runLevel(runtime: GateRuntime, gate: WaitingGate): Promise<LevelResult> {
  const { waitingOn: workflowId, level, gate: name, root } = gate;
  // What it was told before is the owner's; the level has decisions and receipts of its own.
  const argument: LevelStart = {
    v: 1,
    gate: { ...gate, earlier: behind(gate), decisions: [], answered: [] },
    setting: runtime.context(),
  };
  return runChild({
    type: WORKFLOW.reviewLevel,
    workflowId,
    argument,
    summary: `level ${level.name} of ${root.workflowId}`,
    started: (child) => {
      runtime.ledger.note({ type: 'level-opened', gate: name, level: level.name, child });
    },
    isResult: isLevelResult,
  });
}

function noteEnd(
  { ledger }: GateRuntime,
  { gate, level, waitingOn: child }: WaitingGate,
  end: { readonly outcome: string; readonly reason?: string; readonly audit?: AuditHead },
): void {
  ledger.note({ type: 'level-ended', gate, level: level.name, child, ...end });
}

/** The gate, unless it has been called off meanwhile. */
function stillWaiting(runtime: GateRuntime): WaitingGate | undefined {
  const gate = runtime.gate();
  return gate?.status === 'waiting' ? gate : undefined;
}

async function resumeAfter(runtime: GateRuntime, gate: WaitingGate, end: LevelEnd): Promise<void> {
  if (end.edited === undefined) {
    runtime.move(resume(gate, end, now()));
    return;
  }
  const decision = end.decisions.find(({ id }) => id === end.edited?.decision);
  const { found, unfit } = decision === undefined ? {} : await assessEdit(gate, decision, runtime.context());
  const waiting = stillWaiting(runtime);
  if (waiting === undefined) return;
  if (found !== undefined) runtime.move(resumeEdited(waiting, end, found, now()));
  else runtime.move(lost(waiting, `edited it to what cannot be asked: ${unfit?.message ?? ''}`, now()));
}

function isLevelResult(result: unknown): result is LevelResult {
  if (guard(result) !== undefined && typeof result !== 'object') return false;
  const level = (result as Partial<LevelResult> | null)?.level as Partial<LevelEnd> | undefined;
  return (
    typeof level?.outcome === 'string' && Array.isArray(level.signatures) && Array.isArray(level.decisions)
  );
}
