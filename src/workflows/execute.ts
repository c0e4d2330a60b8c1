/** From approval to effect: on record first, then once, under a key that no attempt and no reset changes. */
import { ActivityFailure, isCancellation, type CancellationScope } from '@temporalio/workflow';
import { canonical, effectKey, sha256Hex } from '../domain/digest';
import { begin, settle, type ApprovedGate, type ExecutingGate, type Gate } from '../domain/gate';
import { guard, type Json } from '../domain/json';
import type { AuditHead } from '../domain/packet';
import { visibleLine } from '../domain/visible';
import { executor } from './calls';
import type { Desk } from './gated';

/** The effect's result; nothing where the approval was called off, or nothing was to be executed. */
export async function execute(
  desk: Desk,
  approved: ApprovedGate,
  cancellable: CancellationScope,
): Promise<{ readonly result?: Json }> {
  const called = () => desk.gate()?.status !== 'approved';
  await desk.ledger.store(called);
  if (called()) return {}; // called off while the record was being stored: the approval is void
  const { runs } = approved.assessment;
  if (runs.in === 'nowhere') {
    desk.move(settle(approved, 'approved'));
    return {};
  }
  const gate = begin(desk.gate() as ApprovedGate);
  desk.move(gate);
  try {
    const result = bounded(await cancellable.run(() => effect(gate, desk.ledger.last('approved'))));
    desk.ledger.note({
      type: 'executed',
      gate: gate.gate,
      key: keyOf(gate),
      result: sha256Hex(canonical(result)),
    });
    desk.move(settle(gate, 'executed'));
    return { result };
  } catch (error) {
    if (isCancellation(error))
      desk.move(
        settle(
          gate,
          'cancelled',
          'cancelled between two attempts; whether an earlier attempt had an effect is not known',
        ),
      );
    else desk.move(settle(gate, 'failed', `EXECUTE_FAILED: ${told(error)}`));
    return {};
  }
}

function effect(gate: ExecutingGate, evidence: AuditHead | undefined): Promise<Json> {
  const { runs } = gate.assessment;
  const { digest, root, revision, proposal } = gate;
  const { action, args } = proposal;
  const key = keyOf(gate);
  if (runs.in === 'nowhere' || evidence === undefined) throw new TypeError('there is nothing to execute');
  const summary = visibleLine(action).slice(0, 150);
  if (runs.in === 'queue')
    return executor(runs, summary)(runs.activity, {
      input: runs.input,
      key,
      workflowId: root.workflowId,
      digest,
    });
  const at = { seq: evidence.entries, hash: evidence.head };
  return executor(runs, summary)('execute', {
    root,
    gate: gate.gate,
    revision,
    digest,
    action,
    args,
    key,
    evidence: at,
  });
}

function keyOf(gate: Gate): string {
  return effectKey(gate.root, gate.gate, gate.digest);
}

/** A result the workflow may carry: plain JSON within the limits, or a note of what it was. */
function bounded(result: unknown): Json {
  if (result === undefined) return null;
  const unfit = guard(result);
  return unfit === undefined ? (result as Json) : { notKept: unfit };
}

function told(error: unknown): string {
  const inner = error instanceof ActivityFailure && error.cause !== undefined ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
}
