/** The worker's part of a trace: activities as spans under the workflow that called them, and what workflows tell of themselves. */
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { DECIDED_HEADER, spanAt, TRACE_HEADER, type SpanAt } from '../domain/trace';
import type { TraceSinks } from '../workflows/runtime/tracing';
import { errorOf } from './errors';
import { linksTo, under, type Traces } from './traces';

/** @param known the names of actions: whoever may start an activity may call it anything */
export function tracedActivities(
  { tracer }: Traces,
  known: (action: string) => boolean,
): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      execute(input, next) {
        const { activityType, activityId, attempt, isLocal, workflowExecution } = info;
        const action = actionIn(input.args[0]);
        const attributes = {
          temporalActivityId: activityId,
          temporalAttempt: attempt,
          temporalLocal: isLocal,
          ...(workflowExecution === undefined
            ? {}
            : { temporalWorkflowId: workflowExecution.workflowId, temporalRunId: workflowExecution.runId }),
          ...(action !== undefined && known(action) ? { 'countersign.action': action } : {}),
        };
        const links = linksTo(read(input.headers, DECIDED_HEADER));
        const options = { kind: SpanKind.CONSUMER, attributes, links };
        const at = under(read(input.headers, TRACE_HEADER));
        return tracer.startActiveSpan(`activity ${activityType}`, options, at, async (span) => {
          try {
            return await next(input);
          } catch (error) {
            const { name, code } = errorOf(error);
            span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', code ?? name);
            throw error;
          } finally {
            span.end();
          }
        });
      },
    },
  });
}

export function toldByWorkflows(traces: Traces): InjectedSinks<TraceSinks> {
  return {
    countersignTraces: {
      span: {
        callDuringReplay: false,
        fn(_, span) {
          traces.tell(span);
        },
      },
    },
  };
}

/** Of `execute` and `assess`; of `recordAndExecute` it is one deeper. */
function actionIn(request: unknown): string | undefined {
  const { action, execution } = (request ?? {}) as { action?: unknown; execution?: { action?: unknown } };
  const found = action ?? execution?.action;
  return typeof found === 'string' ? found : undefined;
}

function read(headers: Record<string, Payload>, name: string): SpanAt | undefined {
  const payload = headers[name];
  if (payload === undefined) return undefined;
  try {
    return spanAt(defaultPayloadConverter.fromPayload(payload));
  } catch {
    return undefined;
  }
}
