/** The floor: what one would write by hand, without Countersign; and the same with what Temporal offers for speed. */
import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';

export interface FloorActivities {
  floorPropose(task: string): Promise<object>;
  floorExecute(args: object, key: string): Promise<object>;
}

const { floorPropose, floorExecute } = proxyActivities<FloorActivities>({ startToCloseTimeout: '1 minute' });
const atOnce = proxyLocalActivities<FloorActivities>({ startToCloseTimeout: '1 minute' });

export const approveSignal = defineSignal<[string]>('approve');
export const approveUpdate = defineUpdate<object, [string]>('approveForOutcome');
export const stateQuery = defineQuery<'proposing' | 'waiting' | 'approved'>('state');

/** Propose activity (unless given), a signal with a timer, execute activity. */
export async function floor(given: { args: object } | { task: string }, key: string): Promise<object> {
  let by: string | undefined;
  let asked = false;
  setHandler(approveSignal, (reviewer) => {
    by = reviewer;
  });
  setHandler(stateQuery, () => (by !== undefined ? 'approved' : asked ? 'waiting' : 'proposing'));
  const args = 'args' in given ? given.args : await floorPropose(given.task);
  asked = true;
  if (!(await condition(() => by !== undefined, '1 day'))) return { outcome: 'expired' };
  return { outcome: 'executed', result: await floorExecute(args, key) };
}

/** The same as cheap as it gets: an update that answers with the outcome, the effect in the workflow task. */
export async function floorAtOnce({ args }: { args: object }, key: string): Promise<object> {
  let by: string | undefined;
  const done: object[] = [];
  setHandler(approveUpdate, async (reviewer) => {
    by = reviewer;
    await condition(() => done.length > 0);
    return done[0] ?? {};
  });
  if (!(await condition(() => by !== undefined, '1 day'))) return { outcome: 'expired' };
  const result = { outcome: 'executed', result: await atOnce.floorExecute(args, key) };
  done.push(result);
  await condition(allHandlersFinished);
  return result;
}
