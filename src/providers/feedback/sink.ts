/** Where feedback goes beside our own store: takes one, or says whether to try again. */
import type { Feedback } from '../../domain/feedback';

export interface Delivery {
  readonly runId: string;
  readonly feedback: Feedback;
  /** The collection that took it. */
  readonly workflowId: string;
}

export interface FeedbackSink {
  /**
   * Resolves once the other side has said that it has it. A repeat leaves it there once.
   * @throws TryLater where another attempt may do better; PermanentError where it would fare no better; the signal's reason
   */
  send(delivery: Delivery, signal: AbortSignal): Promise<void>;
}
