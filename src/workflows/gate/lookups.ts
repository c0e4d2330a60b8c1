/** What has to be found out before a held decision can be judged. Where it cannot be had, the decision does not count. */
import { isCancellation } from '@temporalio/workflow';
import type { Assessed } from '../../activities/types';
import type { Decision } from '../../domain/gate/decision';
import { canonical, sha256Hex } from '../../domain/digest';
import type { Gate, Instant, Reassessed } from '../../domain/gate';
import { refusal, type Refusal } from '../../domain/gate/refusals';
import { levelAt } from '../../domain/policy';
import { forgery, isToBeVerified } from '../../domain/gate/signature';
import { assess, receiveTimes, verify } from '../runtime/activities';
import type { GateContext } from './context';

/** When the server received each; undefined where that is not known. */
export async function receiveTimesOf(
  decisions: readonly Decision[],
): Promise<Map<string, Instant | undefined>> {
  const times = new Map<string, Instant | undefined>(decisions.map(({ id }) => [id, undefined]));
  if (decisions.length === 0) return times;
  const sent = decisions.map((decision) => ({ id: decision.id, content: sha256Hex(canonical(decision)) }));
  try {
    for (const { id, at } of await receiveTimes({ sent })) times.set(id, Date.parse(at));
  } catch (error) {
    if (isCancellation(error)) throw error;
    // Fails closed: each of them is refused as RECEIVE_TIME_UNKNOWN.
  }
  return times;
}

/** Why what stands on each decision proves nothing; a decision of which all holds is left out. */
export async function unprovenAmong(
  { deployment, root, gate, policy, rung, reviewers }: Gate,
  given: readonly Decision[],
): Promise<Map<string, Refusal>> {
  const wrong = new Map<string, Refusal>();
  const decisions = given.filter((decision) => isToBeVerified(reviewers, decision));
  if (decisions.length === 0 || reviewers === undefined) return wrong;
  const where = { deployment, root, gate, level: levelAt(policy, rung).name };
  try {
    const found = await verify({ where, reviewers, decisions });
    decisions.forEach((decision, index) => {
      const forged = forgery(decision, found[index]);
      if (forged !== undefined) wrong.set(decision.id, forged);
    });
  } catch (error) {
    if (isCancellation(error)) throw error;
    for (const { id } of decisions) wrong.set(id, refusal('NOT_VERIFIED', { problem: messageOf(error) }));
  }
  return wrong;
}

/** The edited args as the action and the rules take them, or why they do not. */
export async function assessEdit(
  gate: Gate,
  { args = {} }: Decision,
  context: GateContext,
): Promise<{ found?: Reassessed; unfit?: Refusal }> {
  const { action, confidence, sensitive } = gate.proposal;
  const { root, requester, by } = gate;
  try {
    const found = await assess({ action, args, confidence, sensitive, requester, by, root, ...context });
    return found.ok ? { found } : { unfit: unfitEdit(found) };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { unfit: refusal('NOT_ASSESSED', { problem: messageOf(error) }) };
  }
}

function unfitEdit({ code, message: problem }: Extract<Assessed, { ok: false }>): Refusal {
  if (code === 'DENIED' || code === 'POLICY_TOO_WEAK' || code === 'INVALID_ARGS')
    return refusal(code, { problem });
  return refusal('NOT_ASSESSED', { problem: `${code}: ${problem}` });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no answer';
}
