/** A call to a provider as a span: who was asked for what kind of answer, how long it took, how many tokens; no word of either side. */
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ChosenModel } from './chosen-model';
import type { Ask } from './sdk';

/** Nothing where the process traces nothing. Nothing of the trace is sent to the provider. */
export function tracedAsk(ask: Ask, { provider, model }: ChosenModel): Ask {
  return (question) => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
      'countersign.question': question.answer.name,
    };
    const tracer = trace.getTracer('countersign');
    return tracer.startActiveSpan(`chat ${model}`, { kind: SpanKind.CLIENT, attributes }, async (span) => {
      try {
        const reply = await ask(question);
        const { inputTokens, outputTokens } = reply;
        if (inputTokens !== undefined) span.setAttribute('gen_ai.usage.input_tokens', inputTokens);
        if (outputTokens !== undefined) span.setAttribute('gen_ai.usage.output_tokens', outputTokens);
        return reply;
      } catch (error) {
        const failed = error instanceof Error ? error.name : 'Error';
        span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', failed);
        throw error;
      } finally {
        span.end();
      }
    });
  };
}
