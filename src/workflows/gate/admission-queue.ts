/** People are asked no more at once than the rules' limits say: what is over them waits for its turn, and expires where none comes. */
import { ActivityFailure, isCancellation, type CancellationScope } from '@temporalio/workflow';
import type { Asked } from '../../domain/gate';
import { QUEUE_WITHIN, sharesOf, type Share } from '../../domain/gate/open-limits';
import { capacityCheck } from '../runtime/activities';
import { rootCause } from '../runtime/root-cause';
import type { GateRuntime } from './gate-runtime';
import { CALLED_OFF, type Unasked } from './question';
import { announceQueued, announceState } from './search-attributes';

/** The question, once it may be put to people. Where no limit is set it may at once, and at no cost. */
export async function waitForCapacity(
  runtime: GateRuntime,
  question: Asked,
  cancellable: CancellationScope,
): Promise<Asked | Unasked> {
  const { limits = {} } = runtime.context();
  const { queueWithin = QUEUE_WITHIN } = limits;
  const claims = sharesOf(question, limits);
  if (claims.length === 0) return question;
  announceQueued(claims);
  const left = await cancellable
    .run(() => waitForPlace(runtime, claims, queueWithin))
    .catch((error: unknown) => whyLeft(error, queueWithin));
  runtime.queue(undefined);
  if (left === undefined) return question;
  announceState(left.failed);
  return { ...left, escalations: question.escalations ?? [] };
}

async function waitForPlace(
  runtime: GateRuntime,
  shares: readonly Share[],
  within: string,
): Promise<undefined> {
  const found = await capacityCheck(false, within)({ shares, wait: false });
  if (found.free) return;
  runtime.queue(found.why);
  await capacityCheck(true, within)({ shares, wait: true });
}

/** Why the gate has left the queue without a place. */
function whyLeft(error: unknown, within: string): Unasked {
  if (isCancellation(error)) return CALLED_OFF;
  if (!(error instanceof ActivityFailure)) throw error;
  return {
    failed: 'expired',
    reason: `no place among the open gates within ${within}: ${rootCause(error)}`,
  };
}
