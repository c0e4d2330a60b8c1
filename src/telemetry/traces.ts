/** Where spans go, and under which ids. OpenTelemetry is loaded only where traces are exported: nothing configured, nothing paid. */
import { createRequire } from 'node:module';
import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import type { IdGenerator, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TelemetryConfig } from '../config';
import type { SpanAt, ToldSpan } from '../domain/trace';

export interface Traces {
  readonly tracer: Tracer;
  /** Exports a span that a workflow told of, under the ids that it has there. */
  tell(span: ToldSpan): void;
  /** Sends what is left, and waits no longer than `within`. */
  close(): Promise<void>;
}

export interface TracesOptions {
  /** Milliseconds that one attempt to send may take. @default 10000 */
  readonly within?: number;
  /** Told once each time that sending begins to fail. */
  readonly trouble?: (error: unknown) => void;
}

/** Once a process: it becomes the process's own, so that actions and libraries find their parents. */
export function openTraces(
  { traces }: Pick<TelemetryConfig, 'traces'>,
  options: TracesOptions = {},
): Traces | undefined {
  if (traces === undefined) return undefined;
  const { within = 10_000, trouble = () => undefined } = options;
  const load = createRequire(__filename);
  const { BatchSpanProcessor, BasicTracerProvider, RandomIdGenerator } = load(
    '@opentelemetry/sdk-trace-base',
  ) as typeof import('@opentelemetry/sdk-trace-base');
  const { resourceFromAttributes } = load(
    '@opentelemetry/resources',
  ) as typeof import('@opentelemetry/resources');
  const { AsyncLocalStorageContextManager } = load(
    '@opentelemetry/context-async-hooks',
  ) as typeof import('@opentelemetry/context-async-hooks');
  const { OTLPTraceExporter } = load(
    '@opentelemetry/exporter-trace-otlp-http',
  ) as typeof import('@opentelemetry/exporter-trace-otlp-http');
  const { url, serviceName } = traces;
  const exporter = new OTLPTraceExporter({ ...(url === undefined ? {} : { url }), timeoutMillis: within });
  const ids = presettable(new RandomIdGenerator());
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(reportingOnce(exporter, trouble))],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const tracer = provider.getTracer('countersign');
  return {
    tracer,
    tell: (span) => {
      ids.preset(span, () => {
        exported(tracer, span);
      });
    },
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, within).unref());
      await Promise.race([provider.shutdown().catch(trouble), late]);
      trace.disable();
      context.disable();
    },
  };
}

/** The parent of what is started next. */
export function under(at: SpanAt | undefined): Context {
  return at === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(at));
}

export function spanContextOf({ traceId, spanId, sampled }: SpanAt): SpanContext {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

export function linksTo(...spans: readonly (SpanAt | undefined)[]): { context: SpanContext }[] {
  return spans.flatMap((at) => (at === undefined ? [] : [{ context: spanContextOf(at) }]));
}

function exported(tracer: Tracer, { name, parent, from, to, attributes, failed, link }: ToldSpan): void {
  const options = { kind: SpanKind.INTERNAL, startTime: from, attributes, links: linksTo(link) };
  const span = tracer.startSpan(name, options, under(parent));
  if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', failed);
  span.end(to);
}

/** Spans of a workflow have ids that every replay comes to; all others are drawn. */
function presettable(random: IdGenerator): IdGenerator & { preset(at: SpanAt, start: () => void): void } {
  let given: SpanAt | undefined;
  return {
    generateTraceId: () => given?.traceId ?? random.generateTraceId(),
    generateSpanId: () => given?.spanId ?? random.generateSpanId(),
    preset(at, start) {
      given = at;
      try {
        start();
      } finally {
        given = undefined;
      }
    },
  };
}

/** A collector that is away loses spans, and holds nothing up; that it is away is said once. */
function reportingOnce(exporter: SpanExporter, trouble: (error: unknown) => void): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined && !failing) trouble(result.error);
        failing = result.error !== undefined;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
