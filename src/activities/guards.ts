/**
 * Who may call which activity. Whoever may write to the namespace can schedule any activity on our task queue, from a workflow of his
 * own; so each says here whom it answers. A new activity does not compile without a line of its own.
 */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { WORKFLOW } from '../domain/workflow-types';
import { startOf, thisRun } from './server';
import type { Activities } from './types';

/** Whatever is sent is a claim: a guard that looks at it takes nothing for granted. */
type Guard = (request: never) => void | Promise<void>;

const GUARDS: { readonly [Name in keyof Activities]: Guard } = {
  // Called by the workflow code of this worker alone: nobody else can have it run one inside a workflow task.
  assess: local, // tells the rules, the directory and what a preview reads
  verify: local, // tells which signatures are good
  receiveTimes: local, // tells what a history holds
  continued: local, // tells what the record holds
  record: local, // writes the evidence that the executor goes by
  recordAndExecute: local,
  recordEffect: local,
  seed: local, // is what the salts of a record are made of
  // Scheduled by the server; it says which workflow asks, and that one has to run on our own task queue.
  propose: ofOurQueue, // costs a model's call, and its lessons quote what people wrote
  place: ofOurQueue, // tells how many gates are open, and whose
  notify: ofItsGate, // our channels speak of no gate of somebody else's
  keepFeedback: ofType(WORKFLOW.collectFeedback), // stores under the name of the workflow that asks
  sendFeedback: ofType(WORKFLOW.collectFeedback),
  reconcile: ofType(WORKFLOW.reconcile), // reads every workflow of the queue, and what the record has of it
  // Whose workflow asks is a part of the judgement, and has a code there.
  execute: () => undefined,
};

/** The activities as a worker registers them: each refuses whom it does not answer, before anything else. */
export function guarded(activities: Activities): Activities {
  const names = Object.keys(GUARDS) as (keyof Activities)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      async (request: never) => {
        await GUARDS[name](request);
        return (activities[name] as (request: never) => Promise<unknown>)(request);
      },
    ]),
  ) as unknown as Activities;
}

function local(): void {
  if (activityInfo().isLocal) return;
  throw ApplicationFailure.nonRetryable(
    `${activityInfo().activityType} is called by Countersign’s own workflows alone, inside their workflow tasks`,
    'NOT_LOCAL',
  );
}

async function ofOurQueue(): Promise<void> {
  const { taskQueue, activityType } = activityInfo();
  const { taskQueue: asksFrom } = await startOf(thisRun());
  if (asksFrom !== taskQueue)
    throw notIts(`${activityType} is called by the workflows of the task queue ${taskQueue} alone`);
}

function ofType(type: string): () => Promise<void> {
  return async () => {
    if (activityInfo().workflowType !== type)
      throw notIts(`${activityInfo().activityType} is called by ${type} alone`);
    await ofOurQueue();
  };
}

async function ofItsGate(notice?: { readonly workflowId?: unknown }): Promise<void> {
  if (thisRun().workflowId !== notice?.workflowId) throw notIts('a workflow tells of its own gate alone');
  await ofOurQueue();
}

function notIts(why: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(why, 'NOT_ITS_WORKFLOW');
}
