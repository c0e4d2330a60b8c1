/** People's feedback on a run: taken until each key has a score or the window has passed, and brought to where it belongs; none is lost on the way. */
import { allHandlersFinished, condition } from '@temporalio/workflow';
import { unreadableFeedback } from '../../domain/carried';
import { feedbackResult, NOTHING, parseCollectFeedback, type FeedbackResult } from '../../domain/feedback';
import { openAlarm } from '../runtime/timer';
import { now } from '../runtime/replay-clock';
import { goesOn, takenOver } from '../runtime/earlier-runs';
import { openDeliveries, type Deliveries, type DeliveryState } from '../feedback/deliveries';
import {
  beginning,
  openFeedbackDesk,
  type CarriedDesk,
  type FeedbackDesk,
} from '../feedback/feedback-mailbox';
import { fitting } from '../runtime/invalid-input';
import { outOfReach } from '../runtime/cancellation-shield';
import { roller, type Rolling } from '../runtime/continue-as-new';

/** What one run hands to the next. */
export interface CarriedFeedback {
  readonly desk: CarriedDesk;
  readonly deliveries: DeliveryState;
}

export async function collectFeedback(argument: unknown, carried?: CarriedFeedback): Promise<FeedbackResult> {
  const start = fitting(parseCollectFeedback(argument));
  // What it goes on with executes nothing and approves nothing: where an earlier run is gone it goes on all the same.
  const before = goesOn(carried) ? (await takenOver(carried, unreadableFeedback)).carried : undefined;
  const deliveries = openDeliveries(start, before?.deliveries);
  const desk = openFeedbackDesk(start, before?.desk ?? beginning(start, NOTHING), () =>
    deliveries.undelivered(),
  );
  // Cancelled, nothing more is taken; what there is arrives all the same.
  const cancelled = () => {
    desk.close();
  };
  return outOfReach(cancelled, async () => {
    deliveries.begin(() => desk.collection());
    await collected(desk, roller(rollable(desk, deliveries), argument));
    desk.close();
    await condition(() => deliveries.settled() && allHandlersFinished());
    return feedbackResult(desk.collection(), deliveries.undelivered());
  });
}

/** Until each key has a score, the window has passed, or it is called off. */
async function collected(desk: FeedbackDesk, rolling: Rolling): Promise<void> {
  const alarm = openAlarm();
  const over = () => desk.isComplete() || desk.collection().closed;
  const next = () => Math.min(desk.closesAt, rolling.at() ?? desk.closesAt);
  while (!over() && now() < desk.closesAt) {
    alarm.set(Math.max(next(), now() + 1), 'window of the feedback');
    await condition(() => over() || alarm.rings() || (alarm.at() ?? 0) > Math.max(next(), now()));
    if (!over() && now() < desk.closesAt) await rolling.rollOver();
  }
  alarm.off();
}

function rollable(desk: FeedbackDesk, deliveries: Deliveries) {
  return {
    ledger: { store: () => Promise.resolve(undefined) },
    signals: () => desk.signals(),
    holds: () => false,
    going: () => !desk.isComplete() && !desk.collection().closed,
    carried: (): CarriedFeedback => ({
      desk: { collection: desk.collection(), closesAt: desk.closesAt },
      deliveries: deliveries.state(),
    }),
  };
}
