/** One timer that can be set to another time: set to the same one it is left alone, and costs nothing more. */
import { CancellationScope, sleep } from '@temporalio/workflow';
import type { Instant } from '../../domain/gate';
import { now } from './replay-clock';

export interface Alarm {
  /** @param summary what the Web UI says of the timer */
  set(at: Instant, summary: string): void;
  /** When it rings, or rang. */
  at(): Instant | undefined;
  rings(): boolean;
  /** Takes back a timer that has not rung. */
  off(): void;
}

export function openAlarm(): Alarm {
  let at: Instant | undefined;
  let rung = false;
  let scope: CancellationScope | undefined;
  const off = () => {
    if (!rung) scope?.cancel();
    scope = undefined;
  };
  return {
    set(to, summary) {
      if (to === at) return;
      off();
      at = to;
      rung = false;
      const mine = new CancellationScope();
      scope = mine;
      mine
        .run(() => sleep(Math.max(1, to - now()), { summary }))
        .then(
          () => {
            if (scope === mine) rung = true;
          },
          () => undefined, // taken back
        );
    },
    at: () => at,
    rings: () => rung,
    off,
  };
}
