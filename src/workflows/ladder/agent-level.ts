/** An agent level of a ladder, asked in a child workflow of its own; one that is not to be had has answered nothing. */
import type { CancellationScope } from '@temporalio/workflow';
import { failedAnswer, LOST, type AgentAnswer, type AgentStart } from '../../domain/climb';
import type { Tried } from '../../domain/context';
import type { AgentLevel, EscalationStart } from '../../domain/escalation-start';
import { childOf } from '../../domain/gate';
import type { AuditHead } from '../../domain/packet';
import { WORKFLOW } from '../../domain/workflow-types';
import type { GateRuntime } from '../gate/gate-runtime';
import { describeChildFailure, runChild } from '../runtime/child';

/** A ladder as its workflow climbs it. */
export interface Ladder {
  readonly runtime: GateRuntime;
  readonly start: EscalationStart;
  readonly cancellable: CancellationScope;
}

/** The result of `askAgent`. */
export interface AgentResult extends AgentAnswer {
  readonly audit: AuditHead;
}

export async function askAgentLevel(
  { runtime, start, cancellable }: Ladder,
  level: AgentLevel,
  tried: readonly Tried[],
): Promise<AgentAnswer> {
  const { root, ledger, name: gate } = runtime;
  const { task, requester } = start;
  const workflowId = childOf({ root }, level.name);
  const argument: AgentStart = { v: 1, root, level, task, requester, tried };
  const noteEnd = (end: { outcome: string; reason?: string; audit?: AuditHead }) => {
    ledger.note({ type: 'level-ended', gate, level: level.name, child: workflowId, ...end });
  };
  const ask = () =>
    runChild({
      type: WORKFLOW.askAgent,
      workflowId,
      argument,
      summary: `level ${level.name} of ${root.workflowId}`,
      started: (child) => {
        runtime.waitOn({ level: level.name, waitingOn: workflowId });
        ledger.note({ type: 'level-opened', gate, level: level.name, child });
      },
      isResult: isAgentResult,
    });
  try {
    const answer = await cancellable.run(ask);
    const { audit, error } = answer;
    noteEnd({ ...(error === null ? { outcome: 'answered' } : { outcome: 'failed', reason: error }), audit });
    return answer;
  } catch (error) {
    const { how } = describeChildFailure(error);
    noteEnd({ outcome: 'lost', reason: how });
    return failedAnswer(LOST, `the level ${level.name} ${how}`, level.name);
  } finally {
    runtime.waitOn(undefined);
  }
}

function isAgentResult(result: unknown): result is AgentResult {
  const { error, confidence } = (result ?? {}) as Partial<AgentResult>;
  return (error === null || typeof error === 'string') && typeof confidence === 'number';
}
