/** People's feedback on a run: taken until each key has a score or the window has passed, and brought to where it belongs; none is lost on the way. */
import { allHandlersFinished, condition } from '@temporalio/workflow';
import { unreadableFeedback } from '../../domain/carried';
import { feedbackResult, parseCollectFeedback, type FeedbackResult } from '../../domain/feedback';
import {
  openCollection,
  type CarriedCollection,
  type CollectionRuntime,
} from '../feedback/collection-runtime';
import { openDeliveries, type Deliveries, type DeliveryState } from '../feedback/deliveries';
import { shieldFromCancellation } from '../runtime/cancellation-shield';
import { nextRunOf, type NextRun } from '../runtime/continue-as-new';
import { continuesRun, takeOver } from '../runtime/earlier-runs';
import { orInvalidInput } from '../runtime/invalid-input';
import { now } from '../runtime/replay-clock';
import { openTimer } from '../runtime/timer';

/** What one run hands to the next. */
export interface CarriedFeedback {
  readonly desk: CarriedCollection;
  readonly deliveries: DeliveryState;
}

export async function collectFeedback(argument: unknown, carried?: CarriedFeedback): Promise<FeedbackResult> {
  const start = orInvalidInput(parseCollectFeedback(argument));
  // What it goes on with executes nothing and approves nothing: where an earlier run is gone it goes on all the same.
  const earlier = continuesRun(carried) ? (await takeOver(carried, unreadableFeedback)).carried : undefined;
  const deliveries = openDeliveries(start, earlier?.deliveries);
  const runtime = openCollection(start, earlier?.desk, () => deliveries.undelivered());
  const close = () => {
    runtime.close();
  };
  // Cancelled, nothing more is taken; what there is arrives all the same.
  return shieldFromCancellation(close, async () => {
    deliveries.begin(() => runtime.collection());
    await windowOver(runtime, nextRun(runtime, deliveries, argument));
    close();
    await condition(() => deliveries.settled() && allHandlersFinished());
    return feedbackResult(runtime.collection(), deliveries.undelivered());
  });
}

/** Resolves once each key has a score, the window has passed, or it is called off. */
async function windowOver(runtime: CollectionRuntime, next: NextRun): Promise<void> {
  const { closesAt } = runtime;
  const timer = openTimer();
  const wakesAt = () => Math.min(closesAt, next.dueAt() ?? closesAt);
  const timerIsOff = () => (timer.at() ?? 0) > Math.max(wakesAt(), now());
  while (runtime.isOpen() && now() < closesAt) {
    timer.set(Math.max(wakesAt(), now() + 1), 'window of the feedback');
    await condition(() => !runtime.isOpen() || timer.hasFired() || timerIsOff());
    if (runtime.isOpen() && now() < closesAt) await next.startIfDue();
  }
  timer.cancel();
}

function nextRun(runtime: CollectionRuntime, deliveries: Deliveries, argument: unknown): NextRun {
  const carried = (): CarriedFeedback => {
    const { closesAt } = runtime;
    return { desk: { collection: runtime.collection(), closesAt }, deliveries: deliveries.state() };
  };
  const continuable = {
    ledger: { store: () => Promise.resolve(undefined) }, // a collection has no record of its own
    signals: () => runtime.signals(),
    holds: () => false,
    isPending: () => runtime.isOpen(),
    carried,
  };
  return nextRunOf(continuable, argument);
}
