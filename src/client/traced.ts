/**
 * The caller's part of a trace: what is started, and each decision, as a span of the process's own OpenTelemetry, and where it stands in
 * a header. Without one registered it does nothing.
 */
import { SpanKind, SpanStatusCode, trace, TraceFlags, type Span } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { carrierOf, TRACE_HEADER } from '../domain/trace';

/**
 * For services with a client of their own: `new Client({ connection, interceptors: { workflow: [traced()] } })`. Spans hold ids, types
 * and verdicts, never what anybody wrote.
 */
export function traced(): WorkflowClientInterceptor {
  return {
    startWithDetails: (input, next) =>
      spanned(`start ${input.workflowType}`, input.options.workflowId, [], (span) =>
        next({ ...input, headers: withSpan(input.headers, span) }),
      ),
    signal: (input, next) =>
      spanned(`signal ${input.signalName}`, input.workflowExecution.workflowId, input.args, (span) =>
        next({ ...input, headers: withSpan(input.headers, span) }),
      ),
    startUpdate: (input, next) =>
      spanned(`update ${input.updateName}`, input.workflowExecution.workflowId, input.args, (span) =>
        next({ ...input, headers: withSpan(input.headers, span) }),
      ),
  };
}

function spanned<T>(
  name: string,
  workflowId: string | undefined,
  args: readonly unknown[],
  call: (span: Span) => Promise<T>,
): Promise<T> {
  const attributes = {
    ...(workflowId === undefined ? {} : { temporalWorkflowId: workflowId }),
    ...decisionIn(args),
  };
  const tracer = trace.getTracer('countersign');
  return tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      return await call(span);
    } catch (error) {
      const failed = error instanceof Error ? error.name : 'Error';
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', failed);
      throw error;
    } finally {
      span.end();
    }
  });
}

function decisionIn([argument]: readonly unknown[]): Record<string, string> {
  const { id, verdict } = (argument ?? {}) as { id?: unknown; verdict?: unknown };
  return {
    ...(typeof id === 'string' ? { 'countersign.decision.id': id.slice(0, 200) } : {}),
    ...(typeof verdict === 'string' && /^[a-z]{1,20}$/.test(verdict)
      ? { 'countersign.verdict': verdict }
      : {}),
  };
}

function withSpan(headers: Headers, span: Span): Headers {
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (/^0*$/.test(traceId)) return headers; // nobody traces here
  const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  return {
    ...headers,
    [TRACE_HEADER]: defaultPayloadConverter.toPayload({ ...carrierOf({ traceId, spanId, sampled }) }),
  };
}
