/** A level after the first, asked in a child workflow of its own; whatever becomes of the child, it is no approval by accident. */
import { ChildWorkflowCancellationType, startChild, type CancellationScope } from '@temporalio/workflow';
import { guard } from '../../domain/json';
import { behind, lost, resume, resumeEdited, type LevelEnd } from '../../domain/ladder';
import type { Gate, WaitingGate } from '../../domain/gate';
import type { AuditHead } from '../../domain/packet';
import { WORKFLOW } from '../../domain/workflow-types';
import { lossOf } from '../runtime/child';
import { now } from '../runtime/replay-clock';
import type { Desk } from './gate-runtime';
import { assessEdit } from './lookups';
import type { Setting } from './context';

/** What a level's workflow is given. */
export interface LevelStart {
  readonly v: 1;
  readonly gate: WaitingGate;
  readonly setting: Setting;
}

/** What it answers, beside what every workflow with a gate does. */
export interface LevelResult {
  readonly level: LevelEnd;
  readonly audit: AuditHead;
}

/** Asks the level and moves the gate on, once the child has ended. */
export async function askLevel(desk: Desk, gate: WaitingGate, cancellable: CancellationScope): Promise<void> {
  const { waitingOn: workflowId, level, gate: name } = gate;
  const still = () => {
    const here = desk.gate(); // it may have been called off meanwhile
    return here?.status === 'waiting' ? here : undefined;
  };
  const ended = (outcome: string, more: { reason?: string; audit?: AuditHead } = {}) => {
    desk.ledger.note({
      type: 'level-ended',
      gate: name,
      level: level.name,
      child: workflowId,
      outcome,
      ...more,
    });
  };
  try {
    const result = await cancellable.run(() => asked(desk, gate));
    const { level: end, audit } = result;
    ended(end.outcome, { ...(end.reason === undefined ? {} : { reason: end.reason }), audit });
    const waiting = still();
    if (waiting !== undefined) await goOn(desk, waiting, end);
  } catch (error) {
    const { how } = lossOf(error);
    ended('lost', { reason: how });
    const waiting = still();
    if (waiting !== undefined) desk.move(lost(waiting, how, now()));
  }
}

async function asked(desk: Desk, gate: WaitingGate): Promise<LevelResult> {
  const { waitingOn: workflowId, level, gate: name } = gate;
  // What it was told before is the owner's; the level has decisions and receipts of its own.
  const start: LevelStart = {
    v: 1,
    gate: { ...gate, earlier: behind(gate), decisions: [], answered: [] },
    setting: desk.setting(),
  };
  const child = await startChild(WORKFLOW.reviewLevel, {
    workflowId,
    args: [start],
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `level ${level.name} of ${gate.root.workflowId}`.slice(0, 200),
  });
  const { firstExecutionRunId: firstRunId } = child;
  desk.ledger.note({
    type: 'level-opened',
    gate: name,
    level: level.name,
    child: { workflowId, firstRunId },
  });
  const result: unknown = await child.result();
  if (!answers(result)) throw new TypeError('answered nothing that can be read');
  return result;
}

async function goOn(desk: Desk, gate: WaitingGate, end: LevelEnd): Promise<void> {
  if (end.edited === undefined) {
    desk.move(resume(gate, end, now()));
    return;
  }
  const decision = end.decisions.find(({ id }) => id === end.edited?.decision);
  const { found, unfit } = decision === undefined ? {} : await assessEdit(gate, decision, desk.setting());
  const here: Gate | undefined = desk.gate();
  if (here?.status !== 'waiting') return;
  if (found !== undefined) desk.move(resumeEdited(here, end, found, now()));
  else desk.move(lost(here, `edited it to what cannot be asked: ${unfit?.message ?? ''}`, now()));
}

function answers(result: unknown): result is LevelResult {
  if (guard(result) !== undefined && typeof result !== 'object') return false;
  const level = (result as Partial<LevelResult> | null)?.level as Partial<LevelEnd> | undefined;
  return (
    typeof level?.outcome === 'string' && Array.isArray(level.signatures) && Array.isArray(level.decisions)
  );
}
