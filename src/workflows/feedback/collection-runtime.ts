/**
 * One collection of feedback in its workflow: what has come so far, and its mailbox. Nothing that a sender sent is ever thrown from here;
 * what does not count is counted.
 */
import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import {
  feedbackReceipt,
  feedbackResult,
  isComplete,
  NOTHING,
  stray,
  take,
  windowOf,
  type CollectFeedback,
  type Collection,
  type Undelivered,
} from '../../domain/feedback';
import { instant, type Instant } from '../../domain/gate';
import { DESCRIPTIONS, feedbackQuery, feedbackReceiptQuery, feedbackSignal } from '../messages';
import { bindSignals } from '../runtime/handlers';
import { now } from '../runtime/replay-clock';
import { feedbackDetails } from '../web-ui/feedback-details';

export interface CollectionRuntime {
  /** When the window passes. */
  readonly closesAt: Instant;
  collection(): Collection;
  /** More is to come: a key has no score yet, and nobody has closed it. */
  isOpen(): boolean;
  /** Nothing more is taken. */
  close(): void;
  /** Signals that this run has taken. */
  signals(): number;
}

/** What one run hands to the next. */
export interface CarriedCollection {
  readonly collection: Collection;
  readonly closesAt: Instant;
}

export function openCollection(
  start: CollectFeedback,
  carried: CarriedCollection | undefined,
  undelivered: () => readonly Undelivered[],
): CollectionRuntime {
  const begun = carried ?? { collection: NOTHING, closesAt: now() + windowOf(start) };
  const { closesAt } = begun;
  let { collection } = begun;
  const show = () => setCurrentDetails(feedbackDetails(start, closesAt, collection));
  const becomes = (next: Collection) => {
    if (next === collection) return;
    collection = next;
    show();
  };
  const signals = bindSignals(
    {
      signal: feedbackSignal,
      description: DESCRIPTIONS.feedback,
      take: (payload) => becomes(take(collection, payload, instant(now()))),
      takeStray: () => becomes(stray(collection)),
    },
    () => {
      const result = () => feedbackResult(collection, undelivered());
      setHandler(feedbackQuery, result, { description: DESCRIPTIONS.collected });
      const receipt = (id: unknown) => feedbackReceipt(collection, typeof id === 'string' ? id : '');
      setHandler(feedbackReceiptQuery, receipt, { description: DESCRIPTIONS.feedbackReceipt });
    },
  );
  show();
  return {
    closesAt,
    collection: () => collection,
    isOpen: () => !collection.closed && !isComplete(start, collection),
    close() {
      collection = { ...collection, closed: true };
      show();
    },
    signals,
  };
}
