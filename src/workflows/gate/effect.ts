/** The call of an effect, and what it came to: nobody's answer is believed for it but one with a receipt. */
import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Dispatched, Execution, Found } from '../../activities/types';
import type { EffectOf, Ending, Stopped } from '../../domain/ending';
import { effectKey } from '../../domain/digest';
import { instant, type ExecutingGate, type Gate } from '../../domain/gate';
import { kept, type Json } from '../../domain/json';
import { executedIn } from '../../domain/permit';
import { visibleLine } from '../../domain/visible';
import { executor, recordEffect } from '../runtime/activities';
import { now } from '../runtime/replay-clock';
import type { GateRuntime } from './gate-runtime';

const LONGEST_WAIT = 5 * 60_000;

export function keyOf({ root, gate, digest }: Pick<Gate, 'root' | 'gate' | 'digest'>): string {
  return effectKey(root, gate, digest);
}

/** @param call of our own executor, or of another worker: what it was permitted, and no word of the workflow's own state */
export async function runEffect(
  runtime: GateRuntime,
  gate: ExecutingGate,
  call: Execution | Dispatched,
): Promise<Json> {
  const { assessment, digest, root, proposal, executeBefore } = gate;
  const { runs } = assessment;
  const summary = visibleLine(proposal.action).slice(0, 150);
  if ('permit' in call) {
    const { permit, dispatch } = call;
    const { activity, input } = dispatch;
    const within = Date.parse(permit.expires) - now();
    const sent = { input, key: permit.effectKey, workflowId: root.workflowId, digest, permit };
    return executor({ in: 'queue', ...dispatch }, summary, within)(activity, sent);
  }
  if (runs.in !== 'worker') throw new TypeError('there is nothing to execute here');
  runtime.announceApproved();
  return executor(
    runs,
    summary,
    executeBefore === undefined ? undefined : executeBefore - now(),
  )('execute', call);
}

/** How the activity ended, as far as the workflow can tell. */
type Answered = { readonly answer: Json } | { readonly otherwise: Stopped };

/** What it came to, on record. While the store does not answer, this waits for it, and nothing is claimed. */
export async function recordEnding(
  runtime: GateRuntime,
  of: EffectOf,
  answered: Answered,
): Promise<{ readonly ending: Ending; readonly taken: () => void }> {
  for (let wait = 1_000; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    const chain = runtime.ledger.chain();
    const found = await recordEffect({ chain, of, ...answered, at: instant(now()) }).catch(() => undefined);
    if (found !== undefined && !('missing' in found)) {
      const taken = () => {
        runtime.ledger.taken(found.stored, chain);
      };
      return { ending: endingOf(found, answered), taken };
    }
    // What it lacks is stored anew; what is said of the store meanwhile is said there.
    await runtime.ledger.store(undefined, { sure: true });
    if (found === undefined) await condition(() => false, wait);
  }
}

function endingOf({ how, receipt, result }: Found, answered: Answered): Ending {
  if (how === 'stopped' && 'otherwise' in answered) return answered.otherwise;
  const answer = 'answer' in answered ? answered.answer : null;
  if (how === 'by-hand') return { how, result: kept(answer) };
  if (receipt === undefined) return { how: 'executed', result: kept(answer), receipt: 'none' };
  return { how: 'executed', result: result ?? executedIn(answer)?.result ?? null, receipt };
}

/** What an effect that failed comes to, unless there is a receipt of it after all. */
export function stopOf(gate: ExecutingGate, error: unknown): Stopped {
  const stopped = (outcome: Stopped['outcome'], reason: string): Stopped => ({
    how: 'stopped',
    outcome,
    reason,
  });
  if (isCancellation(error))
    return stopped(
      'cancelled',
      'cancelled between two attempts; whether an earlier attempt had an effect is not known',
    );
  const late = overdue(gate, error);
  return late === undefined ? stopped('failed', failedBy(error, gate)) : stopped('expired', late);
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

function failedBy(error: unknown, gate: ExecutingGate): string {
  const inner = error instanceof ActivityFailure && error.cause !== undefined ? error.cause : error;
  const { runs } = gate.assessment;
  // Nobody is left to say what became of it: the worker died, or was cut off.
  if (inner instanceof TimeoutFailure && runs.in === 'worker' && runs.attempts === 1)
    return (
      `EFFECT_UNKNOWN: ${inner.message}. It may or may not have taken effect, and is not tried again, because its target is not known ` +
      `to deduplicate. Look for it there (key ${keyOf(gate)}); propose it again only if it did not happen`
    );
  const message = inner instanceof Error ? inner.message : String(inner);
  // What the executor refuses has a code of its own.
  const code = inner instanceof ApplicationFailure && CODE.test(inner.type ?? '') ? inner.type : undefined;
  return `${code ?? 'EXECUTE_FAILED'}: ${message}`;
}

const CODE = /^[A-Z]+(?:_[A-Z]+)+$/;
