/**
 * A workflow that asks people runs once, in as many runs as it itself goes on in: a cron schedule or a retry would ask them again under the
 * same digest. And a run goes on with what the run before left only where that was one of ours, by the server's word, before
 * anything is opened: whoever may write to the namespace can have a workflow of his own continue as ours, with any arguments.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/types';
import type { Fact } from '../../domain/audit';
import type { Unreadable } from '../../domain/carried';
import type { AuditHead } from '../../domain/packet';
import { continued } from './activities';
import { invalidInput } from './invalid-input';

const LONGEST_WAIT = 5 * 60_000;

/** What a run goes on with. */
export interface EarlierRun<T> {
  readonly carried: T;
  /** For the record of this run. */
  readonly fact: Extract<Fact, { type: 'continued' }>;
  /** Nobody knows any more what came before: nothing of `carried` counts, but the record ends here. */
  readonly ends?: AuditHead;
}

/** @throws ApplicationFailure RUN_REPEATED */
export function mustRunOnce(): void {
  const { cronSchedule, attempt } = workflowInfo();
  if (cronSchedule)
    throw failure(
      'RUN_REPEATED',
      'it runs by a cron schedule, and people are not asked again under the digest that they have decided; use a Schedule, which starts a workflow a time',
    );
  if (attempt !== 1)
    throw failure(
      'RUN_REPEATED',
      'it is a retry of an earlier run, and people are not asked again under the digest that they have decided; start another workflow, without a retry policy',
    );
}

/**
 * Whether this run goes on with another one.
 * @throws ApplicationFailure RUN_REPEATED; INVALID_INPUT where the first run was given what a run leaves; NOT_CONTINUED_BY_US
 */
export function continuesRun(carried?: unknown): boolean {
  mustRunOnce();
  const first = workflowInfo().continuedFromExecutionRunId === undefined;
  if (first && carried !== undefined) throw invalidInput('it takes one argument');
  if (!first && carried === undefined)
    throw notContinuedByUs('another workflow’s run has gone on as this one');
  return !first;
}

/**
 * What the run before left, once the server has said that it was ours. Meanwhile signals wait by themselves; updates need `holdUpdates`.
 * @throws ApplicationFailure NOT_CONTINUED_BY_US
 */
export async function takeOver<T>(carried: T, unreadable: Unreadable): Promise<EarlierRun<T>> {
  const { originalExecutionRunId: runId, continuedFromExecutionRunId: from = '' } = workflowInfo();
  const { gone } = await CancellationScope.nonCancellable(untilKnown);
  const problem = unreadable(carried);
  if (problem !== undefined) throw notContinuedByUs(`what the run before left cannot be read: ${problem}`);
  const fact = { type: 'continued' as const, runId, from };
  if (gone === undefined) return { carried, fact };
  const { entries, head } = gone;
  return { carried, fact: { ...fact, gone: gone.runId }, ends: { entries, head } };
}

/** The store may be away for longer than an activity is tried. */
async function untilKnown(): ReturnType<Activities['continued']> {
  for (let wait = 1_000; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      return await continued(undefined);
    } catch (error) {
      const inner = error instanceof ActivityFailure ? error.cause : error;
      if (inner instanceof ApplicationFailure && inner.nonRetryable === true) throw inner;
      setCurrentDetails(
        'It is not known yet whether this run may go on with the one before; it is asked again.',
      );
      await sleep(wait);
    }
  }
}

export function notContinuedByUs(why: string, wayOut = 'start the workflow anew'): ApplicationFailure {
  return failure('NOT_CONTINUED_BY_US', `${why}; ${wayOut}`);
}

function failure(code: string, why: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${code}: ${why}`, code);
}
