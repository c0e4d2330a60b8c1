/**
 * Where a collection takes feedback, from the workflow's first moment to its last. Nothing that a sender sent is ever thrown from here; what
 * does not count is counted.
 */
import { setCurrentDetails, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import {
  feedbackReceipt,
  feedbackResult,
  isComplete,
  stray,
  take,
  windowOf,
  type CollectFeedback,
  type Collection,
  type Undelivered,
} from '../../domain/feedback';
import { instant, type Instant } from '../../domain/gate';
import { visibleId } from '../../domain/visible';
import { now } from '../runtime/replay-clock';
import { takeSignals } from '../runtime/direct-signals';
import { code, literal } from '../markdown';
import { DESCRIPTIONS, feedbackQuery, feedbackReceiptQuery, feedbackSignal } from '../messages';

export interface FeedbackDesk {
  readonly start: CollectFeedback;
  /** When the window passes. */
  readonly closesAt: Instant;
  collection(): Collection;
  isComplete(): boolean;
  /** Nothing more is taken. */
  close(): void;
  /** Signals that this run has taken. */
  signals(): number;
}

/** What one run hands to the next. */
export interface CarriedDesk {
  readonly collection: Collection;
  readonly closesAt: Instant;
}

export function openFeedbackDesk(
  start: CollectFeedback,
  begun: CarriedDesk,
  undelivered: () => readonly Undelivered[],
): FeedbackDesk {
  let { collection } = begun;
  let signals = 0;
  const { closesAt } = begun;
  const show = () => {
    setCurrentDetails(details(start, closesAt, collection));
  };
  const taken = (next: Collection) => {
    signals += 1;
    if (next === collection) return;
    collection = next;
    show();
  };
  const feedback = (payload: unknown) => {
    taken(take(collection, payload, instant(now())));
  };
  const other = () => {
    taken(stray(collection));
  };
  takeSignals({ name: feedbackSignal.name, handler: feedback, stray: other });
  setHandler(feedbackSignal, feedback, { description: DESCRIPTIONS.feedback });
  setHandler(feedbackQuery, () => feedbackResult(collection, undelivered()), {
    description: DESCRIPTIONS.collected,
  });
  setHandler(feedbackReceiptQuery, (id) => feedbackReceipt(collection, typeof id === 'string' ? id : ''), {
    description: DESCRIPTIONS.feedbackReceipt,
  });
  setDefaultSignalHandler(other);
  show();
  return {
    start,
    closesAt,
    collection: () => collection,
    isComplete: () => isComplete(start, collection),
    close() {
      collection = { ...collection, closed: true };
      show();
    },
    signals: () => signals,
  };
}

export function beginning(start: CollectFeedback, nothing: Collection): CarriedDesk {
  return { collection: nothing, closesAt: now() + windowOf(start) };
}

function details(
  { runId, keys }: CollectFeedback,
  closesAt: Instant,
  { taken, refused, closed }: Collection,
): string {
  const left = keys?.filter((key) => !taken.some(({ feedback }) => feedback.key === key)) ?? [];
  const example = { v: 1, id: 'NEW-FOR-EACH', reviewer: 'YOUR-NAME', key: left[0] ?? 'WHAT', score: 1 };
  return [
    `Feedback on the run ${code(visibleId(runId))}: ${String(taken.length)} so far, ${String(refused)} refused.`,
    ...(closed ? ['The collection is over; what there is is brought to where it belongs.'] : []),
    ...(closed
      ? []
      : [`Open until ${instant(closesAt)}${keys === undefined ? '' : ', or each key has a score'}.`]),
    ...(keys === undefined || closed
      ? []
      : [`Without a score: ${left.map((key) => code(visibleId(key))).join(', ')}.`]),
    ...(closed
      ? []
      : [
          `**To give one**, choose *More Actions*, *Send a Signal*, ${code(feedbackSignal.name)}, and paste this, with a score from 0 to 1:`,
          literal(JSON.stringify(example)),
        ]),
  ].join('\n\n');
}
