/** From approval to effect: on record and judged first, then once, under a key that no attempt and no reset changes. */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  type CancellationScope,
} from '@temporalio/workflow';
import type { Dispatched, Execution, Judged } from '../../activities/types';
import { evidenceOf } from '../../domain/gate/evidence';
import { endingFacts, type EffectOf, type Ending } from '../../domain/ending';
import {
  startExecuting,
  revertToApproved,
  lapse,
  instant,
  closeAfterApproval,
  type ApprovedGate,
  type ExecutingGate,
  isLevelGate,
} from '../../domain/gate';
import type { ClosedGate } from '../../domain/gate';
import type { Json } from '../../domain/json';
import type { AuditHead } from '../../domain/packet';
import { BY_HAND } from '../../domain/permit';
import { executeInline } from '../runtime/activities';
import { now } from '../runtime/replay-clock';
import type { GateRuntime } from './gate-runtime';
import { keyOf, recordEnding, runEffect, stopOf } from './effect';
import type { Storing } from '../record/store-pending';

/** The effect's result; nothing where the approval was called off, or nothing was to be executed. */
export async function execute(
  runtime: GateRuntime,
  approved: ApprovedGate,
  cancellable: CancellationScope,
): Promise<Executed> {
  const { runs } = approved.assessment;
  if (runs.in === 'worker' && runs.short === true) {
    const done = await executeInTask(runtime, approved, cancellable);
    if (done !== undefined) return done;
  }
  const judged = await recordAndJudge(runtime, approved, {
    dispatch: runs.in === 'queue',
    // Our own executor judges it just before the effect; what has no effect here is judged with its record.
    executes: runs.in === 'worker',
  });
  if ('closed' in judged) return {};
  if (runs.in === 'nowhere') {
    runtime.move(closeAfterApproval(current(runtime, approved), 'approved'));
    return {};
  }
  const gate = startExecuting(current(runtime, approved));
  runtime.move(gate);
  const call = judged.dispatched ?? executionOf(runtime, gate);
  const answered = await cancellable
    .run(() => runEffect(runtime, gate, call))
    .then(
      (answer) => ({ answer }),
      (error: unknown) => ({ otherwise: stopOf(current(runtime, gate), error) }),
    );
  const of = effectOf(gate, judged.dispatched);
  return close(runtime, gate, of, await recordEnding(runtime, of, answered));
}

interface Executed {
  readonly result?: Json;
}

/** The approval of one level, which its owner acts on: judged where it was given. */
export async function judgeLevelApproval(
  runtime: GateRuntime,
  approved: ApprovedGate,
): Promise<ApprovedGate | ClosedGate> {
  const judged = await recordAndJudge(runtime, approved, {});
  return 'closed' in judged ? judged.closed : current(runtime, approved);
}

type Recorded = { readonly closed: ClosedGate } | { readonly dispatched: Dispatched | undefined };

/** Everything is on record, and the approval has been gone through; or the gate is closed: called off, too late, or not as it should be. */
async function recordAndJudge(
  runtime: GateRuntime,
  approved: ApprovedGate,
  { dispatch = false, executes = false }: Pick<Storing, 'dispatch' | 'executes'>,
): Promise<Recorded> {
  const { executeBefore = Number.POSITIVE_INFINITY } = approved;
  const isCalledOff = () => runtime.gate()?.status !== 'approved';
  const isMoot = () => isCalledOff() || now() >= executeBefore;
  let judged: Judged = {};
  try {
    const judge = () => executionOf(runtime, approved);
    judged = (await runtime.ledger.store(isMoot, { latest: executeBefore, judge, dispatch, executes })) ?? {};
    if (judged.gone !== undefined) {
      runtime.ledger.note({ type: 'histories-gone', gate: approved.gate, runs: [...judged.gone] });
      await runtime.ledger.store(isMoot, { latest: executeBefore });
    }
  } catch (error) {
    if (!isCalledOff()) runtime.move(closedBy(runtime, startExecuting(current(runtime, approved)), error));
  }
  // Called off while the record was being stored: the approval is void.
  if (isCalledOff()) return { closed: runtime.gate() as ClosedGate };
  const lapsed = lapse(current(runtime, approved), now());
  if (lapsed.status === 'closed') {
    runtime.move(lapsed);
    return { closed: lapsed };
  }
  if (!dispatch) return { dispatched: undefined };
  const { dispatch: call, permit } = judged;
  if (call === undefined || permit === undefined)
    throw new TypeError('there is no permit for what is to be called');
  return { dispatched: { dispatch: call, permit } };
}

function closedBy(runtime: GateRuntime, gate: ExecutingGate, error: unknown): ClosedGate {
  const { outcome, reason } = stopOf(gate, error);
  return closeAfterApproval(current(runtime, gate), outcome, reason);
}

/** As it stands now: decisions that came while something was waited for have left their receipts on it. */
function current<G extends ApprovedGate | ExecutingGate>(runtime: GateRuntime, gate: G): G {
  const here = runtime.gate();
  return here?.status === gate.status ? (here as G) : gate;
}

/** What the effect came to is noted as the activity has stored it; what closes the gate is noted as it moves. */
function close(
  runtime: GateRuntime,
  begun: ExecutingGate,
  of: EffectOf,
  { ending, taken }: { readonly ending: Ending; readonly taken: () => void },
): Executed {
  const gate = current(runtime, begun);
  const [fact] = ending.how === 'stopped' ? [] : endingFacts(of, ending);
  if (fact !== undefined) runtime.ledger.note(fact);
  if (ending.how === 'executed') runtime.move(closeAfterApproval(gate, 'executed'));
  else if (ending.how === 'by-hand') runtime.move(closeAfterApproval(gate, 'failed', BY_HAND));
  else runtime.move(closeAfterApproval(gate, ending.outcome, ending.reason));
  taken();
  return ending.how === 'executed' ? { result: ending.result } : {};
}

/**
 * A short effect inside the workflow task, its record stored in the same step before it. Where it does not come off, and
 * may yet, it goes on as any other, under the same key.
 */
async function executeInTask(
  runtime: GateRuntime,
  approved: ApprovedGate,
  cancellable: CancellationScope,
): Promise<Executed | undefined> {
  const gate = startExecuting(approved);
  runtime.move(gate);
  const request = {
    chain: runtime.ledger.chain(),
    execution: executionOf(runtime, gate),
    at: instant(now()),
  };
  const of = effectOf(gate);
  try {
    const { result, receipt, stored } = await cancellable.run(() => executeInline(request));
    const taken = () => {
      runtime.ledger.taken(stored, request.chain);
    };
    return close(runtime, gate, of, { ending: { how: 'executed', result, receipt }, taken });
  } catch (error) {
    // A local activity's failure comes bare, or wrapped like any other's.
    const inner = error instanceof ActivityFailure ? error.cause : error;
    const final = inner instanceof ApplicationFailure && inner.nonRetryable === true;
    if (final || isCancellation(error)) {
      runtime.move(closedBy(runtime, gate, error));
      return {};
    }
    runtime.move(revertToApproved(current(runtime, gate)));
    return undefined;
  }
}

function executionOf(runtime: GateRuntime, gate: ApprovedGate | ExecutingGate): Execution {
  const evidence: AuditHead | undefined = runtime.ledger.last('approved');
  if (evidence === undefined) throw new TypeError('nothing was approved');
  const { digest, root, revision, proposal, setUp } = gate;
  const { action, args } = proposal;
  return {
    root,
    ...(setUp?.home === undefined && !isLevelGate(gate) ? {} : { record: runtime.root }),
    gate: gate.gate,
    revision,
    digest,
    action,
    args,
    ...(setUp?.undo === undefined ? {} : { undo: setUp.undo }),
    key: keyOf(gate),
    at: instant(now()),
    evidence: { seq: evidence.entries, hash: evidence.head },
    approval: evidenceOf(gate),
  };
}

/** @param dispatched to another worker: by whom it is done */
function effectOf({ gate, root, digest }: ExecutingGate, dispatched?: Dispatched): EffectOf {
  const of = { gate, key: keyOf({ root, gate, digest }), digest };
  if (dispatched === undefined) return of;
  const { taskQueue, activity } = dispatched.dispatch;
  return { ...of, by: { taskQueue, activity } };
}
