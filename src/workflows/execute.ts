/** From approval to effect: on record first, then once, under a key that no attempt and no reset changes. */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  TimeoutFailure,
  type CancellationScope,
} from '@temporalio/workflow';
import type { Execution } from '../activities/types';
import { evidenceOf } from '../domain/approval';
import { executedFacts } from '../domain/audit';
import { effectKey } from '../domain/digest';
import {
  begin,
  hold,
  lapse,
  instant,
  settle,
  type ApprovedGate,
  type ExecutingGate,
  type Gate,
} from '../domain/gate';
import { kept, type Json } from '../domain/json';
import type { AuditHead } from '../domain/packet';
import { visibleLine } from '../domain/visible';
import { executeAtOnce, executor } from './calls';
import { now } from './clock';
import type { Desk } from './desk';

/** The effect's result; nothing where the approval was called off, or nothing was to be executed. */
export async function execute(
  desk: Desk,
  approved: ApprovedGate,
  cancellable: CancellationScope,
): Promise<{ readonly result?: Json }> {
  const { runs } = approved.assessment;
  if (runs.in === 'worker' && runs.short === true) {
    const done = await atOnce(desk, approved, cancellable);
    if (done !== undefined) return done;
  }
  const { executeBefore = Number.POSITIVE_INFINITY } = approved;
  const off = () => desk.gate()?.status !== 'approved';
  const permit = runs.in === 'queue' ? executionOf(desk, approved) : undefined;
  try {
    await desk.ledger.store(() => off() || now() >= executeBefore, { latest: executeBefore, permit });
  } catch (error) {
    return off() ? {} : failed(desk, begin(asIs(desk, approved)), error);
  }
  if (off()) return {}; // called off while the record was being stored: the approval is void
  const lapsed = lapse(asIs(desk, approved), now());
  if (lapsed.status === 'closed') {
    desk.move(lapsed);
    return {};
  }
  if (runs.in === 'nowhere') {
    desk.move(settle(asIs(desk, approved), 'approved'));
    return {};
  }
  const gate = begin(asIs(desk, approved));
  desk.move(gate);
  try {
    return executed(desk, gate, await cancellable.run(() => effect(desk, gate)));
  } catch (error) {
    return failed(desk, gate, error);
  }
}

/** As it stands now: decisions that came while something was waited for have left their receipts on it. */
function asIs<G extends ApprovedGate | ExecutingGate>(desk: Desk, gate: G): G {
  const here = desk.gate();
  return here?.status === gate.status ? (here as G) : gate;
}

function executed(desk: Desk, gate: ExecutingGate, returned: Json): { readonly result: Json } {
  const result = kept(returned);
  const [fact] = executedFacts(gate.gate, keyOf(gate), result);
  if (fact !== undefined) desk.ledger.note(fact); // what closes it is noted as it moves
  desk.move(settle(asIs(desk, gate), 'executed'));
  return { result };
}

function failed(desk: Desk, begun: ExecutingGate, error: unknown): Record<never, never> {
  const gate = asIs(desk, begun);
  const between = 'cancelled between two attempts; whether an earlier attempt had an effect is not known';
  const late = overdue(gate, error);
  if (isCancellation(error)) desk.move(settle(gate, 'cancelled', between));
  else if (late !== undefined) desk.move(settle(gate, 'expired', late));
  else desk.move(settle(gate, 'failed', `EXECUTE_FAILED: ${told(error, gate)}`));
  return {};
}

/** The policy's own time to execute was up, or would have been before another attempt. */
function overdue({ executeBefore }: ExecutingGate, error: unknown): string | undefined {
  if (executeBefore === undefined) return undefined;
  const inner = error instanceof ActivityFailure ? error.cause : error;
  const by = `approved, but not executed by ${instant(executeBefore)}`;
  if (inner instanceof ApplicationFailure && inner.type === 'APPROVAL_EXPIRED') return by;
  const whole = inner instanceof TimeoutFailure && inner.timeoutType !== 'START_TO_CLOSE';
  if (!(error instanceof ActivityFailure) || !(error.retryState === 'TIMEOUT' || whole)) return undefined;
  return `${by}: ${error.cause?.message ?? error.message}; whether an earlier attempt had an effect is not known`;
}

async function effect(desk: Desk, gate: ExecutingGate): Promise<Json> {
  const { runs } = gate.assessment;
  const { digest, root, proposal } = gate;
  const { action } = proposal;
  const key = keyOf(gate);
  if (runs.in === 'nowhere') throw new TypeError('there is nothing to execute');
  const summary = visibleLine(action).slice(0, 150);
  const within = gate.executeBefore === undefined ? undefined : gate.executeBefore - now();
  if (runs.in === 'queue')
    return executor(
      runs,
      summary,
      within,
    )(runs.activity, {
      input: runs.input,
      key,
      workflowId: root.workflowId,
      digest,
    });
  desk.announceApproved();
  return executor(runs, summary, within)('execute', executionOf(desk, gate));
}

/**
 * A short effect inside the workflow task, its record stored in the same step before it. Where it does not come off, and
 * may yet, it goes on as any other, under the same key.
 */
async function atOnce(
  desk: Desk,
  approved: ApprovedGate,
  cancellable: CancellationScope,
): Promise<{ readonly result?: Json } | undefined> {
  const gate = begin(approved);
  desk.move(gate);
  const request = { chain: desk.ledger.chain(), execution: executionOf(desk, gate), at: instant(now()) };
  try {
    const { result, stored } = await cancellable.run(() => executeAtOnce(request));
    const done = executed(desk, gate, result);
    desk.ledger.taken(stored, request.chain);
    return done;
  } catch (error) {
    // A local activity's failure comes bare, or wrapped like any other's.
    const inner = error instanceof ActivityFailure ? error.cause : error;
    const final = inner instanceof ApplicationFailure && inner.nonRetryable === true;
    if (final || isCancellation(error)) return failed(desk, gate, error);
    desk.move(hold(asIs(desk, gate)));
    return undefined;
  }
}

function executionOf(desk: Desk, gate: ApprovedGate | ExecutingGate): Execution {
  const evidence: AuditHead | undefined = desk.ledger.last('approved');
  if (evidence === undefined) throw new TypeError('nothing was approved');
  const { digest, root, revision, proposal, setUp } = gate;
  const { action, args, confidence, sensitive } = proposal;
  return {
    root,
    ...(setUp?.home === undefined ? {} : { record: desk.root }),
    gate: gate.gate,
    revision,
    digest,
    action,
    args,
    ...(setUp?.undo === undefined ? {} : { undo: setUp.undo }),
    key: keyOf(gate),
    evidence: { seq: evidence.entries, hash: evidence.head },
    approval: evidenceOf(gate),
    claims: { confidence, sensitive },
  };
}

function keyOf(gate: Gate): string {
  return effectKey(gate.root, gate.gate, gate.digest);
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
