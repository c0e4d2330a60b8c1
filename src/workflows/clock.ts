/**
 * Local activities, and the time that goes into the record. After a local activity the SDK's clock shows one time while the workflow runs and
 * may show another, by hundreds of milliseconds, when it is replayed; deadlines and the audit's hashes must not change
 * with a restart of the worker. So the clock stands still from there to the end of the workflow task.
 */
import { workflowInfo } from '@temporalio/workflow';

let known = 0;
let stopped = -1;

/** Milliseconds since 1970, the same at every replay. */
export function now(): number {
  if (workflowInfo().historyLength !== stopped) known = Math.max(known, Date.now());
  return known;
}

/** For queries, which leave no trace in the clock either. */
export function glance(): number {
  return Date.now();
}

/** The local activity that is in flight. */
let running: Promise<unknown> | undefined;

/**
 * A local activity, after which the clock stands still; one at a time, first come first served. Of two at once a replay does not know
 * which ended first: it hands both results over together, and what each of them leads to happens in another order than it did.
 */
export function stoppingClock<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    while (running !== undefined) await running;
    now();
    const mine = activity(...args);
    running = mine.then(over, over);
    try {
      return await mine;
    } finally {
      stopped = workflowInfo().historyLength;
      running = undefined;
    }
  };
}

function over(): void {
  // Whoever waits for its turn does not care how this one ended.
}
