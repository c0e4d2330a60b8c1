/** Feedback into our own store, and on to wherever else it goes. */
import { activityInfo, ApplicationFailure, cancellationSignal } from '@temporalio/activity';
import { Feedback } from '../domain/feedback';
import { guard } from '../domain/json';
import type { FeedbackSink } from '../providers/feedback/sink';
import type { FeedbackStore } from '../store/feedback-store';
import type { Activities } from './types';

/** @param failed what an error means for the next attempt */
export function feedbackActivities(
  to: { readonly store: FeedbackStore; readonly sink?: FeedbackSink | undefined },
  failed: (error: unknown) => unknown,
): Pick<Activities, 'keepFeedback' | 'sendFeedback'> {
  return {
    async keepFeedback({ runId, taken, judged }) {
      const workflowId = collector();
      const records = taken.map(({ feedback, at }) => ({
        runId,
        feedback: fitting(feedback),
        at,
        workflowId,
      }));
      await to.store.keep(records, judged === undefined ? undefined : { runId, ...judged });
      return { onward: to.sink !== undefined };
    },

    async sendFeedback({ runId, feedback }) {
      const delivery = { runId, feedback: fitting(feedback), workflowId: collector() };
      try {
        await to.sink?.send(delivery, cancellationSignal());
      } catch (error) {
        throw failed(error);
      }
    },
  };
}

/** Whoever may write to the namespace can schedule any activity with anything. */
function fitting(feedback: unknown): Feedback {
  const parsed = guard(feedback) === undefined ? Feedback.safeParse(feedback) : undefined;
  if (parsed?.success === true) return parsed.data;
  throw ApplicationFailure.nonRetryable('it is no feedback', 'MALFORMED_FEEDBACK');
}

function collector(): string {
  return activityInfo().workflowExecution?.workflowId ?? '';
}
