/**
 * Local activities, and the time that goes into the record: the same at every replay, as deadlines and hashes are made of it.
 * `Date.now()` alone is not. Where a workflow task with nothing but a local activity in it, and with no command in the task before, has to be
 * answered before that ends (somebody queries, or it takes long), a replay goes through it and the next task as one, and shows the later
 * one's time from the beginning. So a local activity brings back the time at which it was called, which its marker keeps, and the clock
 * stands still there to the end of the task.
 */
import { workflowInfo } from '@temporalio/workflow';
import type { Timed } from '../../activities/timed';

/** A time that is read now and used later. One that a local activity was called at becomes what it was in the first place. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
}

let known: { at: number } = { at: 0 };
let stopped = -1;
let latest: { at: number; readonly task: number } = { at: 0, task: -1 };

export function moment(): Moment {
  const { historyLength: task } = workflowInfo();
  if (task === stopped) return known;
  if (latest.task !== task) latest = { at: Math.max(known.at, Date.now()), task };
  return latest;
}

/** Milliseconds since 1970, the same at every replay. */
export function now(): number {
  return moment().at;
}

/** For queries and metrics, which leave no trace in the clock either: what a local activity has pinned does not count. */
export function unpinnedNow(): number {
  return Date.now();
}

/** The local activity that is in flight. */
let running: Promise<unknown> | undefined;

/**
 * A local activity, after which the clock stands still; one at a time, first come first served. Of two at once a replay does not know
 * which ended first: it hands both results over together, and what each of them leads to happens in another order than it did.
 */
export function stoppingClock<Request, Result>(
  activity: (request: Request) => Promise<Result>,
): (request: Request) => Promise<Result> {
  const timed = activity as unknown as (request: Request, at: number) => Promise<Timed<Result>>;
  return async (request) => {
    while (running !== undefined) await running;
    const called = moment() as { at: number };
    const mine = timed(request, called.at);
    running = mine.then(over, over);
    try {
      const { at, answer } = await mine;
      if (Number.isFinite(at)) called.at = at;
      return answer as Result;
    } finally {
      known = { at: Math.max(known.at, called.at) };
      stopped = workflowInfo().historyLength;
      running = undefined;
    }
  };
}

function over(): void {
  // Whoever waits for its turn does not care how this one ended.
}
