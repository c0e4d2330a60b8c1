/**
 * What people have said of a question: over all branches of its record, and in the histories before a reset or a continuation. A no that
 * was taken out of the history that runs now is found here.
 */
import { Context } from '@temporalio/activity';
import type { temporal } from '@temporalio/proto';
import { parseDecision, type Decision } from '../domain/gate/decision';
import type { Heard } from '../domain/heard';
import { decideSignal, decideForOutcomeUpdate, decideUpdate } from '../workflows/messages';
import { decoded } from './decoded';
import { isGone, type Described, type Run } from './server';

type Event = temporal.api.history.v1.IHistoryEvent;

/** Decisions that one workflow was sent over all of its runs, and the runs whose histories are gone. */
export interface Histories {
  readonly heard: readonly Heard[];
  readonly gone: readonly string[];
}

/** Runs of one workflow that are read: a reset makes one, a continuation one for some thousand signals. */
const RUNS = 200;

/** Everything that was sent in the run and in those before it, back to the first. */
export async function historiesOf({ workflowId, runId }: Run): Promise<Histories> {
  const heard: Heard[] = [];
  const gone: string[] = [];
  const seen = new Set<string>();
  const next = [runId];
  for (let run = next.pop(); run !== undefined && seen.size < RUNS; run = next.pop()) {
    if (seen.has(run)) continue;
    seen.add(run);
    const events = await eventsOf({ workflowId, runId: run });
    if (events === undefined) gone.push(run);
    for (const event of events ?? []) {
      heard.push(...(await sentIn(event)));
      next.push(...runsBefore(event));
    }
  }
  return { heard, gone };
}

/** Whether a run is one that goes on where another has left off: continued, or reset. */
export function isLater({ root, runId }: Run & Pick<Described, 'root'>): boolean {
  return root.firstRunId !== runId;
}

async function eventsOf({ workflowId, runId }: Run): Promise<readonly Event[] | undefined> {
  try {
    const { events } = await Context.current().client.workflow.getHandle(workflowId, runId).fetchHistory();
    return events ?? [];
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** The run that was continued, and the one that a reset was made from. */
function runsBefore({
  workflowExecutionStartedEventAttributes: started,
  workflowTaskFailedEventAttributes: failed,
}: Event): string[] {
  return [started?.continuedExecutionRunId, failed?.baseRunId].filter((run): run is string => !!run);
}

async function sentIn(event: Event): Promise<Heard[]> {
  const { eventTime, workflowExecutionSignaledEventAttributes: signaled } = event;
  const accepted = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  const payload =
    signaled?.signalName === decideSignal.name
      ? signaled.input?.payloads?.[0]
      : UPDATES.includes(accepted?.name ?? '')
        ? accepted?.args?.payloads?.[0]
        : undefined;
  if (payload == null || eventTime == null) return [];
  const parsed = parseDecision(await decoded(payload));
  if (!parsed.ok) return [];
  const at = Number(eventTime.seconds) * 1_000 + Math.floor((eventTime.nanos ?? 0) / 1e6);
  return [{ decision: parsed.decision satisfies Decision, at }];
}

const UPDATES: readonly string[] = [decideUpdate.name, decideForOutcomeUpdate.name];
