/** A workflow of somebody's own that looks like a gate: to the inbox by its search attributes, to whoever asks by its answers. */
import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { CountersignApprovers, CountersignRisk, CountersignState } from '../../src/workflows/messages';

/** @param packet what it shows; under its own id, where it names none */
export async function fake(packet: Record<string, unknown>): Promise<unknown[]> {
  const caught: unknown[] = [];
  let over = false;
  const { workflowId } = workflowInfo();
  const receipt = (id: unknown) => ({ id, status: 'admitted', gate: 'main', revision: 1 });
  const take = (decision: unknown) => {
    caught.push(decision);
    return receipt((decision as { id?: unknown }).id);
  };
  setHandler(defineQuery('gate'), () => ({ workflowId, ...packet }));
  setHandler(defineQuery<unknown, [unknown]>('receipt'), receipt);
  setHandler(defineQuery<unknown, [unknown]>('admit'), (decision) =>
    receipt((decision as { id?: unknown }).id),
  );
  setHandler(defineSignal<[unknown]>('decide'), (decision) => {
    take(decision);
  });
  setHandler(defineUpdate<unknown, [unknown]>('decide'), take);
  setHandler(defineSignal('over'), () => {
    over = true;
  });
  upsertSearchAttributes([
    { key: CountersignState, value: 'open' },
    { key: CountersignApprovers, value: ['ana'] },
    { key: CountersignRisk, value: 'low' },
  ]);
  await condition(() => over);
  return caught;
}
