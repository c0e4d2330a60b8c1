/** From approval to effect: on record first, then once, under a key that no attempt and no reset changes. */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  TimeoutFailure,
  type CancellationScope,
} from '@temporalio/workflow';
import type { Execution } from '../activities/types';
import { canonical, effectKey, sha256Hex } from '../domain/digest';
import { begin, settle, type ApprovedGate, type ExecutingGate, type Gate } from '../domain/gate';
import { guard, type Json } from '../domain/json';
import type { AuditHead } from '../domain/packet';
import { visibleLine } from '../domain/visible';
import { executeAtOnce, executor } from './calls';
import type { Desk } from './desk';

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
    const result = bounded(await cancellable.run(() => effect(desk, gate)));
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
    else desk.move(settle(gate, 'failed', `EXECUTE_FAILED: ${told(error, gate)}`));
    return {};
  }
}

async function effect(desk: Desk, gate: ExecutingGate): Promise<Json> {
  const evidence: AuditHead | undefined = desk.ledger.last('approved');
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
  const execution = { root, gate: gate.gate, revision, digest, action, args, key, evidence: at };
  if (runs.short === true) {
    const done = await atOnce(execution);
    if (done !== undefined) return done.result;
    desk.announceApproved();
  }
  return executor(runs, summary)('execute', execution);
}

/** A short effect that came off. Where it did not, and may yet, it goes on as any other, under the same key. */
async function atOnce(execution: Execution): Promise<{ readonly result: Json } | undefined> {
  try {
    return { result: await executeAtOnce(execution) };
  } catch (error) {
    // A local activity's failure comes bare, or wrapped like any other's.
    const inner = error instanceof ActivityFailure ? error.cause : error;
    const final = inner instanceof ApplicationFailure && inner.nonRetryable === true;
    if (isCancellation(error) || final) throw error;
    return undefined;
  }
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

function told(error: unknown, gate: ExecutingGate): string {
  const inner = error instanceof ActivityFailure && error.cause !== undefined ? error.cause : error;
  const { runs } = gate.assessment;
  // Nobody is left to say what became of it: the worker died, or was cut off.
  if (inner instanceof TimeoutFailure && runs.in === 'worker' && runs.attempts === 1)
    return (
      `${inner.message}. It may or may not have taken effect, and is not tried again, because its target is not known ` +
      `to deduplicate. Look for it there (key ${keyOf(gate)}); propose it again only if it did not happen`
    );
  return inner instanceof Error ? inner.message : String(inner);
}
