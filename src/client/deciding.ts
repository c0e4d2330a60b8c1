/** How a decision is sent, and how its answer is waited for. */
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { Decision, Receipt } from '../domain/gate/decision';
import { decideSignal } from '../workflows/messages';
import { CountersignError, grpcOf, isNotYet } from './errors';
import { wellFormed, type DecideInput } from './inputs';
import type { Server } from './server';

/** What the server says where a run has taken as many signals as it takes; and milliseconds to wait for the next run. */
const NO_ROOM = 'limit for signal events';
const ROOM_WITHIN = 120_000;

/** As a signal. */
export async function sent(server: Server, workflowId: string, decision: DecideInput): Promise<Decision> {
  const whole = wellFormed(decision);
  for (const until = Date.now() + ROOM_WITHIN; ;)
    try {
      await server.handle(workflowId).signal(decideSignal, whole);
      return whole;
    } catch (error) {
      // A flood has used this run's signals up; the workflow goes on in another one in a moment.
      const full = grpcOf(error).message.includes(NO_ROOM);
      if (!full || Date.now() > until) throw await server.explained(workflowId, error);
      await paused(200);
    }
}

/** As an update. */
export async function updated<T>(
  server: Server,
  workflowId: string,
  update: UpdateDefinition<T, [unknown]>,
  decision: DecideInput,
): Promise<T> {
  const whole = wellFormed(decision);
  try {
    return await server.handle(workflowId).executeUpdate(update, { args: [whole] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw new CountersignError('MALFORMED_DECISION', error.cause?.message ?? error.message);
    throw await server.explained(workflowId, error);
  }
}

/** Asks for the receipt until it is neither unknown nor pending, or `timeout` milliseconds are over. */
export async function settled(
  receipt: () => Promise<Receipt>,
  timeout: number,
): Promise<Receipt | undefined> {
  const until = Date.now() + timeout;
  for (let wait = 20; Date.now() < until; wait = Math.min(wait * 2, 500)) {
    try {
      const found = await receipt();
      if (found.status === 'admitted' || found.status === 'refused') return found;
    } catch (error) {
      if (!isNotYet(error)) throw error;
    }
    await paused(wait);
  }
  return undefined;
}

const paused = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
