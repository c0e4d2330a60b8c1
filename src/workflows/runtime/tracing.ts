/**
 * Where this run stands in a trace, and what it tells of itself. Off unless the worker's bundle has `trace-interceptors.ts` in it. Ids are hashes of
 * what the server has named the run, so that a replay on any worker comes to the same ones, and no draw is taken from the workflow's own
 * random numbers. Headers are copied, spans go out by a sink: no await, no command, no event, and old histories replay.
 */
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { proxySinks, workflowInfo, type Sinks } from '@temporalio/workflow';
import type { Decision, Receipt } from '../../domain/gate/decision';
import { sha256Hex } from '../../domain/digest';
import {
  carrierOf,
  DECIDED_HEADER,
  spanAt,
  TRACE_HEADER,
  type SpanAt,
  type ToldSpan,
} from '../../domain/trace';
import { unpinnedNow } from './replay-clock';

export type Headers = Record<string, Payload>;

export interface TraceSinks extends Sinks {
  countersignTraces: { span(span: ToldSpan): void };
}

let here: SpanAt | undefined;
let parent: SpanAt | undefined;
/** Of the message that is being handled. */
let sender: SpanAt | undefined;
/** Of the decision that what follows is due to. */
let decided: SpanAt | undefined;
let spans = 0;

/** The run's first moment. */
export function begin(headers: Headers): void {
  const { runId, firstExecutionRunId } = workflowInfo();
  parent = read(headers, TRACE_HEADER);
  const { traceId, sampled } = parent ?? { traceId: hash(firstExecutionRunId, 'trace', 32), sampled: true };
  here = { traceId, spanId: hash(runId, 'run', 16), sampled };
}

/** Its last one. */
export function end(attributes: Record<string, string>, failed?: string): void {
  if (here === undefined) return;
  const { workflowType, startTime } = workflowInfo();
  const from = startTime.getTime();
  emit({
    ...here,
    name: `workflow ${workflowType}`,
    ...(parent === undefined ? {} : { parent }),
    from,
    to: Math.max(from, unpinnedNow()),
    attributes,
    ...(failed === undefined ? {} : { failed }),
  });
}

/** What is called from here has the run as its parent; an effect is linked to the decision that let it happen. */
export function copied(headers: Headers, effect = false): Headers {
  if (here === undefined) return headers;
  return {
    ...headers,
    [TRACE_HEADER]: payloadOf(here),
    ...(effect && decided !== undefined ? { [DECIDED_HEADER]: payloadOf(decided) } : {}),
  };
}

/** While a message is being handled, which is over when `handle` returns. */
export function from<T>(headers: Headers | null | undefined, handle: () => T): T {
  if (here === undefined) return handle();
  sender = read(headers ?? {}, TRACE_HEADER);
  try {
    return handle();
  } finally {
    sender = undefined;
  }
}

/** A decision was taken: a moment in its sender's trace, or, where that has none, in the run's. */
export function traceDecision({ id, verdict }: Decision, { status, code }: Receipt, via: string): void {
  if (here === undefined) return;
  const under = sender ?? here;
  const at = { traceId: under.traceId, spanId: next(), sampled: under.sampled };
  if (status !== 'refused') decided = at;
  const now = unpinnedNow();
  emit({
    ...at,
    name: 'decision',
    parent: under,
    from: now,
    to: now,
    attributes: {
      'countersign.decision.id': id,
      'countersign.verdict': verdict,
      'countersign.via': via,
      'countersign.status': status,
      ...(code === undefined ? {} : { 'countersign.code': code }),
    },
    ...(sender === undefined ? {} : { link: here }),
  });
}

/** The time that people took. */
export function traceWait(since: number, to: number, decision: string): void {
  if (here === undefined) return;
  emit({
    traceId: here.traceId,
    spanId: next(),
    sampled: here.sampled,
    name: 'people decide',
    parent: here,
    from: since,
    to: Math.max(since, to),
    attributes: { 'countersign.decision': decision },
  });
}

function emit(span: ToldSpan): void {
  if (!span.sampled || workflowInfo().unsafe.isReplaying) return;
  const { workflowId, runId } = workflowInfo();
  const attributes = { temporalWorkflowId: workflowId, temporalRunId: runId, ...span.attributes };
  proxySinks<TraceSinks>().countersignTraces.span({ ...span, attributes });
}

function next(): string {
  spans += 1;
  return hash(workflowInfo().runId, `span ${String(spans)}`, 16);
}

function hash(id: string, what: string, digits: number): string {
  return sha256Hex(`countersign ${what} of ${id}`).slice(0, digits);
}

function payloadOf(at: SpanAt): Payload {
  return defaultPayloadConverter.toPayload({ ...carrierOf(at) });
}

/** Whoever sent it may have put anything there. */
function read(headers: Headers, name: string): SpanAt | undefined {
  const payload = headers[name];
  if (payload === undefined) return undefined;
  try {
    return spanAt(defaultPayloadConverter.fromPayload(payload));
  } catch {
    return undefined;
  }
}
