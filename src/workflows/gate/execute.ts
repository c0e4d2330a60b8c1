/** From approval to effect: on record and judged first, then once, under a key that no attempt and no reset changes. */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  type CancellationScope,
} from '@temporalio/workflow';
import type { Dispatched, Execution, Judged } from '../../activities/types';
import { evidenceOf } from '../../domain/approval';
import { endingFacts, type EffectOf, type Ending } from '../../domain/ending';
import {
  begin,
  hold,
  lapse,
  instant,
  settle,
  type ApprovedGate,
  type ExecutingGate,
} from '../../domain/gate';
import type { ClosedGate } from '../../domain/gate';
import type { Json } from '../../domain/json';
import type { AuditHead } from '../../domain/packet';
import { BY_HAND } from '../../domain/permit';
import { executeAtOnce } from '../runtime/activities';
import { now } from '../runtime/replay-clock';
import type { Desk } from './gate-runtime';
import { effect, ended, keyOf, stopOf } from './effect';
import type { Storing } from '../record/store-pending';

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
  const judged = await recorded(desk, approved, {
    dispatch: runs.in === 'queue',
    // Our own executor judges it just before the effect; what has no effect here is judged with its record.
    executes: runs.in === 'worker',
  });
  if ('closed' in judged) return {};
  if (runs.in === 'nowhere') {
    desk.move(settle(asIs(desk, approved), 'approved'));
    return {};
  }
  const gate = begin(asIs(desk, approved));
  desk.move(gate);
  const of: EffectOf = {
    gate: gate.gate,
    key: keyOf(gate),
    digest: gate.digest,
    ...(judged.dispatched === undefined ? {} : { by: audienceOf(judged.dispatched) }),
  };
  const call = judged.dispatched ?? executionOf(desk, gate);
  const heard = await cancellable
    .run(() => effect(desk, gate, call))
    .then(
      (answer) => ({ answer }),
      (error: unknown) => ({ otherwise: stopOf(asIs(desk, gate), error) }),
    );
  return close(desk, gate, of, await ended(desk, of, heard));
}

/** The approval of one level, which its owner acts on: judged where it was given. */
export async function judgedLevel(desk: Desk, approved: ApprovedGate): Promise<ApprovedGate | ClosedGate> {
  const judged = await recorded(desk, approved, {});
  return 'closed' in judged ? judged.closed : asIs(desk, approved);
}

type Recorded = { readonly closed: ClosedGate } | { readonly dispatched: Dispatched | undefined };

/** Everything is on record, and the approval has been gone through; or the gate is closed: called off, too late, or not as it should be. */
async function recorded(
  desk: Desk,
  approved: ApprovedGate,
  { dispatch = false, executes = false }: Pick<Storing, 'dispatch' | 'executes'>,
): Promise<Recorded> {
  const { executeBefore = Number.POSITIVE_INFINITY } = approved;
  const off = () => desk.gate()?.status !== 'approved';
  const called = () => off() || now() >= executeBefore;
  let judged: Judged = {};
  try {
    const judge = () => executionOf(desk, approved);
    judged = (await desk.ledger.store(called, { latest: executeBefore, judge, dispatch, executes })) ?? {};
    if (judged.gone !== undefined) {
      desk.ledger.note({ type: 'histories-gone', gate: approved.gate, runs: [...judged.gone] });
      await desk.ledger.store(called, { latest: executeBefore });
    }
  } catch (error) {
    if (!off()) desk.move(closedBy(desk, begin(asIs(desk, approved)), error));
  }
  // Called off while the record was being stored: the approval is void.
  if (off()) return { closed: desk.gate() as ClosedGate };
  const lapsed = lapse(asIs(desk, approved), now());
  if (lapsed.status === 'closed') {
    desk.move(lapsed);
    return { closed: lapsed };
  }
  if (!dispatch) return { dispatched: undefined };
  const { dispatch: call, permit } = judged;
  if (call === undefined || permit === undefined)
    throw new TypeError('there is no permit for what is to be called');
  return { dispatched: { dispatch: call, permit } };
}

function closedBy(desk: Desk, gate: ExecutingGate, error: unknown): ClosedGate {
  const { outcome, reason } = stopOf(gate, error);
  return settle(asIs(desk, gate), outcome, reason);
}

/** As it stands now: decisions that came while something was waited for have left their receipts on it. */
function asIs<G extends ApprovedGate | ExecutingGate>(desk: Desk, gate: G): G {
  const here = desk.gate();
  return here?.status === gate.status ? (here as G) : gate;
}

/** What the effect came to is noted as the activity has stored it; what closes the gate is noted as it moves. */
function close(
  desk: Desk,
  begun: ExecutingGate,
  of: EffectOf,
  { ending, taken }: { readonly ending: Ending; readonly taken: () => void },
): { readonly result?: Json } {
  const gate = asIs(desk, begun);
  const [fact] = ending.how === 'stopped' ? [] : endingFacts(of, ending);
  if (fact !== undefined) desk.ledger.note(fact);
  if (ending.how === 'executed') desk.move(settle(gate, 'executed'));
  else if (ending.how === 'by-hand') desk.move(settle(gate, 'failed', BY_HAND));
  else desk.move(settle(gate, ending.outcome, ending.reason));
  taken();
  return ending.how === 'executed' ? { result: ending.result } : {};
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
  const of: EffectOf = { gate: gate.gate, key: keyOf(gate), digest: gate.digest };
  try {
    const { result, receipt, stored } = await cancellable.run(() => executeAtOnce(request));
    const taken = () => {
      desk.ledger.taken(stored, request.chain);
    };
    return close(desk, gate, of, { ending: { how: 'executed', result, receipt }, taken });
  } catch (error) {
    // A local activity's failure comes bare, or wrapped like any other's.
    const inner = error instanceof ActivityFailure ? error.cause : error;
    const final = inner instanceof ApplicationFailure && inner.nonRetryable === true;
    if (final || isCancellation(error)) {
      desk.move(closedBy(desk, gate, error));
      return {};
    }
    desk.move(hold(asIs(desk, gate)));
    return undefined;
  }
}

function executionOf(desk: Desk, gate: ApprovedGate | ExecutingGate): Execution {
  const evidence: AuditHead | undefined = desk.ledger.last('approved');
  if (evidence === undefined) throw new TypeError('nothing was approved');
  const { digest, root, revision, proposal, setUp, place } = gate;
  const { action, args } = proposal;
  return {
    root,
    ...(setUp?.home === undefined && place === 'root' ? {} : { record: desk.root }),
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

function audienceOf({ dispatch: { taskQueue, activity } }: Dispatched) {
  return { taskQueue, activity };
}
