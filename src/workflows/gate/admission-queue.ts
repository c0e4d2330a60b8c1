/** People are asked no more at once than the rules' limits say: what is over them waits for its turn, and expires where none comes. */
import { ActivityFailure, isCancellation, type CancellationScope } from '@temporalio/workflow';
import type { Asked } from '../../domain/gate';
import { QUEUE_WITHIN, sharesOf, type Share } from '../../domain/limits';
import { CANCELLED, causeOf, type Unasked } from './question-source';
import { queue } from '../runtime/activities';
import type { Desk } from './gate-runtime';
import { announceQueued, announceState } from './search-attributes';

/** The question, once it may be put to people. Where no limit is set it may at once, and at no cost. */
export async function inTurn(
  desk: Desk,
  asked: Asked,
  cancellable: CancellationScope,
): Promise<Asked | Unasked> {
  const { limits = {} } = desk.setting();
  const { queueWithin = QUEUE_WITHIN } = limits;
  const shares = sharesOf(asked, limits);
  if (shares.length === 0) return asked;
  announceQueued(shares);
  const left = await cancellable.run(() => waited(desk, shares, queueWithin)).catch(whyLeft(queueWithin));
  desk.queue(undefined);
  if (left === undefined) return asked;
  announceState(left.failed);
  return { ...left, escalations: asked.escalations ?? [] };
}

async function waited(desk: Desk, shares: readonly Share[], within: string): Promise<undefined> {
  const found = await queue(false, within)({ shares, wait: false });
  if (found.free) return;
  desk.queue(found.why);
  await queue(true, within)({ shares, wait: true });
}

function whyLeft(within: string) {
  return (error: unknown): Unasked => {
    if (isCancellation(error)) return { failed: 'cancelled', reason: CANCELLED };
    if (!(error instanceof ActivityFailure)) throw error;
    const reason = `no place among the open gates within ${within}: ${causeOf(error)}`;
    return { failed: 'expired', reason };
  };
}
