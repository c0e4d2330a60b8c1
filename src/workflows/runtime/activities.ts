/** How each activity is called: where it runs, how long it may take, how often it is tried again. */
import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  scheduleActivity,
} from '@temporalio/workflow';
import type { Activities, Execution } from '../../activities/types';
import { milliseconds } from '../../domain/duration';
import type { Runs } from '../../domain/gate';
import type { Json } from '../../domain/json';
import type { Notice } from '../../domain/gate/notice';
import { EXECUTE_WITHIN, type Permit } from '../../domain/permit';
import { stoppingClock } from './replay-clock';

/** An agent may be slow or down for hours; its own errors say what is not worth another try. */
export const { propose } = proxyActivities<Pick<Activities, 'propose'>>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '1 day',
  // Short, so that a call is soon abandoned where the workflow is cancelled, and soon made again where a worker died.
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
  summary: 'ask the agent',
});

/** Short and without effect: a marker in the history instead of six events. */
export const assess = stoppingClock(
  proxyLocalActivities<Pick<Activities, 'assess'>>({
    startToCloseTimeout: '20 seconds',
    retry: { maximumAttempts: 3 },
  }).assess,
);

/** Visibility that does not answer lets nobody through. */
export function capacityCheck(wait: boolean, within: string) {
  return proxyActivities<Pick<Activities, 'place'>>({
    startToCloseTimeout: '20 seconds',
    scheduleToCloseTimeout: milliseconds(within),
    retry: { initialInterval: '1 second', backoffCoefficient: 1.5, maximumInterval: '15 seconds' },
    summary: wait ? 'wait for a place among the open gates' : 'is there a place among the open gates',
  }).place;
}

/** Fails soon, so that a store that is down costs the workflow a timer and not a busy task (see `Ledger.store`). */
export const record = stoppingClock(
  proxyLocalActivities<Pick<Activities, 'record'>>({
    startToCloseTimeout: '10 seconds',
    retry: { initialInterval: '100 milliseconds', maximumAttempts: 3 },
  }).record,
);

/** Nothing has given the record a seed yet, and something is to be stored. */
export const seed = stoppingClock(
  proxyLocalActivities<Pick<Activities, 'seed'>>({
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 3 },
  }).seed,
);

export const receiveTimes = stoppingClock(
  proxyLocalActivities<Pick<Activities, 'receiveTimes'>>({
    startToCloseTimeout: '20 seconds',
    retry: { maximumAttempts: 3 },
  }).receiveTimes,
);

/** Whether each run before this one was ours, by the server's word. */
export const continued = stoppingClock(
  proxyLocalActivities<Pick<Activities, 'continued'>>({
    startToCloseTimeout: '20 seconds',
    retry: { initialInterval: '100 milliseconds', maximumAttempts: 3 },
  }).continued,
);

/** Signatures of many decisions at once: a thousand in their handlers would take longer than a workflow task may. */
export const verify = stoppingClock(
  proxyLocalActivities<Pick<Activities, 'verify'>>({
    startToCloseTimeout: '20 seconds',
    retry: { maximumAttempts: 3 },
  }).verify,
);

/** A channel that is down is tried for a day; what it says at the end is not waited for as long. */
export function notifier(kind: Notice['kind']) {
  return proxyActivities<Pick<Activities, 'notify'>>({
    startToCloseTimeout: '30 seconds',
    scheduleToCloseTimeout: kind === 'closed' ? '10 minutes' : '1 day',
    retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
    summary: `tell people: ${kind}`,
  }).notify;
}

/** Feedback is brought to where it belongs for as many milliseconds; only what the other side would refuse again is given up before. */
export function carrier(within: number) {
  return proxyActivities<Pick<Activities, 'keepFeedback' | 'sendFeedback'>>({
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: within,
    retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
  });
}

/** One page of closed workflows, each beside what the store has of it. */
export const { reconcile: comparePage } = proxyActivities<Pick<Activities, 'reconcile'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '5 seconds', maximumInterval: '5 minutes' },
  summary: 'compare closed workflows with the store',
});

/** What an effect came to, found out and recorded in the same step. */
export const recordEffect = stoppingClock(
  proxyLocalActivities<Pick<Activities, 'recordEffect'>>({
    startToCloseTimeout: '10 seconds',
    retry: { initialInterval: '100 milliseconds', maximumAttempts: 3 },
  }).recordEffect,
);

/** A short effect, inside the workflow task: what does not come off at once is left to the durable way. */
export const executeInline = stoppingClock(
  proxyLocalActivities<Pick<Activities, 'recordAndExecute'>>({
    startToCloseTimeout: '5 seconds',
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }).recordAndExecute,
);

/** What an activity on another task queue gets. */
export interface RemoteInput {
  readonly input: Json;
  readonly key: string;
  readonly workflowId: string;
  readonly digest: string;
  /** Countersign's worker vouches for this very call; `countersign/permit` checks it. */
  readonly permit: Permit;
}

/**
 * Calls `execute` in our own worker, or an activity of any name on another task queue.
 * @param within milliseconds that are left for all attempts
 */
export function executor(
  runs: Exclude<Runs, { in: 'nowhere' }>,
  summary: string,
  within: number = milliseconds(EXECUTE_WITHIN),
) {
  return (activity: string, input: Execution | RemoteInput): Promise<Json> =>
    scheduleActivity<Json>(activity, [input], {
      ...(runs.in === 'queue' ? { taskQueue: runs.taskQueue } : {}),
      startToCloseTimeout: milliseconds(runs.timeout),
      // Our own executor heartbeats, so that a killed worker's attempt is tried again long before its time is up.
      ...(runs.in === 'worker' ? { heartbeatTimeout: '30 seconds' as const } : {}),
      scheduleToCloseTimeout: Math.max(1, within),
      // What runs is left to end, so that its result counts; what waits for another try is called off.
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      retry: {
        initialInterval: '1 second',
        maximumInterval: '1 minute',
        ...(runs.in === 'queue' ? { nonRetryableErrorTypes: ['PermitError'] } : {}),
        ...(runs.in === 'worker' && runs.attempts !== undefined ? { maximumAttempts: runs.attempts } : {}),
      },
      summary,
    });
}
