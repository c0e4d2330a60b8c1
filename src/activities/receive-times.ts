/** When the server received a decision: its own history knows, whenever a worker reads it. */
import { activityInfo, ApplicationFailure, Context } from '@temporalio/activity';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { canonical, sha256Hex } from '../domain/digest';
import { decideSignal } from '../workflows/messages';
import type { Activities } from './types';

export const receiveTimes: Activities['receiveTimes'] = async ({ sent }) => {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) throw ApplicationFailure.nonRetryable('not called by a workflow');
  const { workflowId, runId } = workflowExecution;
  const { events } = await Context.current().client.workflow.getHandle(workflowId, runId).fetchHistory();
  const earliest = new Map<string, string>();
  for (const { eventTime, workflowExecutionSignaledEventAttributes: signaled } of events ?? []) {
    if (signaled?.signalName !== decideSignal.name) continue;
    const found = decisionIn(signaled.input?.payloads?.[0]);
    const one = sent.find(({ id, content }) => id === found?.id && content === found.content);
    if (one === undefined || earliest.has(one.id) || eventTime == null) continue;
    const milliseconds = Number(eventTime.seconds) * 1000 + Math.floor((eventTime.nanos ?? 0) / 1e6);
    earliest.set(one.id, new Date(milliseconds).toISOString());
  }
  return [...earliest].map(([id, at]) => ({ id, at }));
};

function decisionIn(payload: Payload | null | undefined): { id: unknown; content: string } | undefined {
  if (payload == null) return undefined;
  try {
    const decision = defaultPayloadConverter.fromPayload<{ id?: unknown } | null>(payload);
    return { id: decision?.id, content: sha256Hex(canonical(decision)) };
  } catch {
    return undefined; // what does not decode was no decision
  }
}
