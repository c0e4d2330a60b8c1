/** One timer that can be set to another time: set to the same one it is left alone, and costs nothing more. */
import { CancellationScope, sleep } from '@temporalio/workflow';
import type { Instant } from '../../domain/gate';
import { now } from './replay-clock';

export interface Timer {
  /** @param summary what the Web UI says of the timer */
  set(at: Instant, summary: string): void;
  /** When it fires, or fired. */
  at(): Instant | undefined;
  hasFired(): boolean;
  /** Takes back a timer that has not fired. */
  cancel(): void;
}

export function openTimer(): Timer {
  let at: Instant | undefined;
  let fired = false;
  let scope: CancellationScope | undefined;
  const cancel = () => {
    if (!fired) scope?.cancel();
    scope = undefined;
  };
  return {
    set(to, summary) {
      if (to === at) return;
      cancel();
      at = to;
      fired = false;
      const mine = new CancellationScope();
      scope = mine;
      mine
        .run(() => sleep(Math.max(1, to - now()), { summary }))
        .then(
          () => {
            if (scope === mine) fired = true;
          },
          () => undefined, // taken back
        );
    },
    at: () => at,
    hasFired: () => fired,
    cancel,
  };
}
