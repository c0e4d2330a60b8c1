/**
 * How an effect ended, and what goes on record of it. The workflow and the activity that stores it make the same entries of it, each by
 * itself.
 */
import type { Fact } from './audit';
import { defined } from './defined';
import { canonical, sha256Hex } from './digest';
import type { Json } from './json';
import { BY_HAND, type EffectReceipt } from './permit';

/** Which effect. */
export interface EffectOf {
  readonly gate: string;
  /** The idempotency key. */
  readonly key: string;
  readonly digest: string;
  /** Where another worker runs it. */
  readonly by?: { readonly taskQueue: string; readonly activity: string };
}

export type Ending =
  /** `none`: another worker said so, and whoever may complete its activity can say the same. */
  | { readonly how: 'executed'; readonly result: Json; readonly receipt: EffectReceipt | 'none' }
  /** Our own executor has no receipt of it. */
  | { readonly how: 'by-hand'; readonly result: Json }
  | Stopped;

export interface Stopped {
  readonly how: 'stopped';
  readonly outcome: 'failed' | 'expired' | 'cancelled';
  readonly reason: string;
}

export function endingFacts({ gate, key, by }: EffectOf, ending: Ending): Fact[] {
  if (ending.how === 'stopped') return [closed(ending.outcome, ending.reason)];
  const result = sha256Hex(canonical(ending.result));
  if (ending.how === 'by-hand')
    return [{ type: 'completed-by-hand', gate, key, result }, closed('failed', BY_HAND)];
  const { receipt } = ending;
  return [{ type: 'executed', gate, key, result, receipt, ...defined({ by }) }, closed('executed')];
}

function closed(outcome: string, reason?: string): Fact {
  return { type: 'closed', outcome, ...defined({ reason }) };
}
