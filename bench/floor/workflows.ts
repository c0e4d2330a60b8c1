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

/** How many approvals have been asked for. */
export const askedQuery = defineQuery<number>('asked');

/** Waits for the next of many approvals, as by hand: a signal with a timer. */
function approvals(): () => Promise<boolean> {
  let said = 0;
  let asked = 0;
  setHandler(approveSignal, () => {
    said += 1;
  });
  setHandler(askedQuery, () => asked);
  return () => {
    asked += 1;
    return condition(() => said >= asked, '1 day');
  };
}

/** Steps one after the other: proposed by an agent, where it is asked; approved; executed. Then what is to be taken back. */
export async function floorPlan(steps: number, agent: boolean, undone: number, key: string): Promise<object> {
  const approved = approvals();
  const asked = undone > 0 ? steps + 1 : steps;
  for (let step = 0; step < asked; step += 1) {
    const args = agent ? await floorPropose(key) : { step };
    await approved();
    if (step < steps) await floorExecute(args, `${key}-${String(step)}`);
  }
  for (let step = undone; step > 0; step -= 1) await floorExecute({ step }, `${key}-back-${String(step)}`);
  return { completed: undone === 0 };
}

/** An agent's output, reviewed as often as it takes. */
export async function floorReview(revisions: number, key: string): Promise<object> {
  const approved = approvals();
  let output: object = {};
  for (let revision = 0; revision < revisions; revision += 1) {
    output = await floorPropose(key);
    await approved();
  }
  return output;
}

/** Agents one after the other, then people. */
export async function floorLadder(agents: number, people: number, key: string): Promise<object> {
  const approved = approvals();
  let output: object = {};
  for (let agent = 0; agent < agents; agent += 1) output = await floorPropose(key);
  for (let person = 0; person < people; person += 1) await approved();
  return output;
}
