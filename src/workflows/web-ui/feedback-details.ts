/** What the Temporal Web UI shows of a collection of feedback, in Markdown, with a feedback that can be pasted as it is. */
import type { CollectFeedback, Collection } from '../../domain/feedback';
import { instant, type Instant } from '../../domain/gate';
import { visibleId } from '../../domain/visible';
import { code, literal } from '../markdown';
import { feedbackSignal } from '../messages';

export function feedbackDetails(
  { runId, keys }: CollectFeedback,
  closesAt: Instant,
  { taken, refused, closed }: Collection,
): string {
  const soFar = `Feedback on the run ${code(visibleId(runId))}: ${String(taken.length)} so far, ${String(refused)} refused.`;
  if (closed)
    return [soFar, 'The collection is over; what there is is brought to where it belongs.'].join('\n\n');
  const left = keys?.filter((key) => !taken.some(({ feedback }) => feedback.key === key)) ?? [];
  const example = { v: 1, id: 'NEW-FOR-EACH', reviewer: 'YOUR-NAME', key: left[0] ?? 'WHAT', score: 1 };
  return [
    soFar,
    `Open until ${instant(closesAt)}${keys === undefined ? '' : ', or each key has a score'}.`,
    ...(keys === undefined
      ? []
      : [`Without a score: ${left.map((key) => code(visibleId(key))).join(', ')}.`]),
    `**To give one**, choose *More Actions*, *Send a Signal*, ${code(feedbackSignal.name)}, and paste this, with a score from 0 to 1:`,
    literal(JSON.stringify(example)),
  ].join('\n\n');
}
