/** One agent level of a ladder: an agent answers, and whoever asked judges whether that is enough. */
import { isCancellation, type CancellationScope } from '@temporalio/workflow';
import {
  answerOf,
  failedAnswer,
  LOST,
  parseAgentStart,
  type AgentAnswer,
  type AgentStart,
} from '../../domain/climb';
import type { Outcome } from '../../domain/gate';
import { noteProposed, proposalOfAgent } from '../gate/agent';
import { conclude, shielded } from '../gate/conclusion';
import type { GateRuntime } from '../gate/gate-runtime';
import { nextGate } from '../gate/workflow-gates';
import type { AgentResult } from '../ladder/agent-level';
import { continuesRun } from '../runtime/earlier-runs';
import { invalidInput, isChildOf, orInvalidInput } from '../runtime/invalid-input';
import { rootCause } from '../runtime/root-cause';

/** No gate opens here: the answer is on record, and its ladder's to judge. */
export async function askAgent(argument: unknown): Promise<AgentResult> {
  const start = checked(argument);
  continuesRun(); // it runs once, and never goes on in a new run
  const runtime = nextGate({ name: start.level.name, requester: start.requester, context: {} });
  return shielded(runtime, async (cancellable) => {
    const { answer, outcome, reason } = await ask(runtime, start, cancellable);
    runtime.closeUnopened(outcome, reason);
    const { audit } = await conclude(runtime);
    return { ...answer, audit };
  });
}

interface Ended {
  readonly answer: AgentAnswer;
  readonly outcome: Outcome;
  readonly reason?: string;
}

async function ask(
  runtime: GateRuntime,
  { level, task, requester, tried }: AgentStart,
  cancellable: CancellationScope,
): Promise<Ended> {
  const asking = { start: { task, requester }, agent: level, tried };
  const failed = (code: string, message: string, outcome: Outcome = 'failed'): Ended => ({
    answer: failedAnswer(code, message, level.name),
    outcome,
    reason: `${code}: ${message}`,
  });
  try {
    const proposed = await cancellable.run(() => proposalOfAgent(asking, { task }));
    noteProposed(runtime, asking, proposed);
    return proposed.ok
      ? { answer: answerOf(proposed.proposal, proposed.by), outcome: 'answered' }
      : failed(proposed.code, proposed.message);
  } catch (error) {
    return isCancellation(error)
      ? failed(LOST, `the level ${level.name} was cancelled`, 'cancelled')
      : failed('PROPOSE_FAILED', rootCause(error));
  }
}

/** @throws ApplicationFailure INVALID_INPUT: it was started by hand, or by another ladder's workflow */
function checked(argument: unknown): AgentStart {
  const start = orInvalidInput(parseAgentStart(argument));
  if (!isChildOf(start.root.workflowId))
    throw invalidInput('an agent level is asked by the ladder that it is of; start escalation');
  return start;
}
