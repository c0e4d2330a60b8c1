/**
 * How local activities answer: with the time at which the workflow called them, so that a replay finds it in the marker. The workflow's
 * half is `src/workflows/runtime/replay-clock.ts`.
 */
import { activityInfo } from '@temporalio/activity';
import type { Activities } from './types';

export interface Timed<Result> {
  /** Milliseconds since 1970, by the workflow's clock. */
  readonly at: number;
  /** Absent where the activity answers nothing. */
  readonly answer?: Result;
}

/** The activities as a worker registers them. */
export function timed(activities: Activities): object {
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [
      name,
      async (request: never, at: number): Promise<unknown> => {
        const answer = await (activity as (request: never) => Promise<unknown>)(request);
        return activityInfo().isLocal ? { at, answer } : answer;
      },
    ]),
  );
}
