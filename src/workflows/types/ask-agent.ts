/** One agent level of a ladder: an agent answers, and whoever asked judges whether that is enough. */
import { isCancellation, workflowInfo } from '@temporalio/workflow';
import {
  answerOf,
  failedAnswer,
  LOST,
  parseAgentStart,
  type AgentAnswer,
  type AgentStart,
} from '../../domain/climb';
import type { AuditHead } from '../../domain/packet';
import { causeOf, fromAgent, note } from '../gate/question-source';
import { answered } from '../gate/run-gate';
import { invalid } from '../runtime/invalid-input';

/** The result of `askAgent`. */
export interface AgentResult extends AgentAnswer {
  readonly audit: AuditHead;
}

export async function askAgent(argument: unknown): Promise<AgentResult> {
  const { level, task, requester, tried } = checked(argument);
  const asking = { start: { task, requester }, agent: level, tried };
  return answered({ requester, gate: level.name, setting: {} }, async (desk, cancellable) => {
    const failed = (code: string, message: string, outcome: 'failed' | 'cancelled' = 'failed') => {
      const answer = failedAnswer(code, message, level.name);
      return { answer, end: { outcome, reason: `${code}: ${message}` } };
    };
    try {
      const proposed = await cancellable.run(() => fromAgent(asking, { task }));
      note(desk, asking, proposed);
      if (proposed.ok)
        return { answer: answerOf(proposed.proposal, proposed.by), end: { outcome: 'answered' } };
      return failed(proposed.code, proposed.message);
    } catch (error) {
      if (isCancellation(error)) return failed(LOST, `the level ${level.name} was cancelled`, 'cancelled');
      return failed('PROPOSE_FAILED', causeOf(error));
    }
  });
}

/** @throws ApplicationFailure INVALID_INPUT: it was started by hand, or by another ladder's workflow */
function checked(argument: unknown): AgentStart {
  const parsed = parseAgentStart(argument);
  if (!parsed.ok) throw invalid(parsed.problem);
  const { namespace, parent } = workflowInfo();
  if (parent?.workflowId !== parsed.start.root.workflowId || parent.namespace !== namespace)
    throw invalid('an agent level is asked by the ladder that it is of; start escalation');
  return parsed.start;
}
