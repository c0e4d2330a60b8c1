/**
 * A story that ends on record whatever is cancelled: it runs out of reach of a cancellation, is told of it, and only what it runs in
 * `cancellable` (an agent, a child workflow, an effect) is called off.
 */
import { CancellationScope } from '@temporalio/workflow';

/** @param cancelled is called once, when the workflow is cancelled */
export async function outOfReach<T>(
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
