/** The gate's search attributes. They are readable by anybody who may list workflows: states and names, never content. */
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { Gate } from '../domain/gate';
import { firstLevel } from '../domain/policy';
import { CountersignApprovers, CountersignDueAt, CountersignRisk, CountersignState } from './messages';

/** Makes the inbox one visibility query. An execution that ends well costs no further event: `approved` stays true. */
export function announce(before: Gate | undefined, next: Gate): void {
  if (next.status === 'closed') {
    if (next.outcome !== 'executed' && next.outcome !== 'approved') announceState(next.outcome);
  } else if (before === undefined)
    upsertSearchAttributes([
      { key: CountersignState, value: next.status },
      { key: CountersignApprovers, value: approvers(next) },
      { key: CountersignRisk, value: next.assessment.risk },
      { key: CountersignDueAt, value: new Date(next.deadline) },
    ]);
  else if (before.status === 'proposing')
    upsertSearchAttributes([
      { key: CountersignState, value: next.status },
      { key: CountersignRisk, value: next.assessment.risk },
      { key: CountersignDueAt, value: new Date(next.deadline) },
    ]);
  else announceState(next.status);
}

export function announceState(state: string): void {
  upsertSearchAttributes([{ key: CountersignState, value: state }]);
}

/** The server takes 2 KiB a search attribute: where the names are more, the gate shows in everybody's inbox. */
function approvers(gate: Gate): string[] {
  const people = firstLevel(gate.policy).approvers.people ?? [];
  return JSON.stringify(people).length <= 1_800 ? people : ['*'];
}
