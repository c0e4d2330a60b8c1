/**
 * An activity on another task queue, in any language. The queue is checked against an allow-list, and is never our own:
 * there an agent could name Countersign's own activities, `execute` among them, and approve itself.
 */
import { z } from 'zod';
import { Duration } from '../domain/duration';
import { verbAndTarget } from '../domain/phrase';
import { Id, JsonValue } from '../domain/proposal';
import type { RemoteAction } from './action';

export interface RemoteOptions {
  readonly ownTaskQueue: string;
  /** The queues that may be named. Undefined: any but our own, which only `countersign dev` chooses. */
  readonly taskQueues: readonly string[] | undefined;
}

export function createRemote({ ownTaskQueue, taskQueues }: RemoteOptions): RemoteAction {
  const input = z.strictObject({
    taskQueue: Id.superRefine((queue, context) => {
      const message = refusal(queue, ownTaskQueue, taskQueues);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }).meta(taskQueues === undefined || taskQueues.length === 0 ? {} : { enum: [...taskQueues] }),
    /** The activity's type, as its worker registered it. */
    activity: Id,
    /** Reaches the activity as `{ input, key, workflowId, digest, permit }`. */
    input: JsonValue.refine((value: unknown) => value !== undefined, {
      error: 'required: what the activity gets; null where it needs nothing',
    }),
    timeout: Duration.default('1 minute'),
  });
  const action: RemoteAction<typeof input> = {
    name: 'remote',
    input,
    risk: 'medium',
    offered: taskQueues === undefined || taskQueues.length > 0,
    phrase: ({ activity }) => verbAndTarget('run', activity),
    dispatch: (args) => args,
  };
  return action;
}

function refusal(queue: string, own: string, allowed: readonly string[] | undefined): string | undefined {
  if (queue === own)
    return `${queue} is Countersign's own task queue, which no proposal may reach; use another worker's`;
  if (allowed === undefined || allowed.includes(queue)) return undefined;
  return allowed.length === 0
    ? 'no task queue is allowed: export taskQueues = ["…"] from the module that COUNTERSIGN_ACTIONS names'
    : `not an allowed task queue (${allowed.join(', ')}); add it to the taskQueues that the actions module exports`;
}
