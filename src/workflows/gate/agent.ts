/** The agent's part: it is asked for a proposal, and what it answers is an entry of the record. */
import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { Proposed } from '../../activities/types';
import { ANSWER } from '../../domain/climb';
import { propose } from '../runtime/activities';
import { rootCause } from '../runtime/root-cause';
import type { GateRuntime } from './gate-runtime';
import type { Asking } from './question';

/** Who proposes where the caller gave nothing. */
export const AGENT_LEVEL = 'AGENT';

type Request = Parameters<typeof propose>[0];

/** A day of failed attempts is an answer, too: the agent is not to be had. */
export async function proposalOfAgent(
  { agent = { name: AGENT_LEVEL }, produce, plan, tried = [] }: Asking,
  request: Pick<Request, 'task' | 'earlier'>,
): Promise<Proposed> {
  const { name: level, model } = agent;
  try {
    const proposed = await propose({
      ...request,
      level,
      ...(model === undefined ? {} : { model }),
      ...(produce === undefined ? {} : { produce }),
      ...(plan === undefined ? {} : { plan }),
      ...(tried.length === 0 ? {} : { tried }),
    });
    if (!proposed.ok || produce === undefined || proposed.proposal.action === ANSWER) return proposed;
    const message = `an output is reviewed here, and the agent proposed the action ${proposed.proposal.action}`;
    return { ok: false, code: 'MALFORMED_PROPOSAL', message, by: proposed.by };
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return { ok: false, code: 'MODEL_UNAVAILABLE', message: rootCause(error), by: level };
  }
}

/** What was proposed goes on record, with how an agent came to it; how many lessons it was shown stands in the packet. */
export function noteProposed(
  runtime: GateRuntime,
  { start: { task, requester } }: Asking,
  proposed: Proposed,
): void {
  const { by, generation, seed } = proposed;
  runtime.ledger.seeded(seed);
  const { lessons: _, ...context } = runtime.context();
  const { lessons } = generation ?? {};
  runtime.learn({ ...context, ...(lessons === undefined ? {} : { lessons }) });
  const common = { by, requester, task, ...(generation === undefined ? {} : { generation }) };
  if (proposed.ok) runtime.ledger.note({ type: 'proposed', ...common, proposal: proposed.proposal });
  else {
    const { code, message } = proposed;
    runtime.ledger.note({ type: 'proposal-failed', ...common, code, message });
  }
}
