/** What has to be found out before a held decision can be judged. Where it cannot be had, the decision does not count. */
import { isCancellation } from '@temporalio/workflow';
import type { Decision } from '../domain/decision';
import type { Assessment, Gate, Instant } from '../domain/gate';
import { refusal, type Refusal } from '../domain/refusal';
import { assess, receiveTimes } from './calls';

/** When the server received each; undefined where that is not known. */
export async function timesOf(ids: string[]): Promise<Map<string, Instant | undefined>> {
  const times = new Map<string, Instant | undefined>(ids.map((id) => [id, undefined]));
  if (ids.length === 0) return times;
  try {
    for (const { id, at } of await receiveTimes({ ids })) times.set(id, Date.parse(at));
  } catch (error) {
    if (isCancellation(error)) throw error;
    // Fails closed: each of them is refused as RECEIVE_TIME_UNKNOWN.
  }
  return times;
}

/** The edited args as the action takes them, or why it does not. */
export async function assessEdit(
  gate: Gate,
  { args = {} }: Decision,
): Promise<{ assessment?: Assessment; unfit?: Refusal }> {
  try {
    const found = await assess({ action: gate.proposal.action, args, policy: gate.policy });
    if (found.ok) return { assessment: found.assessment };
    return { unfit: refusal('INVALID_ARGS', { problem: found.message }) };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return {
      unfit: refusal('NOT_ASSESSED', { problem: error instanceof Error ? error.message : 'no answer' }),
    };
  }
}
