/** A workflow's story ends on record whatever is cancelled: it runs where no cancellation reaches it, and is told of one. */
import { CancellationScope } from '@temporalio/workflow';

/**
 * @param cancelled is called once, when the workflow is cancelled
 * @param story runs what may be called off (an agent, a child workflow, an effect) in `cancellable`, and nothing else
 */
export async function shieldFromCancellation<T>(
  cancelled: () => void,
  story: (cancellable: CancellationScope) => Promise<T>,
): Promise<T> {
  const current = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    const cancellable = new CancellationScope({ cancellable: true });
    current.cancelRequested.catch(() => {
      cancellable.cancel();
      cancelled();
    });
    return story(cancellable);
  });
}
