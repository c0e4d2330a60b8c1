/** A service that has OpenTelemetry of its own, as a program: starts a proposal and decides on it within a span. */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { connect, Countersign, temporalClient, traced } from '../../src';
import { until } from './app';

async function serve([
  address = '',
  collector = '',
  workflowId = '',
  argument = '',
]: readonly string[]): Promise<void> {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'orders' }),
    spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter({ url: `${collector}/v1/traces` }))],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const connected = await connect({ address });
  const client = temporalClient(connected, { workflow: [traced()] });
  const countersign = new Countersign({ client });
  await trace.getTracer('orders').startActiveSpan('order 1042', async (span) => {
    await countersign.start('proposeAndExecute', JSON.parse(argument) as unknown, workflowId);
    const { digest = '' } = await until(
      () => countersign.show(workflowId),
      ({ status }) => status === 'open',
    );
    const { status } = await countersign.decide(workflowId, { digest, verdict: 'approve', reviewer: 'bo' });
    if (status !== 'admitted') throw new Error(status);
    span.end();
  });
  await provider.shutdown();
  await connected.connection.close();
}

void serve(process.argv.slice(2));
